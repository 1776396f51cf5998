package io.neurflow.cuda;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import java.util.ArrayList;
import java.util.List;

/** Extents of values, and of the windows that slide over them, as kernels want them. */
final class Extent {
    private Extent() {}

    /** Values of one item. */
    static int size(ImmutableIntArray dimensions) {
        return dimensions.stream().reduce(1, Math::multiplyExact);
    }

    static int channels(ImmutableIntArray dimensions) {
        return dimensions.isEmpty() ? 1 : dimensions.get(0);
    }

    /** Values of one channel. */
    static int positions(ImmutableIntArray dimensions) {
        return size(dimensions) / channels(dimensions);
    }

    /** C, H, W, OH, OW, KH, KW, SY, SX, DY, DX, PT, PL. */
    static List<Integer> windows(Op.Window k, ImmutableIntArray in, ImmutableIntArray out) {
        return List.of(
                in.get(0),
                in.get(1),
                in.get(2),
                out.get(1),
                out.get(2),
                k.height(),
                k.width(),
                k.strideY(),
                k.strideX(),
                k.dilationY(),
                k.dilationX(),
                k.padding().top(),
                k.padding().left());
    }

    /** The window of a maximum or mean; a global one covers the map. */
    static Op.Window window(Op op, ImmutableIntArray in) {
        if (op instanceof Op.MaxPool pool) {
            return pool.window();
        }
        return op instanceof Op.AveragePool pool
                ? pool.window()
                : new Op.Window(in.get(1), in.get(2), 1, 1, 1, 1, Op.Padding.NONE, false);
    }

    /** BT, BL, BB, BR: how far the cells of a mean count beyond the map. */
    static List<Integer> cells(Op op) {
        if (op instanceof Op.AveragePool pool && pool.countPadding()) {
            Op.Padding p = pool.window().padding();
            return List.of(p.top(), p.left(), p.bottom(), p.right());
        }
        return List.of(0, 0, 0, 0);
    }

    /** Extents of a product and one of its factors, as C, H, W; equal ones are one long row. */
    static List<Integer> three(ImmutableIntArray dimensions, boolean flat) {
        if (flat) {
            return List.of(size(dimensions), 1, 1);
        }
        List<Integer> three = new ArrayList<>(dimensions.asList());
        while (three.size() < 3) {
            three.add(1);
        }
        return three;
    }

    static boolean isPointwise(Op.Window k) {
        return k.height() == 1
                && k.width() == 1
                && k.strideY() == 1
                && k.strideX() == 1
                && k.padding().equals(Op.Padding.NONE);
    }

    /** Arguments of a launch, with lists of them laid out. */
    static Object[] arguments(Object... parts) {
        List<Object> all = new ArrayList<>();
        for (Object part : parts) {
            if (part instanceof List<?> list) {
                all.addAll(list);
            } else {
                all.add(part);
            }
        }
        return all.toArray();
    }
}
