package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import io.neurflow.core.graph.Op;
import java.util.List;

/** Each class of layer, as operators of the network graph. */
final class Layers {
    /** At inference these hand on what they get. */
    private static final ImmutableSet<String> NOTHING = ImmutableSet.of(
            "Dropout",
            "SpatialDropout2D",
            "SpatialDropout1D",
            "AlphaDropout",
            "GaussianDropout",
            "GaussianNoise",
            "ActivityRegularization",
            "Identity",
            "RandomFlip",
            "RandomRotation",
            "RandomZoom",
            "RandomTranslation",
            "RandomContrast",
            "RandomBrightness");

    private final Windows windows;
    private final Shapes shapes;
    private final Channels channels;
    private final Merges merges;

    Layers(Layout layout) {
        windows = new Windows(layout);
        shapes = new Shapes(layout);
        channels = new Channels(layout);
        merges = new Merges(layout);
    }

    /** What a layer makes of its inputs. */
    Value convert(KerasLayer layer, Writer writer, List<Argument> inputs) {
        String kind = layer.className();
        if (Merges.isMerge(kind)) {
            return merges.convert(layer, writer, inputs);
        }
        checkArgument(
                inputs.size() == 1 && inputs.get(0).value().isPresent(),
                "it reads %s values, expected 1",
                inputs.size());
        Value x = inputs.get(0).value().orElseThrow();
        if (Activations.isLayer(kind)) {
            List<Op> ops = Activations.layer(layer);
            return ops.isEmpty() ? x : writer.chain(ops, x);
        }
        if (NOTHING.contains(kind)) {
            ignored(layer);
            return x;
        }
        return switch (kind) {
            case "Conv2D" -> windows.conv(layer, writer, x);
            case "DepthwiseConv2D" -> windows.depthwise(layer, writer, x);
            case "SeparableConv2D" -> windows.separable(layer, writer, x);
            case "MaxPooling2D" -> windows.pool(layer, writer, x, false);
            case "AveragePooling2D" -> windows.pool(layer, writer, x, true);
            case "GlobalAveragePooling2D" -> windows.global(layer, writer, x, new Op.GlobalAveragePool());
            case "GlobalMaxPooling2D" -> windows.global(layer, writer, x, new Op.GlobalMaxPool());
            case "ZeroPadding2D" -> windows.zeros(layer, writer, x);
            case "Dense" -> shapes.dense(layer, writer, x);
            case "Flatten" -> shapes.flatten(layer, writer, x);
            case "Reshape" -> shapes.reshape(layer, writer, x);
            case "BatchNormalization" -> channels.batchNormalization(layer, writer, x);
            case "Rescaling" -> channels.rescaling(layer, writer, x);
            case "Normalization" -> channels.normalization(layer, writer, x);
            case "PReLU" -> channels.prelu(layer, writer, x);
            default ->
                throw new IllegalArgumentException("layers of this class cannot be imported exactly; save the model"
                        + " without it, or implement ModelProbe on the engine that runs it");
        };
    }

    /** Rates and ranges of layers that only training uses. */
    private static void ignored(KerasLayer layer) {
        layer.ignore(
                "rate",
                "p",
                "stddev",
                "sigma",
                "l1",
                "l2",
                "mode",
                "factor",
                "fill_mode",
                "fill_value",
                "interpolation",
                "height_factor",
                "width_factor",
                "value_range",
                "data_format",
                "dim_ordering");
    }
}
