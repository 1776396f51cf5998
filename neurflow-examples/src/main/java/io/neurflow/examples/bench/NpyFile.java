package io.neurflow.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Joiner;
import com.google.common.primitives.Ints;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes arrays in NumPy's .npy format, version 1: float32, C order, little endian. */
final class NpyFile {
    private static final int ALIGNMENT = 64;
    /** Magic string, version and length of the header. */
    private static final int PREFIX = 10;

    private static final int CHUNK = 1 << 14;

    private NpyFile() {}

    static void write(Path file, float[] values, int... shape) throws IOException {
        checkArgument(
                Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact) == values.length,
                "expected the values of an array of shape %s, but there are %s",
                Arrays.toString(shape),
                values.length);
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': ("
                + Joiner.on(", ").join(Ints.asList(shape))
                + (shape.length == 1 ? ",), }" : "), }");
        int length = (PREFIX + header.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - PREFIX;
        try (OutputStream raw = Files.newOutputStream(file);
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(raw))) {
            out.writeByte(0x93);
            out.writeBytes("NUMPY");
            out.writeByte(1);
            out.writeByte(0);
            out.writeShort(Short.reverseBytes((short) length));
            out.write((header + " ".repeat(length - header.length() - 1) + "\n").getBytes(StandardCharsets.US_ASCII));
            ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int start = 0; start < values.length; start += CHUNK) {
                int count = Math.min(CHUNK, values.length - start);
                bytes.clear();
                bytes.asFloatBuffer().put(values, start, count);
                out.write(bytes.array(), 0, count * Float.BYTES);
            }
        }
    }
}
