package io.neurflow.core.archive;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Reads some parts of a zip archive into memory. Names are compared and never used as paths, and all parts together may be
 * a hundred times as large as the archive at most (weights hardly shrink), so that a small file cannot fill the memory.
 */
public final class ZipParts {
    private static final long LARGEST_RATIO = 100;
    private static final long ALWAYS_ALLOWED = 1 << 20;

    private ZipParts() {}

    /**
     * Whether bytes begin as a zip archive does.
     *
     * @param bytes of a file
     * @return whether they may be one
     */
    public static boolean isZip(byte[] bytes) {
        return bytes.length > 4 && bytes[0] == 'P' && bytes[1] == 'K' && bytes[2] == 3 && bytes[3] == 4;
    }

    /**
     * Reads parts by name.
     *
     * @param bytes of an archive
     * @param names of the parts that are wanted
     * @return those that are there
     * @throws IOException if the archive is broken
     * @throws IllegalArgumentException if a part is there twice, or too large for the archive
     */
    public static Map<String, byte[]> read(byte[] bytes, ImmutableSet<String> names) throws IOException {
        long room = LARGEST_RATIO * bytes.length + ALWAYS_ALLOWED;
        Map<String, byte[]> parts = new HashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (!names.contains(entry.getName())) {
                    room -= skip(in, room);
                    continue;
                }
                int most = (int) Math.min(room, Integer.MAX_VALUE - 16);
                byte[] content = in.readNBytes(most);
                checkArgument(
                        in.read() < 0,
                        "its %s unpacks to more than %s bytes, which no model in an archive of this size holds; save the"
                                + " model again",
                        entry.getName(),
                        most);
                room -= content.length;
                checkArgument(
                        parts.put(entry.getName(), content) == null,
                        "it holds %s twice, expected one",
                        entry.getName());
            }
        }
        return parts;
    }

    /** Reads over a part: to get past it, it has to be unpacked, too. */
    private static long skip(ZipInputStream in, long room) throws IOException {
        byte[] piece = new byte[1 << 13];
        long count = 0;
        for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
            count += read;
            checkArgument(
                    count <= room,
                    "a part of it unpacks to more than %s bytes, which no model in an archive of this size holds; save the"
                            + " model again",
                    room);
        }
        return count;
    }
}
