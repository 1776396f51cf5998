package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.graph.Weights;
import java.util.Arrays;

/** Layers that scale and shift each channel, or bend it by its own slope. */
final class Channels {
    /** What Keras holds the smallest deviation of a Normalization up to. */
    private static final double LEAST_DEVIATION = 1e-7;

    private final Layout layout;

    Channels(Layout layout) {
        this.layout = layout;
    }

    Value batchNormalization(KerasLayer layer, Writer writer, Value x) {
        ImmutableIntArray dims = writer.dims(x);
        layout.checkAxis(layer, -1, dims.length());
        layer.only("mode", 0);
        layer.only("renorm", false);
        layer.ignore("renorm_clipping", "renorm_momentum", "gamma_init", "beta_init");
        double epsilon = layer.real("epsilon", 1e-3);
        ImmutableList.Builder<String> roles = ImmutableList.builder();
        if (layer.flag("scale", true)) {
            roles.add("gamma");
        }
        if (layer.flag("center", true)) {
            roles.add("beta");
        }
        ImmutableMap<String, Array> weights = layer.weights(
                roles.add("moving_mean", "moving_variance").build().toArray(String[]::new));
        int channels = dims.get(0);
        float[] scale = new float[channels];
        float[] shift = new float[channels];
        Weights gamma = orElse(weights, "gamma", channels, 1);
        Weights beta = orElse(weights, "beta", channels, 0);
        Weights mean = orElse(weights, "moving_mean", channels, 0);
        Weights variance = orElse(weights, "moving_variance", channels, 1);
        for (int c = 0; c < channels; c++) {
            double power = variance.get(c) + epsilon;
            checkArgument(power > 0, "its variances hold %s, expected none below 0", variance.get(c));
            double factor = gamma.get(c) / Math.sqrt(power);
            scale[c] = (float) factor;
            shift[c] = (float) (beta.get(c) - mean.get(c) * factor);
        }
        return writer.add(new Op.Affine(Weights.of(scale), Weights.of(shift)), writer.inOrder(x));
    }

    private static Weights orElse(ImmutableMap<String, Array> weights, String role, int channels, float value) {
        Array array = weights.get(role);
        if (array != null) {
            return array.weights(channels);
        }
        float[] all = new float[channels];
        Arrays.fill(all, value);
        return Weights.of(all);
    }

    Value rescaling(KerasLayer layer, Writer writer, Value x) {
        int channels = writer.dims(x).get(0);
        double[] scale = numbers(layer, "scale", channels, 1);
        double[] shift = numbers(layer, "offset", channels, 0);
        return affine(writer, x, scale, shift);
    }

    Value normalization(KerasLayer layer, Writer writer, Value x) {
        ImmutableIntArray dims = writer.dims(x);
        layer.only("invert", false);
        int channels = dims.get(0);
        double[] mean;
        double[] variance;
        if (layer.has("mean")) {
            layer.option("axis");
            mean = numbers(layer, "mean", channels, 0);
            variance = numbers(layer, "variance", channels, 1);
            layer.weights();
        } else {
            layout.checkAxis(layer, -1, dims.length());
            ImmutableMap<String, Array> weights = layer.weights("mean", "variance", WeightSource.COUNT);
            mean = doubles(orElse(weights, "mean", channels, 0));
            variance = doubles(orElse(weights, "variance", channels, 1));
        }
        double[] scale = new double[mean.length];
        double[] shift = new double[mean.length];
        for (int c = 0; c < scale.length; c++) {
            checkArgument(variance[c] >= 0, "option 'variance' holds %s, expected none below 0", variance[c]);
            scale[c] = 1 / Math.max(Math.sqrt(variance[c]), LEAST_DEVIATION);
            shift[c] = -mean[c] * scale[c];
        }
        return affine(writer, x, scale, shift);
    }

    private static double[] doubles(Weights weights) {
        double[] values = new double[weights.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = weights.get(i);
        }
        return values;
    }

    private static Value affine(Writer writer, Value x, double[] scale, double[] shift) {
        float[] factors = new float[scale.length];
        float[] terms = new float[scale.length];
        for (int c = 0; c < scale.length; c++) {
            factors[c] = (float) scale[c];
            terms[c] = (float) shift[c];
        }
        return writer.add(new Op.Affine(Weights.of(factors), Weights.of(terms)), writer.inOrder(x));
    }

    /** One number for each channel, out of one or as many, however nested. */
    private static double[] numbers(KerasLayer layer, String name, int channels, double otherwise) {
        JsonNode option = layer.option(name);
        ImmutableDoubleArray.Builder found = ImmutableDoubleArray.builder();
        collect(option.isObject() ? option.path("config").path("value") : option, found);
        ImmutableDoubleArray values = found.build();
        if (option.isMissingNode() || option.isNull()) {
            values = ImmutableDoubleArray.of(otherwise);
        }
        checkArgument(
                values.length() == 1 || values.length() == channels,
                "option '%s' is %s, expected one number or %s",
                name,
                option,
                channels);
        double[] each = new double[channels];
        for (int c = 0; c < channels; c++) {
            each[c] = values.get(values.length() == 1 ? 0 : c);
            checkArgument(Double.isFinite(each[c]), "option '%s' holds %s, expected finite numbers", name, each[c]);
        }
        return each;
    }

    private static void collect(JsonNode node, ImmutableDoubleArray.Builder found) {
        if (node.isNumber()) {
            found.add(node.doubleValue());
        }
        node.forEach(each -> collect(each, found));
    }

    Value prelu(KerasLayer layer, Writer writer, Value x) {
        layer.ignore("shared_axes");
        int channels = writer.dims(x).get(0);
        Array alpha = layer.weights("alpha").get("alpha");
        checkArgument(alpha != null, "there is no weight 'alpha'");
        float[] slopes = alpha.values();
        ImmutableIntArray dims = alpha.dims();
        int channelAxis = layout.channelsFirst() ? 0 : dims.length() - 1;
        checkArgument(
                slopes.length == channels && dims.length() > 0 && dims.get(channelAxis) == channels,
                "its slopes have dimensions %s, expected one for each channel; give it shared_axes=[1, 2]",
                dims);
        float[] zeros = new float[channels];
        float[] against = new float[channels];
        for (int c = 0; c < channels; c++) {
            against[c] = -slopes[c];
        }
        // max(x, 0) - slope max(-x, 0)
        int in = writer.inOrder(x);
        Op relu = new Op.Elementwise(Function.RELU, 0, 0);
        int negative = writer.step(relu, writer.step(new Op.Affine(Weights.of(-1), Weights.of(0)), in));
        int bent = writer.step(new Op.Affine(Weights.of(against), Weights.of(zeros)), negative);
        return writer.add(new Op.Add(), writer.step(relu, in), bent);
    }
}
