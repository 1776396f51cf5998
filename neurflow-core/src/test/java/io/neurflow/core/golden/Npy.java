package io.neurflow.core.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of a golden case: NumPy's .npy format, versions 1 and 2, C order, little endian.
 *
 * @param shape extents
 * @param values row-major, whatever the stored type
 */
public record Npy(int[] shape, double[] values) {
    private static final Pattern HEADER =
            Pattern.compile("'descr': '([<|][a-z]\\d)', 'fortran_order': False, 'shape': \\(([^)]*)\\)");

    public static Npy read(Path file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            int version = bytes.get(6);
            int start = version == 1 ? 10 : 12;
            int length = version == 1 ? bytes.getShort(8) & 0xffff : bytes.getInt(8);
            String header = new String(bytes.array(), start, length, StandardCharsets.US_ASCII);
            Matcher m = HEADER.matcher(header);
            if (!m.find()) {
                throw new IllegalArgumentException(file + ": " + header);
            }
            int[] shape = Arrays.stream(m.group(2).split(","))
                    .map(String::strip)
                    .filter(s -> !s.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            double[] values = new double[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
            bytes.position(start + length);
            for (int i = 0; i < values.length; i++) {
                values[i] = switch (m.group(1)) {
                    case "<f8" -> bytes.getDouble();
                    case "<f4" -> bytes.getFloat();
                    case "<i4" -> bytes.getInt();
                    case "<i8" -> bytes.getLong();
                    case "|u1" -> bytes.get() & 0xff;
                    default -> throw new IllegalArgumentException(file + ": " + header);
                };
            }
            return new Npy(shape, values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Rows of a matrix. */
    public double[][] rows() {
        int columns = shape[shape.length - 1];
        double[][] rows = new double[values.length / columns][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(values, i * columns, (i + 1) * columns);
        }
        return rows;
    }
}
