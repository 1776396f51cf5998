package io.neurflow.core.store;

import com.google.common.hash.Hashing;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** An entry as a file has it: {@code NFENTRY1}, the key's digest, the length, the bytes, and SHA-256 of all of that. */
final class Entry {
    private static final long MAGIC = 0x4e46454e54525931L;
    private static final int DIGEST = 32;
    private static final int HEAD = Long.BYTES + DIGEST + Integer.BYTES;

    private Entry() {}

    static byte[] seal(byte[] key, byte[] content) {
        int end = Math.addExact(content.length, HEAD);
        ByteBuffer out = ByteBuffer.allocate(Math.addExact(end, DIGEST));
        out.putLong(MAGIC).put(key).putInt(content.length).put(content);
        return out.put(digest(out.array(), end)).array();
    }

    /** The content; absent if a single bit is not as it was, or it is the entry of another key. */
    static Optional<byte[]> open(byte[] key, byte[] file) {
        int end = file.length - DIGEST;
        if (end < HEAD) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(file);
        boolean ours = in.getLong() == MAGIC;
        byte[] itsKey = new byte[DIGEST];
        in.get(itsKey);
        boolean whole = in.getInt() == end - HEAD
                && Arrays.equals(file, end, file.length, digest(file, end), 0, DIGEST)
                && Arrays.equals(itsKey, key);
        return ours && whole ? Optional.of(Arrays.copyOfRange(file, HEAD, end)) : Optional.empty();
    }

    private static byte[] digest(byte[] bytes, int length) {
        return Hashing.sha256().hashBytes(bytes, 0, length).asBytes();
    }
}
