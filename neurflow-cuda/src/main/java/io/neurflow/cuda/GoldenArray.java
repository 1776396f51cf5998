package io.neurflow.cuda;

import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An array of a golden case in NumPy's format, C order, little endian: its values, and how many stand in a row. */
final class GoldenArray {
    private static final Pattern HEADER =
            Pattern.compile("'descr': '([<|][a-z]\\d)', 'fortran_order': False, 'shape': \\(([^)]*)\\)");

    private final double[] values;
    private final int columns;

    private GoldenArray(double[] values, int columns) {
        this.values = values;
        this.columns = columns;
    }

    static GoldenArray read(Path file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            boolean first = bytes.get(6) == 1;
            int start = first ? 10 : 12;
            int length = first ? bytes.getShort(8) & 0xffff : bytes.getInt(8);
            String header = new String(bytes.array(), start, length, StandardCharsets.US_ASCII);
            Matcher m = HEADER.matcher(header);
            if (!m.find()) {
                throw new NeurflowException("expected an array of numbers in C order, but " + file + " says " + header);
            }
            int[] shape = Arrays.stream(m.group(2).replace(" ", "").split(",", 0))
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
                    default -> throw new NeurflowException("expected numbers, but " + file + " says " + header);
                };
            }
            return new GoldenArray(values, shape.length == 0 ? 1 : shape[shape.length - 1]);
        } catch (IOException e) {
            throw new NeurflowException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    double at(int i) {
        return values[i];
    }

    int rows() {
        return values.length / columns;
    }

    double[] row(int i) {
        return Arrays.copyOfRange(values, i * columns, (i + 1) * columns);
    }

    double[] values() {
        return values.clone();
    }
}
