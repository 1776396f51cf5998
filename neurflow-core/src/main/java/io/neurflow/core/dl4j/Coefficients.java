package io.neurflow.core.dl4j;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.core.graph.Weights;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * All parameters of a network in one vector, handed out from the front. The file is what ND4J writes of an array: twice the
 * name of how it was allocated, a length, a type and as many values (big endian); the first are the array's shape.
 */
final class Coefficients {
    private final float[] values;
    private int next;

    private Coefficients(float[] values) {
        this.values = values;
    }

    static Coefficients parse(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long shape = length(in);
        String type = text(in);
        checkArgument(
                type.equals("LONG") && shape <= in.remaining() / Long.BYTES,
                "coefficients.bin holds a shape of %s values of type %s, expected whole numbers that are there",
                shape,
                type);
        in.position(in.position() + (int) shape * Long.BYTES);
        long count = length(in);
        String reals = text(in);
        int size =
                switch (reals) {
                    case "FLOAT" -> Float.BYTES;
                    case "DOUBLE" -> Double.BYTES;
                    default ->
                        throw new IllegalArgumentException(
                                "coefficients.bin holds values of type " + reals + ", expected FLOAT or DOUBLE");
                };
        checkArgument(
                count <= in.remaining() / size,
                "coefficients.bin declares %s values, but %s bytes are left; copy the file again",
                count,
                in.remaining());
        float[] values = new float[(int) count];
        if (size == Float.BYTES) {
            in.asFloatBuffer().get(values);
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) in.getDouble();
            }
        }
        return new Coefficients(values);
    }

    private static long length(ByteBuffer in) {
        String mode = text(in);
        checkArgument(
                mode.equals("MIXED_DATA_TYPES") || mode.equals("LONG_SHAPE"),
                "coefficients.bin was written by another version of Deeplearning4j ('%s'), expected 1.0.0-beta4 or newer;"
                        + " load and save the model with one of these",
                mode.length() > 40 ? mode.substring(0, 40) : mode);
        checkArgument(in.remaining() >= Long.BYTES, "coefficients.bin is cut short; copy the file again");
        long length = in.getLong();
        checkArgument(length >= 0, "coefficients.bin declares a length of %s", length);
        return length;
    }

    private static String text(ByteBuffer in) {
        int length = in.remaining() < 2 ? -1 : in.getShort() & 0xffff;
        checkArgument(length >= 0 && length <= in.remaining(), "coefficients.bin is cut short; copy the file again");
        byte[] text = new byte[length];
        in.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /** The next parameters. */
    float[] take(long count) {
        checkArgument(
                count >= 0 && count <= values.length - next,
                "it needs %s parameters, but %s are left in coefficients.bin; the file does not fit its own description",
                count,
                values.length - next);
        float[] part = Arrays.copyOfRange(values, next, next + (int) count);
        next += (int) count;
        for (float value : part) {
            checkArgument(
                    Float.isFinite(value),
                    "its parameters hold %s, expected finite ones; train or save the model again",
                    value);
        }
        return part;
    }

    Weights weights(long count) {
        return Weights.of(take(count));
    }

    void finish() {
        checkArgument(
                next == values.length,
                "its layers have %s parameters, but there are %s; the file does not fit its own description",
                next,
                values.length);
    }
}
