package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.Arrays;
import java.util.Optional;

/** Dense layers and changes of dimensions, where the order of Keras's features and the graph's differ. */
final class Shapes {
    private final Layout layout;

    Shapes(Layout layout) {
        this.layout = layout;
    }

    Value dense(KerasLayer layer, Writer writer, Value x) {
        ImmutableIntArray dims = writer.dims(x);
        int out = layer.integer("units", 0, 1, 1 << 24);
        boolean biased = layer.flag("use_bias", true);
        layer.only("quantization_config", "null");
        ImmutableMap<String, Array> weights = biased ? layer.weights("kernel", "bias") : layer.weights("kernel");
        // On rows and columns a Dense layer runs along the last axis.
        int in = dims.get(0);
        checkArgument(
                dims.length() == 1 || !layout.channelsFirst(),
                "it runs along the columns of a map, expected a flat value; flatten or pool before it");
        Array kernel = weights.get("kernel");
        checkArgument(kernel != null, "there is no weight 'kernel'");
        float[] turned = Kernels.outputsFirst(kernel.expect(in, out).values(), 1, in, out);
        Optional<Weights> bias = Optional.ofNullable(weights.get("bias")).map(array -> array.weights(out));
        Op op;
        if (dims.length() == 3) {
            Op.Window one = new Op.Window(1, 1, 1, 1, 1, 1, Op.Padding.NONE, false);
            op = new Op.Conv(one, 1, in, out, Weights.of(turned), bias);
        } else {
            x.order().ifPresent(order -> reorder(turned, order));
            op = new Op.Dense(in, out, Weights.of(turned), bias);
        }
        return writer.chain(
                ImmutableList.<Op>builder()
                        .add(op)
                        .addAll(Activations.option(layer))
                        .build(),
                Value.of(x.index()));
    }

    /** Moves each row's weights to where its features stand in the graph. */
    private static void reorder(float[] rows, ImmutableIntArray order) {
        int in = order.length();
        float[] row = new float[in];
        for (int start = 0; start < rows.length; start += in) {
            for (int i = 0; i < in; i++) {
                row[order.get(i)] = rows[start + i];
            }
            System.arraycopy(row, 0, rows, start, in);
        }
    }

    Value flatten(KerasLayer layer, Writer writer, Value x) {
        String format = layer.text("data_format").orElse("channels_last");
        boolean first = format.equals("channels_first");
        checkArgument(
                !first || layout.channelsFirst(),
                "option 'data_format' is 'channels_first' in a model of channels_last, expected the same");
        ImmutableIntArray dims = writer.dims(x);
        if (dims.length() == 1) {
            return x;
        }
        // channels_first says that the values are turned to channels_last before they are flattened.
        return flat(writer, x, layout.order(dims, layout.channelsFirst() && !first));
    }

    private static Value flat(Writer writer, Value x, ImmutableIntArray order) {
        Value flat = writer.add(new Op.Reshape(ImmutableIntArray.of(order.length())), x.index());
        return new Value(flat.index(), Layout.isIdentity(order) ? Optional.empty() : Optional.of(order));
    }

    Value reshape(KerasLayer layer, Writer writer, Value x) {
        ImmutableIntArray dims = writer.dims(x);
        ImmutableIntArray source = x.order().orElse(layout.order(dims, layout.channelsFirst()));
        ImmutableIntArray target = target(layer.option("target_shape"), source.length());
        checkArgument(
                target.length() == 1 || target.length() == 3,
                "option 'target_shape' is %s, expected one extent or three",
                target);
        ImmutableIntArray extents = layout.toGraph(target);
        if (extents.equals(dims)) {
            return x;
        }
        if (target.length() == 1) {
            return flat(writer, x, source);
        }
        ImmutableIntArray standing = layout.order(extents, layout.channelsFirst());
        int[] from = new int[source.length()];
        for (int i = 0; i < from.length; i++) {
            from[standing.get(i)] = source.get(i);
        }
        ImmutableIntArray order = ImmutableIntArray.copyOf(from);
        int flat = x.index();
        if (!Layout.isIdentity(order)) {
            flat = dims.length() == 1 ? flat : writer.step(new Op.Reshape(ImmutableIntArray.of(order.length())), flat);
            flat = writer.step(new Op.SelectChannels(order), flat);
        }
        return writer.add(new Op.Reshape(extents), flat);
    }

    private static ImmutableIntArray target(JsonNode option, int size) {
        checkArgument(option.isArray() && !option.isEmpty(), "option 'target_shape' is %s, expected extents", option);
        int[] target = new int[option.size()];
        int open = -1;
        long product = 1;
        for (int i = 0; i < target.length; i++) {
            JsonNode extent = option.get(i);
            if (extent.isIntegralNumber() && extent.intValue() == -1 && open < 0) {
                open = i;
                continue;
            }
            checkArgument(
                    extent.isIntegralNumber() && extent.canConvertToInt() && extent.intValue() > 0,
                    "option 'target_shape' is %s, expected positive extents and one -1 at most",
                    option);
            target[i] = extent.intValue();
            product = Math.multiplyExact(product, (long) target[i]);
        }
        if (open >= 0) {
            target[open] = (int) (size / product);
            product *= target[open];
        }
        checkArgument(
                product == size,
                "option 'target_shape' is %s, expected extents of %s values",
                Arrays.toString(target),
                size);
        return ImmutableIntArray.copyOf(target);
    }
}
