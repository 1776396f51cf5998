package io.neurflow.core.hostile;

import com.google.common.hash.Hashing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** What a clever attacker does after the harm: puts lengths and checksums right again, so that it gets past the gate. */
final class Repair {
    private Repair() {}

    static byte[] none(byte[] bytes, Random random) {
        return bytes;
    }

    /** Right checksums for all chunks of a PNG file whose lengths lead to one. */
    static byte[] png(byte[] bytes, Random random) {
        byte[] out = bytes.clone();
        ByteBuffer in = ByteBuffer.wrap(out);
        for (int at = 8; at + 12 <= out.length; ) {
            int length = in.getInt(at);
            if (length < 0 || length > out.length - at - 12) {
                break;
            }
            CRC32 crc = new CRC32();
            crc.update(out, at + 4, length + 4);
            in.putInt(at + 8 + length, (int) crc.getValue());
            at += 12 + length;
        }
        return out;
    }

    /** Harm within the parts of a zip archive, whose checksums and sizes fit. */
    static byte[] zip(byte[] bytes, Random random) {
        Map<String, byte[]> parts = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                parts.put(entry.getName(), in.readNBytes(1 << 22));
            }
        } catch (IOException | IllegalArgumentException e) {
            return bytes;
        }
        if (parts.isEmpty()) {
            return bytes;
        }
        String chosen = parts.keySet().stream()
                .skip(random.nextInt(parts.size()))
                .findFirst()
                .orElseThrow();
        byte[] part = parts.getOrDefault(chosen, new byte[0]);
        boolean isText = chosen.endsWith(".json");
        parts.put(chosen, isText || (part.length > 3 && part[1] == 'H') ? text(part, random) : words(part, random));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> each : parts.entrySet()) {
                zip.putNextEntry(new ZipEntry(each.getKey()));
                zip.write(each.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Numbers and words of text within a file are changed, and nothing moves: what counts bytes still counts right. */
    static byte[] text(byte[] bytes, Random random) {
        if (bytes.length < 64 || random.nextInt(4) == 0) {
            return words(bytes, random);
        }
        byte[] out = bytes.clone();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(out.length);
            for (int tries = 0; tries < out.length && !isDigit(out[at]) && tries < 20_000; tries++) {
                at = (at + 1) % out.length;
            }
            switch (random.nextInt(4)) {
                case 0 -> out[at] = '-';
                case 1 -> {
                    for (int k = at; k < out.length && (isDigit(out[k]) || out[k] == ',' || out[k] == ' '); k++) {
                        out[k] = '9';
                    }
                }
                case 2 -> {
                    // One piece of text over another of the same length.
                    int length = Math.min(1 + random.nextInt(40), out.length - at);
                    int from = random.nextInt(out.length - length);
                    System.arraycopy(bytes, from, out, at, length);
                }
                default -> out[at] = (byte) ('0' + random.nextInt(10));
            }
        }
        return out;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Aligned words of 4 or 8 bytes, little endian, become numbers that tend to break things; nothing moves. */
    static byte[] words(byte[] bytes, Random random) {
        if (bytes.length < 16) {
            return bytes;
        }
        ByteBuffer out = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
        Mutator mutator = new Mutator(random);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(bytes.length / 8) * 8;
            switch (random.nextInt(4)) {
                case 0 -> out.putLong(at, mutator.number());
                case 1 -> out.putInt(at + 4 * random.nextInt(2), (int) mutator.number());
                case 2 -> out.putInt(at, out.getInt(at) + random.nextInt(17) - 8);
                default -> out.putLong(at, out.getLong(random.nextInt(bytes.length / 8) * 8));
            }
        }
        return out.array();
    }

    /** The right length and SHA-256 for an entry of a store. */
    static byte[] entry(byte[] bytes, Random random) {
        if (bytes.length < 76) {
            return bytes;
        }
        byte[] out = bytes.clone();
        int end = out.length - 32;
        ByteBuffer.wrap(out).putInt(40, end - 44);
        byte[] digest = Hashing.sha256().hashBytes(out, 0, end).asBytes();
        System.arraycopy(digest, 0, out, end, 32);
        return out;
    }

    /** Harm within the structure of a protocol buffer: some field is changed, dropped or repeated, lengths around it fit. */
    static byte[] protobuf(byte[] bytes, Random random) {
        byte[] out = bytes;
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            out = random.nextInt(16) == 0 ? out : message(out, random, 0);
        }
        return out;
    }

    private static byte[] message(byte[] in, Random random, int depth) {
        int count = fields(in);
        if (count == 0) {
            return in;
        }
        int chosen = random.nextInt(count);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length + 16);
        int[] at = {0};
        for (int i = 0; i < count; i++) {
            int start = at[0];
            long key = varint(in, at);
            int type = (int) (key & 7);
            int content = at[0];
            skip(in, at, type);
            if (i != chosen) {
                out.write(in, start, at[0] - start);
                continue;
            }
            int harm = random.nextInt(8);
            if (harm == 0) {
                continue; // dropped
            }
            if (harm == 1) {
                int times = random.nextInt(10) == 0 ? 200 : 2;
                for (int t = 0; t < times; t++) {
                    out.write(in, start, at[0] - start);
                }
                continue;
            }
            Mutator mutator = new Mutator(random);
            write(out, key);
            if (type == 0) {
                write(out, mutator.number());
            } else if (type == 2) {
                int[] inner = {content};
                int length = (int) varint(in, inner);
                byte[] body = Arrays.copyOfRange(in, inner[0], inner[0] + length);
                byte[] changed = fields(body) > 0 && depth < 6 && random.nextInt(8) > 0
                        ? message(body, random, depth + 1)
                        : mutator.apply(
                                body, java.util.List.of(in), java.util.List.of("..", "/", "input", "w", "\u001b[2J"));
                write(out, changed.length);
                out.writeBytes(changed);
            } else {
                byte[] fixed = new byte[at[0] - content];
                random.nextBytes(fixed);
                out.writeBytes(fixed);
            }
        }
        return out.toByteArray();
    }

    /** How many fields there are; 0 if these bytes are no message. */
    private static int fields(byte[] in) {
        int[] at = {0};
        int count = 0;
        try {
            while (at[0] < in.length) {
                long key = varint(in, at);
                if (key >>> 3 == 0 || key >>> 3 > 100) {
                    return 0;
                }
                skip(in, at, (int) (key & 7));
                count++;
            }
            return count;
        } catch (IndexOutOfBoundsException e) {
            return 0;
        }
    }

    private static void skip(byte[] in, int[] at, int type) {
        long length =
                switch (type) {
                    case 0 -> {
                        varint(in, at);
                        yield 0;
                    }
                    case 1 -> 8;
                    case 2 -> varint(in, at);
                    case 5 -> 4;
                    default -> throw new IndexOutOfBoundsException();
                };
        if (length < 0 || length > in.length - at[0]) {
            throw new IndexOutOfBoundsException();
        }
        at[0] += (int) length;
    }

    private static long varint(byte[] in, int[] at) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in[at[0]++];
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IndexOutOfBoundsException();
    }

    private static void write(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
