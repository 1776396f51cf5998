package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.SortedSet;
import java.util.TreeSet;

/** Axes and extents as ONNX writes them. */
final class Axes {
    /** Positions along an axis are listed one by one. */
    private static final int LONGEST = 1 << 24;

    private Axes() {}

    /** An axis counted from the front. */
    static int axis(long axis, int rank) {
        checkArgument(axis >= -rank && axis < rank, "axis %s is not among %s axes", axis, rank);
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** Axes counted from the front, ascending, each once. */
    static SortedSet<Integer> axes(ImmutableLongArray axes, int rank) {
        SortedSet<Integer> result = new TreeSet<>();
        for (int i = 0; i < axes.length(); i++) {
            checkArgument(result.add(axis(axes.get(i), rank)), "axis %s occurs twice", axes.get(i));
        }
        return result;
    }

    /** Extents without those axes, which have to be 1. */
    static ImmutableIntArray squeezed(ImmutableIntArray dims, SortedSet<Integer> axes) {
        ImmutableIntArray.Builder result = ImmutableIntArray.builder();
        for (int i = 0; i < dims.length(); i++) {
            if (axes.contains(i)) {
                checkArgument(dims.get(i) == 1, "axis %s has extent %s, expected 1", i, dims.get(i));
            } else {
                result.add(dims.get(i));
            }
        }
        return result.build();
    }

    /** Extents with ones inserted, so that they stand at those axes. */
    static ImmutableIntArray unsqueezed(ImmutableIntArray dims, SortedSet<Integer> axes) {
        ImmutableIntArray.Builder result = ImmutableIntArray.builder();
        int next = 0;
        for (int i = 0; i < dims.length() + axes.size(); i++) {
            result.add(axes.contains(i) ? 1 : dims.get(next++));
        }
        return result.build();
    }

    /**
     * Positions that a slice takes along an axis, in order.
     *
     * @param start may be negative, from the end, or out of range, as ONNX has it
     * @param end the same
     * @param step not 0
     */
    static ImmutableIntArray slice(long start, long end, long step, int extent) {
        checkArgument(step != 0, "the step of a slice is 0");
        checkArgument(
                extent <= LONGEST, "it takes parts of an axis of %s places, expected %s at most", extent, LONGEST);
        long from = start < 0 ? Math.max(start, -(long) extent - 1) + extent : Math.min(start, extent);
        long to = end < 0 ? Math.max(end, -(long) extent - 1) + extent : Math.min(end, extent);
        from = step > 0 ? Math.max(from, 0) : Math.min(Math.max(from, -1), extent - 1L);
        to = step > 0 ? Math.max(to, 0) : Math.max(to, -1);
        long stride = Math.max(-extent - 1L, Math.min(step, extent + 1L));
        ImmutableIntArray.Builder result = ImmutableIntArray.builder();
        for (long i = from; stride > 0 ? i < to : i > to; i += stride) {
            result.add((int) i);
        }
        return result.build();
    }

    /** Row-major distances between neighbours along each axis. */
    static int[] strides(ImmutableIntArray dims) {
        int[] strides = new int[dims.length()];
        int stride = 1;
        for (int i = dims.length() - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= Math.max(1, dims.get(i));
        }
        return strides;
    }

    static ImmutableIntArray with(ImmutableIntArray dims, int axis, int extent) {
        int[] changed = dims.toArray();
        changed[axis] = extent;
        return ImmutableIntArray.copyOf(changed);
    }
}
