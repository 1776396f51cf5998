package io.neurflow.core.doctor;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array in NumPy's .npy format: versions 1 to 3, C order, little-endian floats of 4 or 8 bytes. What the header declares is
 * checked against the bytes that are there before memory is taken for it.
 */
public final class NpyArray {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final long MOST_BYTES = 1L << 30;
    private static final int LONGEST_HEADER = 1 << 14;
    private static final Pattern TYPE = Pattern.compile("'descr': *'([^']{1,8})'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order': *(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([0-9, ]{0,64})\\)");

    private final ImmutableIntArray shape;
    private final float[] values;

    private NpyArray(ImmutableIntArray shape, float[] values) {
        this.shape = shape;
        this.values = values;
    }

    /**
     * Reads a file.
     *
     * @param file of at most 1 GiB
     * @return the array, in single precision
     * @throws NeurflowException if it cannot be read or is not such an array
     */
    public static NpyArray read(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new NeurflowException("expected a .npy file, but " + file + " is none; check the path");
            }
            if (Files.size(file) > MOST_BYTES) {
                throw bad(file, "it has " + Files.size(file) + " bytes, more than " + MOST_BYTES);
            }
            return parse(file, ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException e) {
            throw new NeurflowException(file + " cannot be read (" + e.getMessage() + "); check its permissions", e);
        }
    }

    private static NpyArray parse(Path file, ByteBuffer in) {
        if (in.remaining() < 12) {
            throw bad(file, "it has only " + in.remaining() + " bytes");
        }
        for (byte b : MAGIC) {
            if (in.get() != b) {
                throw bad(file, "it does not begin with NumPy's magic string");
            }
        }
        int version = in.get();
        in.get();
        int length = version == 1 ? in.getShort() & 0xffff : in.getInt();
        if (version < 1 || version > 3 || length < 0 || length > LONGEST_HEADER || length > in.remaining()) {
            throw bad(file, "its header of version " + version + " has " + length + " bytes");
        }
        byte[] text = new byte[length];
        in.get(text);
        String header = new String(text, StandardCharsets.ISO_8859_1);
        String type = field(file, TYPE, header, "descr");
        if (field(file, ORDER, header, "fortran_order").equals("True")) {
            throw bad(file, "it is in Fortran order; save numpy.ascontiguousarray(x)");
        }
        int width = type.equals("<f4") ? 4 : type.equals("<f8") ? 8 : 0;
        if (width == 0) {
            throw bad(file, "its values are '" + type.replaceAll("\\p{Cntrl}", "?") + "'; save x.astype('float32')");
        }
        ImmutableIntArray shape = shape(file, field(file, SHAPE, header, "shape"));
        long size = 1;
        for (int i = 0; i < shape.length(); i++) {
            size = Math.min(MOST_BYTES, size * shape.get(i));
        }
        if (size * width != in.remaining()) {
            throw bad(file, "its shape " + shape + " does not go with " + in.remaining() + " bytes of values");
        }
        float[] values = new float[(int) size];
        for (int i = 0; i < values.length; i++) {
            values[i] = width == 4 ? in.getFloat() : (float) in.getDouble();
        }
        return new NpyArray(shape, values);
    }

    private static String field(Path file, Pattern pattern, String header, String name) {
        Matcher m = pattern.matcher(header);
        if (!m.find()) {
            throw bad(file, "its header has no '" + name + "' of a kind that is known");
        }
        return m.group(1);
    }

    private static ImmutableIntArray shape(Path file, String text) {
        ImmutableIntArray.Builder shape = ImmutableIntArray.builder();
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                String digits = part.strip();
                if (!digits.matches("[0-9]{1,9}")) {
                    throw bad(file, "its shape is (" + text + ")");
                }
                shape.add(Integer.parseInt(digits));
            }
        }
        return shape.build();
    }

    private static NeurflowException bad(Path file, String why) {
        return new NeurflowException(file + " is not an array that can be read: " + why
                + "; expected numpy.save of float32 or float64 in C order");
    }

    /**
     * Its extents.
     *
     * @return none for a single value
     */
    public ImmutableIntArray shape() {
        return shape;
    }

    /**
     * Its values.
     *
     * @return row-major, a fresh array
     */
    public float[] values() {
        return values.clone();
    }

    /** One value. */
    float at(int index) {
        return values[index];
    }

    int size() {
        return values.length;
    }

    @Override
    public String toString() {
        return "NpyArray" + shape;
    }
}
