package io.neurflow.core.doctor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Writes .npy files for tests, version 1, float32, as NumPy does. */
public final class NpyBytes {
    private NpyBytes() {}

    public static byte[] of(float[] values, int... shape) {
        String extents = Arrays.stream(shape).mapToObj(i -> i + ",").collect(Collectors.joining(" "));
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + extents + "), }";
        String padded = header + " ".repeat(Math.floorMod(-(header.length() + 11), 64)) + "\n";
        ByteBuffer out =
                ByteBuffer.allocate(10 + padded.length() + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) padded.length());
        out.put(padded.getBytes(StandardCharsets.US_ASCII));
        for (float value : values) {
            out.putFloat(value);
        }
        return out.array();
    }
}
