package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.Optional;

/** Operators that slide a window over rows and columns. */
final class Windows {
    /** Larger strides or paddings than any image has rows are a mistake. */
    private static final int LARGEST = 1 << 16;

    private final GraphWriter graph;

    Windows(GraphWriter graph) {
        this.graph = graph;
    }

    Value conv(OnnxNode node) {
        int x = node.computed(0);
        Constant kernel = node.constant(1);
        ImmutableIntArray dims = map(x);
        checkArgument(kernel.rank() == 4, "its weights have dimensions %s, expected four", kernel.dims());
        int outChannels = kernel.dims().get(0);
        int groups = extent("group", node.integer("group", 1), 1);
        checkArgument(
                (long) kernel.dims().get(1) * groups == dims.get(0),
                "its weights %s with group %s do not fit %s input channels; export the model again",
                kernel.dims(),
                groups,
                dims.get(0));
        ImmutableLongArray size =
                ImmutableLongArray.of(kernel.dims().get(2), kernel.dims().get(3));
        ImmutableLongArray declared = node.integers("kernel_shape").orElse(size);
        checkArgument(declared.equals(size), "attribute 'kernel_shape' is %s, expected %s", declared, size);
        Op.Window window = window(node, size, dims, false);
        Optional<Weights> bias = node.optionalConstant(2).map(OnnxNode::weights);
        return graph.add(
                node, new Op.Conv(window, groups, dims.get(0), outChannels, OnnxNode.weights(kernel), bias), x);
    }

    Value maxPool(OnnxNode node) {
        int x = node.computed(0);
        node.ignore("storage_order"); // matters to the indices alone, which nothing can read here
        boolean ceil = node.integer("ceil_mode", 0) != 0;
        return graph.add(node, new Op.MaxPool(pool(window(node, kernel(node), map(x), ceil))), x);
    }

    Value averagePool(OnnxNode node) {
        int x = node.computed(0);
        boolean ceil = node.integer("ceil_mode", 0) != 0;
        boolean countPadding = node.integer("count_include_pad", 0) != 0;
        Op.Window window = pool(window(node, kernel(node), map(x), ceil));
        checkArgument(
                window.dilationY() == 1 && window.dilationX() == 1,
                "attribute 'dilations' is %s x %s, expected 1",
                window.dilationY(),
                window.dilationX());
        return graph.add(node, new Op.AveragePool(window, countPadding), x);
    }

    /** A window that lies in the padding alone has no maximum and no mean. */
    private static Op.Window pool(Op.Window window) {
        Op.Padding padding = window.padding();
        long rows = (long) window.dilationY() * (window.height() - 1);
        long columns = (long) window.dilationX() * (window.width() - 1);
        checkArgument(
                Math.max(padding.top(), padding.bottom()) <= rows
                        && Math.max(padding.left(), padding.right()) <= columns,
                "attribute 'pads' is %s, expected less than its window",
                padding);
        return window;
    }

    Value globalPool(OnnxNode node, Op op) {
        int x = node.computed(0);
        map(x);
        return graph.add(node, op, x);
    }

    /** ReduceMean or ReduceMax over rows and columns. */
    Value reduce(OnnxNode node, Op op) {
        int x = node.computed(0);
        ImmutableIntArray dims = map(x);
        boolean keep = node.integer("keepdims", 1) != 0;
        node.ignore("noop_with_empty_axes"); // axes are never empty here
        ImmutableLongArray axes = node.integersOrInput("axes", 1).orElse(ImmutableLongArray.of());
        checkArgument(
                axes.length() == 2
                        && Axes.axes(axes, 4).first() == 2
                        && Axes.axes(axes, 4).last() == 3,
                "attribute 'axes' is %s, expected [2, 3]",
                axes);
        return keep
                ? graph.add(node, op, x)
                : graph.reshape(node, graph.step(node, "pooled", op, x), ImmutableIntArray.of(dims.get(0)));
    }

