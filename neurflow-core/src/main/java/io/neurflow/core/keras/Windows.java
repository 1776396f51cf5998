package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.Optional;

/** Layers that slide a window over rows and columns. */
final class Windows {
    private static final ImmutableIntArray ONES = ImmutableIntArray.of(1, 1);

    private final Layout layout;

    Windows(Layout layout) {
        this.layout = layout;
    }

    Value conv(KerasLayer layer, Writer writer, Value x) {
        layout.check(layer);
        ImmutableIntArray dims = writer.map(x);
        ImmutableIntArray size = kernel(layer);
        int out = layer.integer("filters", 0, 1, 1 << 20);
        int groups = layer.integer("groups", 1, 1, 1 << 20);
        int in = dims.get(0) / groups;
        ImmutableMap<String, Array> weights = weights(layer, "kernel");
        Array kernel = get(weights, "kernel").expect(size.get(0), size.get(1), in, out);
        Op conv = new Op.Conv(
                window(layer, size, dims),
                groups,
                dims.get(0),
                out,
                Weights.of(Kernels.outputsFirst(kernel.values(), size.get(0) * size.get(1), in, out)),
                bias(weights, out));
        return writer.chain(with(conv, layer), x);
    }

    Value depthwise(KerasLayer layer, Writer writer, Value x) {
        layout.check(layer);
        ImmutableIntArray dims = writer.map(x);
        ImmutableMap<String, Array> weights = weights(layer, "kernel");
        return writer.chain(
                with(depthwise(layer, dims, get(weights, "kernel"), bias(weights, out(layer, dims))), layer), x);
    }

    Value separable(KerasLayer layer, Writer writer, Value x) {
        layout.check(layer);
        ImmutableIntArray dims = writer.map(x);
        int out = layer.integer("filters", 0, 1, 1 << 20);
        int between = out(layer, dims);
        ImmutableMap<String, Array> weights = weights(layer, "depthwise_kernel", "pointwise_kernel");
        Array pointwise = get(weights, "pointwise_kernel").expect(1, 1, between, out);
        Op.Window one = new Op.Window(1, 1, 1, 1, 1, 1, Op.Padding.NONE, false);
        Op mixed = new Op.Conv(
                one,
                1,
                between,
                out,
                Weights.of(Kernels.outputsFirst(pointwise.values(), 1, between, out)),
                bias(weights, out));
        return writer.chain(
                ImmutableList.<Op>builder()
                        .add(depthwise(layer, dims, get(weights, "depthwise_kernel"), Optional.empty()))
                        .addAll(with(mixed, layer))
                        .build(),
                x);
    }

    private static int out(KerasLayer layer, ImmutableIntArray dims) {
        return Math.multiplyExact(dims.get(0), layer.integer("depth_multiplier", 1, 1, 1 << 16));
    }

    private Op depthwise(KerasLayer layer, ImmutableIntArray dims, Array kernel, Optional<Weights> bias) {
        layer.only("groups", 1);
        ImmutableIntArray size = kernel(layer);
        int in = dims.get(0);
        int out = out(layer, dims);
        kernel.expect(size.get(0), size.get(1), in, out / in);
        // [rows, columns, in x multiplier]: each output channel reads one input channel.
        float[] weights = Kernels.outputsFirst(kernel.values(), size.get(0) * size.get(1), 1, out);
        return new Op.Conv(window(layer, size, dims), in, in, out, Weights.of(weights), bias);
    }

    private static ImmutableMap<String, Array> weights(KerasLayer layer, String... kernels) {
        ImmutableList.Builder<String> roles = ImmutableList.<String>builder().add(kernels);
        if (layer.flag("use_bias", true)) {
            roles.add("bias");
        }
        return layer.weights(roles.build().toArray(String[]::new));
    }

    private static Array get(ImmutableMap<String, Array> weights, String role) {
        Array array = weights.get(role);
        checkArgument(array != null, "there is no weight '%s'", role);
        return array;
    }

    private static Optional<Weights> bias(ImmutableMap<String, Array> weights, int out) {
        return Optional.ofNullable(weights.get("bias")).map(array -> array.weights(out));
    }

    private static ImmutableList<Op> with(Op op, KerasLayer layer) {
        return ImmutableList.<Op>builder()
                .add(op)
                .addAll(Activations.option(layer))
                .build();
    }

    private static ImmutableIntArray kernel(KerasLayer layer) {
        checkArgument(layer.has("kernel_size"), "option 'kernel_size' is missing");
        return layer.pair("kernel_size", ONES);
    }

    Value pool(KerasLayer layer, Writer writer, Value x, boolean average) {
        layout.check(layer);
        ImmutableIntArray dims = writer.map(x);
        ImmutableIntArray size = layer.pair("pool_size", ImmutableIntArray.of(2, 2));
        Op.Window window = window(size, layer.pair("strides", size), ONES, layer.isSame(), dims);
        return writer.add(average ? new Op.AveragePool(window, false) : new Op.MaxPool(window), x.index());
    }

    Value global(KerasLayer layer, Writer writer, Value x, Op pool) {
        layout.check(layer);
        ImmutableIntArray dims = writer.map(x);
        if (layer.flag("keepdims", false)) {
            return writer.add(pool, x.index());
        }
        return writer.add(new Op.Reshape(ImmutableIntArray.of(dims.get(0))), writer.step(pool, x.index()));
    }

    Value zeros(KerasLayer layer, Writer writer, Value x) {
        layout.check(layer);
        writer.map(x);
        JsonNode padding = layer.option("padding");
        int[] p = new int[] {1, 1, 1, 1};
        if (padding.isIntegralNumber()) {
            int all = KerasLayer.extent("padding", padding, 0);
            p = new int[] {all, all, all, all};
        } else if (padding.isArray() && (padding.size() == 2 || padding.size() == 4)) {
            for (int i = 0; i < 4; i++) {
                JsonNode side = padding.get(i * padding.size() / 4);
                p[i] = KerasLayer.extent("padding", side.isArray() && side.size() == 2 ? side.get(i % 2) : side, 0);
            }
        } else {
            checkArgument(padding.isMissingNode(), "option 'padding' is %s, expected rows and columns", padding);
        }
        return p[0] + p[1] + p[2] + p[3] == 0
                ? x
                : writer.add(new Op.Pad(new Op.Padding(p[0], p[2], p[1], p[3]), 0), x.index());
    }

    private static Op.Window window(KerasLayer layer, ImmutableIntArray size, ImmutableIntArray dims) {
        return window(size, layer.pair("strides", ONES), layer.pair("dilation_rate", ONES), layer.isSame(), dims);
    }

    private static Op.Window window(
            ImmutableIntArray size,
            ImmutableIntArray strides,
            ImmutableIntArray dilations,
            boolean same,
            ImmutableIntArray dims) {
        Op.Window window = new Op.Window(
                size.get(0),
                size.get(1),
                strides.get(0),
                strides.get(1),
                dilations.get(0),
                dilations.get(1),
                Op.Padding.NONE,
                false);
        return same ? window.samePadded(dims.get(1), dims.get(2)) : window;
    }
}
