package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.core.graph.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Operators that move values of an image about. ONNX counts the batch as axis 0, the network graph does not; anything
 * that would mix images is refused.
 */
final class Shapes {
    /** Axes of a map: rows and columns. */
    private static final int MAP = 2;

    private final GraphWriter graph;
    private final Optional<Integer> batch;

    /** Shapes in a model for a fixed number of images, or for any. */
    Shapes(GraphWriter graph, Optional<Integer> batch) {
        this.graph = graph;
        this.batch = batch;
    }

    Constant shape(OnnxNode node) {
        ImmutableIntArray dims = graph.dims(node.computed(0));
        long[] extents = new long[dims.length() + 1];
        extents[0] = Constant.BATCH;
        for (int i = 0; i < dims.length(); i++) {
            extents[i + 1] = dims.get(i);
        }
        return Folding.shape(node, extents);
    }

    Value flatten(OnnxNode node) {
        int x = node.computed(0);
        ImmutableIntArray dims = graph.dims(x);
        int axis = Axes.axis(node.integer("axis", 1), dims.length() + 1);
        checkArgument(axis == 1, "attribute 'axis' is %s, expected 1", axis);
        return graph.reshape(node, x, ImmutableIntArray.of(Constant.size(dims)));
    }

    Value reshape(OnnxNode node) {
        int x = node.computed(0);
        node.only("allowzero", 0, 0);
        long[] asked = node.constant(1).integers();
        checkArgument(asked.length > 0, "it drops the batch, which has to stay in front");
        ImmutableIntArray dims = graph.dims(x);
        long[] rest = new long[asked.length - 1];
        boolean open = false;
        for (int i = 0; i < rest.length; i++) {
            long extent = asked[i + 1];
            if (extent == 0) {
                checkArgument(i < dims.length(), "extent %s of the new shape is 0, but there is none to keep", i + 1);
                extent = dims.get(i);
            }
            open |= extent == -1;
            rest[i] = extent;
        }
        boolean kept = asked[0] == Constant.BATCH
                || asked[0] == 0
                || (asked[0] == -1 && !open)
                || (batch.isPresent() && asked[0] == batch.get());
        checkArgument(
                kept,
                "the new shape is %s, expected the batch in front; export the model with a dynamic batch axis",
                ImmutableLongArray.copyOf(asked));
        return graph.reshape(node, x, Folding.extents(dims, rest));
    }

    Value squeeze(OnnxNode node) {
        int x = node.computed(0);
        ImmutableIntArray dims = graph.dims(x);
        ImmutableLongArray asked = node.integersOrInput("axes", 1)
                .orElseThrow(
                        () -> new IllegalArgumentException("it names no axes, expected some other than the batch"));
        SortedSet<Integer> axes = Axes.axes(asked, dims.length() + 1);
        return graph.reshape(node, x, Axes.squeezed(dims, withoutBatch(axes)));
    }

    Value unsqueeze(OnnxNode node) {
        int x = node.computed(0);
        ImmutableIntArray dims = graph.dims(x);
        ImmutableLongArray asked = node.integersOrInput("axes", 1)
                .orElseThrow(() -> new IllegalArgumentException("attribute 'axes' is missing"));
        SortedSet<Integer> axes = Axes.axes(asked, dims.length() + 1 + asked.length());
        return graph.reshape(node, x, Axes.unsqueezed(dims, withoutBatch(axes)));
    }

    /**
     * A transposition that moves extents of 1 alone is another shape for the same values; one of the axes before rows and
     * columns, as in a channel shuffle, is another order of channels.
     */
    Value transpose(OnnxNode node) {
        int x = node.computed(0);
        ImmutableIntArray dims = graph.dims(x);
        int[] order = Folding.order(node, dims.length() + 1);
        boolean harmless = order[0] == 0;
        int last = 0;
        ImmutableIntArray.Builder extents = ImmutableIntArray.builder();
        for (int i = 1; i < order.length; i++) {
            int extent = order[i] == 0 ? 1 : dims.get(order[i] - 1);
            extents.add(extent);
            if (extent != 1) {
                harmless &= order[i] > last;
                last = order[i];
            }
        }
        ImmutableIntArray to = extents.build();
        if (harmless) {
            return graph.reshape(node, x, to);
        }
        int end = order.length - 1;
        checkArgument(
                order[0] == 0 && end >= MAP && order[end] == end && order[end - 1] == end - 1,
                "attribute 'perm' is %s on dimensions %s per image, expected one that leaves rows and columns where they are;"
                        + " if the model was written for channels behind rows and columns, export it with channels in front;"
                        + " if positions and channels change places by design (vision transformers, ConvNeXt), explain it"
                        + " through a probe of your own",
                ImmutableIntArray.copyOf(order),
                dims);
        int kept = end - MAP;
        int[] channels = moved(to.subArray(0, kept), dims.subArray(0, kept), order);
        ImmutableIntArray map = ImmutableIntArray.builder()
                .add(channels.length)
                .addAll(dims.subArray(kept, end))
                .build();
        int selected = graph.step(
                node,
                "channels",
                new Op.SelectChannels(ImmutableIntArray.copyOf(channels)),
                graph.stepReshape(node, "map", x, map));
        return graph.reshape(node, selected, to);
    }

