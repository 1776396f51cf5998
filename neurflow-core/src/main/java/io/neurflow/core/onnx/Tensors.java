package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.nio.ByteBuffer;

/** Turns tensors of a file into constants: all number formats, wherever the values stand. */
final class Tensors {
    private final ExternalFiles files;

    private long valuesRead;

    Tensors(ExternalFiles files) {
        this.files = files;
    }

    /**
     * Reads a tensor.
     *
     * @throws IllegalArgumentException if it does not hold what it declares; the message names the tensor
     */
    Constant read(Proto.Tensor tensor) {
        String name = tensor.name();
        ImmutableIntArray dims = dims(name, tensor.dims());
        int width = width(name, tensor.type());
        ByteBuffer data = tensor.data();
        if (tensor.external().isPresent()) {
            ImmutableMap<String, String> entries = tensor.external().get();
            data = files.read(name, entries, (long) Constant.size(dims) * width);
        }
        int size = Constant.size(dims);
        valuesRead += size;
        boolean real = isReal(tensor.type());
        if (!data.hasRemaining() && tensor.integers().length() > 0) {
            ImmutableLongArray values = tensor.integers();
            count(name, dims, size, values.length());
            return real
                    ? Constant.of(name, dims, halves(values, tensor.type()))
                    : Constant.of(name, dims, values.toArray());
        }
        checkArgument(
                data.remaining() % width == 0,
                "tensor '%s' has %s bytes of data, expected a multiple of %s",
                name,
                data.remaining(),
                width);
        count(name, dims, size, data.remaining() / width);
        return real
                ? Constant.of(name, dims, reals(data, tensor.type(), size))
                : Constant.of(name, dims, integers(data, tensor.type(), size));
    }

    /** How many values have been read so far. */
    long valuesRead() {
        return valuesRead;
    }

    private static void count(String name, ImmutableIntArray dims, int expected, int actual) {
        checkArgument(
                expected == actual,
                "tensor '%s' with dimensions %s has %s values, expected %s",
                name,
                dims,
                actual,
                expected);
    }

    private static ImmutableIntArray dims(String name, ImmutableLongArray dims) {
        ImmutableIntArray.Builder result = ImmutableIntArray.builder(dims.length());
        for (int i = 0; i < dims.length(); i++) {
            long extent = dims.get(i);
            checkArgument(extent >= 0 && extent <= Integer.MAX_VALUE, "tensor '%s' has dimensions %s", name, dims);
            result.add((int) extent);
        }
        return result.build();
    }

    private static boolean isReal(int type) {
        return type == Proto.FLOAT || type == Proto.FLOAT16 || type == Proto.BFLOAT16 || type == Proto.DOUBLE;
    }

    private static int width(String name, int type) {
        return switch (type) {
            case Proto.UINT8, Proto.INT8, Proto.BOOL -> 1;
            case Proto.UINT16, Proto.INT16, Proto.FLOAT16, Proto.BFLOAT16 -> 2;
            case Proto.FLOAT, Proto.INT32, Proto.UINT32 -> 4;
            case Proto.DOUBLE, Proto.INT64, Proto.UINT64 -> 8;
            default ->
                throw new IllegalArgumentException("tensor '" + name + "' has element type " + type
                        + ", expected float, double, float16, bfloat16, bool or whole numbers");
        };
    }

    private static float[] reals(ByteBuffer data, int type, int size) {
        float[] values = new float[size];
        int at = data.position();
        switch (type) {
            case Proto.FLOAT -> data.asFloatBuffer().get(values);
            case Proto.DOUBLE -> {
                for (int i = 0; i < size; i++) {
                    values[i] = (float) data.getDouble(at + 8 * i);
                }
            }
            default -> {
                for (int i = 0; i < size; i++) {
                    values[i] = half(data.getShort(at + 2 * i), type);
                }
            }
        }
        return values;
    }

    private static float[] halves(ImmutableLongArray bits, int type) {
        checkArgument(
                type == Proto.FLOAT16 || type == Proto.BFLOAT16, "whole numbers stand where float data is expected");
        float[] values = new float[bits.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = half((short) bits.get(i), type);
        }
        return values;
    }

    private static float half(short bits, int type) {
        return type == Proto.BFLOAT16 ? Float.intBitsToFloat(bits << 16) : float16(bits);
    }

    /** IEEE 754 binary16; every one of its values is a float. */
    static float float16(short bits) {
        int exponent = (bits >> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude;
        if (exponent == 0x1f) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            magnitude = Math.scalb((float) fraction, -24);
        } else {
            magnitude = Math.scalb((float) (fraction | 0x400), exponent - 25);
        }
        return bits < 0 ? -magnitude : magnitude;
    }

    private static long[] integers(ByteBuffer data, int type, int size) {
        long[] values = new long[size];
        int at = data.position();
        for (int i = 0; i < size; i++) {
            values[i] = switch (type) {
                case Proto.INT8 -> data.get(at + i);
                case Proto.UINT8, Proto.BOOL -> data.get(at + i) & 0xff;
                case Proto.INT16 -> data.getShort(at + 2 * i);
                case Proto.UINT16 -> data.getShort(at + 2 * i) & 0xffff;
                case Proto.INT32 -> data.getInt(at + 4 * i);
                case Proto.UINT32 -> data.getInt(at + 4 * i) & 0xffffffffL;
                default -> data.getLong(at + 8 * i);
            };
        }
        return values;
    }
}