    Value pad(OnnxNode node) {
        int x = node.computed(0);
        String mode = node.string("mode", "constant");
        ImmutableLongArray pads = node.integersOrInput("pads", 1)
                .orElseThrow(() -> new IllegalArgumentException("attribute 'pads' is missing"));
        double value = node.has("value")
                ? node.real("value", 0)
                : node.optionalConstant(2).map(OnnxNode::scalar).orElse(0.0);
        int rank = graph.dims(x).length() + 1;
        long[] before = new long[rank];
        long[] after = new long[rank];
        Optional<Constant> axes = node.optionalConstant(3);
        int count = pads.length() / 2;
        checkArgument(
                pads.length() % 2 == 0 && axes.map(Constant::size).orElse(rank) == count,
                "attribute 'pads' is %s, expected two for each axis",
                pads);
        for (int i = 0; i < count; i++) {
            int axis = axes.isPresent() ? Axes.axis(axes.get().integer(i), rank) : i;
            before[axis] = pads.get(i);
            after[axis] = pads.get(i + count);
        }
        if (pads.stream().allMatch(pad -> pad == 0)) {
            return new Value.Computed(x);
        }
        checkArgument(mode.equals("constant"), "attribute 'mode' is '%s', expected 'constant'", mode);
        checkArgument(Double.isFinite(value), "it pads with %s, expected a finite value", value);
        checkArgument(
                rank == 4 && before[0] == 0 && after[0] == 0 && before[1] == 0 && after[1] == 0,
                "attribute 'pads' is %s, expected padding of rows and columns alone",
                pads);
        Op.Padding padding = new Op.Padding(
                extent("pads", before[2], 0),
                extent("pads", before[3], 0),
                extent("pads", after[2], 0),
                extent("pads", after[3], 0));
        return graph.add(node, new Op.Pad(padding, value), x);
    }

    private ImmutableIntArray map(int x) {
        ImmutableIntArray dims = graph.dims(x);
        checkArgument(
                dims.length() == 3,
                "its input has %s axes, expected 4 (batch, channels, rows, columns)",
                dims.length() + 1);
        return dims;
    }

    private static ImmutableLongArray kernel(OnnxNode node) {
        return node.integers("kernel_shape")
                .orElseThrow(() -> new IllegalArgumentException("attribute 'kernel_shape' is missing"));
    }

    private static Op.Window window(OnnxNode node, ImmutableLongArray size, ImmutableIntArray dims, boolean ceil) {
        int[] extents = pair("kernel_shape", size, 1);
        ImmutableLongArray ones = ImmutableLongArray.of(1, 1);
        int[] strides = pair("strides", node.integers("strides").orElse(ones), 1);
        int[] dilations = pair("dilations", node.integers("dilations").orElse(ones), 1);
        ImmutableLongArray pads = node.integers("pads").orElse(ImmutableLongArray.of(0, 0, 0, 0));
        checkArgument(pads.length() == 4, "attribute 'pads' is %s, expected four", pads);
        Op.Padding padding = new Op.Padding(
                extent("pads", pads.get(0), 0),
                extent("pads", pads.get(1), 0),
                extent("pads", pads.get(2), 0),
                extent("pads", pads.get(3), 0));
        String auto = node.string("auto_pad", "NOTSET");
        if (!auto.equals("NOTSET")) {
            checkArgument(
                    padding.equals(Op.Padding.NONE),
                    "attribute 'pads' is %s beside auto_pad '%s', expected one of the two",
                    pads,
                    auto);
            padding = automatic(auto, dims, extents, strides, dilations);
        }
        return new Op.Window(
                extents[0],
                extents[1],
                strides[0],
                strides[1],
                dilations[0],
                dilations[1],
                padding,
                ceil && !auto.equals("VALID"));
    }

    private static Op.Padding automatic(
            String auto, ImmutableIntArray dims, int[] extents, int[] strides, int[] dilations) {
        if (auto.equals("VALID")) {
            return Op.Padding.NONE;
        }
        boolean upper = auto.equals("SAME_UPPER");
        checkArgument(
                upper || auto.equals("SAME_LOWER"),
                "attribute 'auto_pad' is '%s', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER",
                auto);
        Op.Padding same = new Op.Window(
                        extents[0],
                        extents[1],
                        strides[0],
                        strides[1],
                        dilations[0],
                        dilations[1],
                        Op.Padding.NONE,
                        false)
                .samePadded(dims.get(1), dims.get(2))
                .padding();
        if (upper) {
            return same;
        }
        // The odd cell comes before.
        int top = same.bottom();
        int left = same.right();
        int bottom = same.top();
        int right = same.left();
        return new Op.Padding(top, left, bottom, right);
    }

    private static int[] pair(String name, ImmutableLongArray values, int least) {
        checkArgument(values.length() == 2, "attribute '%s' is %s, expected two", name, values);
        return new int[] {extent(name, values.get(0), least), extent(name, values.get(1), least)};
    }

    private static int extent(String name, long value, int least) {
        checkArgument(
                value >= least && value <= LARGEST,
                "attribute '%s' holds %s, expected %s to %s",
                name,
                value,
                least,
                LARGEST);
        return (int) value;
    }
}
