package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A tensor known at import: real numbers in single precision, or whole numbers, among which {@link #BATCH} may stand for
 * the number of images. The arrays handed over belong to the constant.
 */
final class Constant implements Value {
    /** Stands for the number of images, which is not known at import. */
    static final long BATCH = Long.MIN_VALUE;

    /** What constant arithmetic may make, so that a small file cannot ask for much memory. */
    private static final long LARGEST = 1 << 20;

    private static final int MOST_AXES = 16;

    private final String source;
    private final ImmutableIntArray dims;
    private final float @Nullable [] reals;
    private final long @Nullable [] integers;

    private Constant(String source, ImmutableIntArray dims, float @Nullable [] reals, long @Nullable [] integers) {
        checkArgument(
                dims.length() <= MOST_AXES, "'%s' has %s axes, expected %s at most", source, dims.length(), MOST_AXES);
        this.source = source;
        this.dims = dims;
        this.reals = reals;
        this.integers = integers;
    }

    static Constant of(String source, ImmutableIntArray dims, float[] reals) {
        return new Constant(source, dims, reals, null);
    }

    static Constant of(String source, ImmutableIntArray dims, long[] integers) {
        return new Constant(source, dims, null, integers);
    }

    /** The name that messages and module names go by: that of the initializer it was made from. */
    String source() {
        return source;
    }

    ImmutableIntArray dims() {
        return dims;
    }

    int rank() {
        return dims.length();
    }

    int size() {
        return size(dims);
    }

    boolean isReal() {
        return reals != null;
    }

    double real(int index) {
        return reals != null ? reals[index] : integer(index);
    }

    long integer(int index) {
        checkArgument(integers != null, "'%s' holds real numbers, expected whole ones", source);
        return integers[index];
    }

    /** The values; the array is shared where it can be. */
    float[] reals() {
        if (reals != null) {
            return reals;
        }
        float[] values = new float[size()];
        for (int i = 0; i < values.length; i++) {
            checkArgument(integer(i) != BATCH, "'%s' holds the number of images, which must not enter a score", source);
            values[i] = integer(i);
        }
        return values;
    }

    long[] integers() {
        checkArgument(integers != null, "'%s' holds real numbers, expected whole ones", source);
        return integers.clone();
    }

    Constant reshaped(ImmutableIntArray to) {
        checkArgument(size(to) == size(), "%s values of '%s' cannot be reshaped to %s", size(), source, to);
        return new Constant(source, to, reals, integers);
    }

    Constant named(String name) {
        return source.isEmpty() ? new Constant(name, dims, reals, integers) : this;
    }

    Constant toReals() {
        return of(source, dims, reals());
    }

    Constant toIntegers() {
        if (integers != null) {
            return this;
        }
        long[] values = new long[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) real(i);
        }
        return of(source, dims, values);
    }

    /** A constant whose value i is this one's value from(i). */
    Constant pick(ImmutableIntArray to, IntUnaryOperator from) {
        int size = size(to);
        checkArgument(size <= Math.max(LARGEST, size()), "a constant of %s values is too large to make", size);
        if (reals != null) {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = reals[from.applyAsInt(i)];
            }
            return of(source, to, values);
        }
        long[] values = new long[size];
        for (int i = 0; i < size; i++) {
            values[i] = integer(from.applyAsInt(i));
        }
        return of(source, to, values);
    }

    /** How many values there are in these extents; refuses more than an array can hold. */
    static int size(ImmutableIntArray dims) {
        long size = 1;
        for (int i = 0; i < dims.length(); i++) {
            checkArgument(dims.get(i) >= 0, "an extent is negative in %s", dims);
            size *= dims.get(i);
            checkArgument(size <= Integer.MAX_VALUE, "there are too many values in %s", dims);
        }
        return (int) size;
    }

    /** Checks that values of these extents may be made. */
    static int sizeToMake(ImmutableIntArray dims, int allowed) {
        int size = size(dims);
        checkArgument(size <= Math.max(LARGEST, allowed), "a constant of %s values is too large to make", size);
        return size;
    }
}
