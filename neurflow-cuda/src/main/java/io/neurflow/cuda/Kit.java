package io.neurflow.cuda;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.List;

/**
 * What every pass over a device works with.
 *
 * @param driver the device
 * @param memory its memory
 * @param weights what stays there
 */
record Kit(Driver driver, DeviceMemory memory, DeviceWeights weights) {
    /** Kernels count in ints, products of extents included. */
    static final int LARGEST_ARRAY = 1 << 30;

    /**
     * Refuses, before anything is computed, what has no kernel.
     *
     * @throws IllegalArgumentException names node and operator
     */
    static void check(NetworkGraph graph) {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Mul && node.dimensions().length() > 3) {
                ImmutableIntArray a = graph.dimensions(node.inputs().get(0));
                ImmutableIntArray b = graph.dimensions(node.inputs().get(1));
                if (!a.equals(b)) {
                    throw new IllegalArgumentException(
                            "expected operators that CudaProbe has kernels for, but " + node + " repeats values of " + a
                                    + " and " + b + " in more than three dimensions; use SameDiffProbe");
                }
            }
        }
    }

    void run(Kernel kernel, int threads, Object... arguments) {
        if (threads > 0) {
            driver.launch(kernel, threads, Extent.arguments(arguments));
        }
    }

    void pad(ImmutableIntArray from, ImmutableIntArray to, Op.Padding by, float value, int all, Memory x, Memory y) {
        run(Kernel.of(Kind.PAD), all, y, x, from.get(1), from.get(2), to.get(1), to.get(2), by.top(), by.left(), value);
    }

    /** Takes a frame off again. */
    void crop(ImmutableIntArray from, ImmutableIntArray to, Op.Padding by, int all, Memory x, Memory y) {
        pad(from, to, new Op.Padding(-by.top(), -by.left(), -by.bottom(), -by.right()), 0, all, x, y);
    }

    /** LO, HI, scale, beta, k. */
    static List<Object> lrn(Op.Lrn lrn) {
        return List.of(
                (lrn.size() - 1) / 2, lrn.size() / 2, (float) (lrn.alpha() / lrn.size()), (float) lrn.beta(), (float)
                        lrn.bias());
    }

    static boolean isEven(Op.Padding p) {
        return p.top() == p.bottom() && p.left() == p.right();
    }

    static ImmutableIntArray framed(ImmutableIntArray map, Op.Padding p) {
        return ImmutableIntArray.of(map.get(0), map.get(1) + p.top() + p.bottom(), map.get(2) + p.left() + p.right());
    }

    static Op.Conv unpadded(Op.Conv conv) {
        Op.Window k = conv.window();
        Op.Window bare = new Op.Window(
                k.height(), k.width(), k.strideY(), k.strideX(), k.dilationY(), k.dilationX(), Op.Padding.NONE, false);
        return new Op.Conv(bare, conv.groups(), conv.inChannels(), conv.outChannels(), conv.weights(), conv.bias());
    }

    static Convolution shape(Op.Conv conv, ImmutableIntArray from, ImmutableIntArray to) {
        return new Convolution(
                from.get(0), from.get(1), from.get(2), to.get(0), to.get(1), to.get(2), conv.window(), conv.groups());
    }

    static IllegalStateException unknown(Node node) {
        return new IllegalStateException("expected operators that CudaProbe has kernels for, but there is " + node);
    }
}