    /** For each place of the new order, row-major over {@code to}, the place in the old one. */
    private static int[] moved(ImmutableIntArray to, ImmutableIntArray dims, int[] order) {
        int[] stride = new int[dims.length()];
        int count = 1;
        for (int i = stride.length - 1; i >= 0; i--) {
            stride[i] = count;
            count *= dims.get(i);
        }
        int[] places = new int[count];
        for (int place = 0; place < count; place++) {
            int rest = place;
            for (int i = to.length() - 1; i >= 0; i--) {
                places[place] += rest % to.get(i) * stride[order[i + 1] - 1];
                rest /= to.get(i);
            }
        }
        return places;
    }

    Value concat(OnnxNode node) {
        int count = node.inputCount();
        checkArgument(count > 0, "it has no inputs");
        int[] inputs = new int[count];
        for (int i = 0; i < count; i++) {
            inputs[i] = node.computed(i);
        }
        int axis = Axes.axis(node.integer("axis", 1), graph.dims(inputs[0]).length() + 1);
        checkArgument(axis == 1, "attribute 'axis' is %s, expected 1 (channels)", axis);
        return count == 1 ? new Value.Computed(inputs[0]) : graph.add(node, new Op.Concat(), inputs);
    }

    Value gather(OnnxNode node) {
        int x = node.computed(0);
        ImmutableIntArray dims = graph.dims(x);
        Constant indices = node.constant(1);
        int axis = Axes.axis(node.integer("axis", 0), dims.length() + 1);
        checkArgument(axis == 1, "attribute 'axis' is %s, expected 1 (channels)", axis);
        checkArgument(indices.rank() <= 1, "its indices have dimensions %s, expected a list", indices.dims());
        ImmutableIntArray.Builder channels = ImmutableIntArray.builder();
        for (long index : indices.integers()) {
            channels.add(Axes.axis(index, dims.get(0)));
        }
        Op op = new Op.SelectChannels(channels.build());
        return indices.rank() == 1
                ? graph.add(node, op, x)
                : graph.reshape(node, graph.step(node, "channel", op, x), dims.subArray(1, dims.length()));
    }

    Value slice(OnnxNode node) {
        int x = node.computed(0);
        ImmutableIntArray dims = graph.dims(x);
        Optional<ImmutableIntArray> channels = Optional.empty();
        for (Slice slice : Slice.of(node, dims.length() + 1)) {
            int axis = slice.axis();
            if (axis == 1) {
                channels = Optional.of(slice.positions(dims.get(0)));
                continue;
            }
            boolean whole = axis == 0
                    ? slice.start() == 0 && slice.end() >= Integer.MAX_VALUE && slice.step() == 1
                    : slice.step() == 1 && slice.positions(dims.get(axis - 1)).length() == dims.get(axis - 1);
            checkArgument(whole, "it takes part of axis %s, expected axis 1 (channels) alone", axis);
        }
        return channels.isPresent() && !isAll(channels.get(), dims.get(0))
                ? graph.add(node, new Op.SelectChannels(channels.get()), x)
                : new Value.Computed(x);
    }

    private static boolean isAll(ImmutableIntArray channels, int extent) {
        if (channels.length() != extent) {
            return false;
        }
        for (int i = 0; i < channels.length(); i++) {
            if (channels.get(i) != i) {
                return false;
            }
        }
        return true;
    }

    /** Channels in runs, one value each. */
    List<Value> split(OnnxNode node) {
        int x = node.computed(0);
        ImmutableIntArray dims = graph.dims(x);
        int axis = Axes.axis(node.integer("axis", 0), dims.length() + 1);
        checkArgument(axis == 1, "attribute 'axis' is %s, expected 1 (channels)", axis);
        int count = node.proto().outputs().size();
        node.only("num_outputs", count, count);
        Optional<ImmutableLongArray> asked = node.integersOrInput("split", 1);
        checkArgument(
                count > 0 && (asked.isPresent() ? asked.get().length() == count : dims.get(0) % count == 0),
                "it does not split %s channels into %s values",
                dims.get(0),
                count);
        List<Value> parts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < count; i++) {
            long length = asked.isPresent() ? asked.get().get(i) : dims.get(0) / count;
            checkArgument(
                    length > 0 && length <= dims.get(0) - from,
                    "attribute 'split' is %s for %s channels",
                    asked.orElse(ImmutableLongArray.of()),
                    dims.get(0));
            ImmutableIntArray.Builder channels = ImmutableIntArray.builder();
            for (int c = 0; c < length; c++) {
                channels.add(from++);
            }
            parts.add(new Value.Computed(
                    graph.add(node, node.proto().outputs().get(i), new Op.SelectChannels(channels.build()), x)));
        }
        checkArgument(from == dims.get(0), "it leaves %s of %s channels over", dims.get(0) - from, dims.get(0));
        return parts;
    }

    /** Axes of the network graph, which has no batch. */
    private static SortedSet<Integer> withoutBatch(SortedSet<Integer> axes) {
        SortedSet<Integer> result = new TreeSet<>();
        for (int axis : axes) {
            checkArgument(axis > 0, "its axes are %s, expected none to be the batch (0)", axes);
            result.add(axis - 1);
        }
        return result;
    }
}
