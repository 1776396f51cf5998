package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.graph.Weights;

/** Functions of each value alone, as an option of other layers and as layers of their own. */
final class Activations {
    /** Klambauer et al., Self-Normalizing Neural Networks, 2017. */
    private static final double SELU_ALPHA = 1.6732632423543772;

    private static final double SELU_SCALE = 1.0507009873554805;

    private Activations() {}

    /** The activation that a layer has as an option; nothing for a linear one. */
    static ImmutableList<Op> option(KerasLayer layer) {
        JsonNode activation = layer.option("activation");
        if (activation.isMissingNode() || activation.isNull()) {
            return ImmutableList.of();
        }
        if (activation.isTextual()) {
            return named(activation.asText(), layer.major());
        }
        String className = activation.path("class_name").asText("");
        // Keras 3 writes functions that it did not find among its own names so.
        if (className.equals("function") && activation.path("config").isTextual()) {
            return named(activation.path("config").asText(), layer.major());
        }
        checkArgument(
                activation.isObject() && !className.isEmpty(),
                "option 'activation' is %s, expected the name of a function",
                activation);
        KerasLayer inner = layer.inside(className, activation.path("config"));
        ImmutableList<Op> ops = layer(inner);
        inner.finish();
        return ops;
    }

    private static ImmutableList<Op> named(String name, int major) {
        return switch (name) {
            case "linear" -> ImmutableList.of();
            case "relu" -> one(Function.RELU, 0, 0);
            case "relu6" -> one(Function.CLIP, 0, 6);
            case "sigmoid" -> one(Function.SIGMOID, 0, 0);
            case "tanh" -> one(Function.TANH, 0, 0);
            case "elu" -> one(Function.ELU, 1, 0);
            case "selu" ->
                ImmutableList.of(
                        new Op.Elementwise(Function.ELU, SELU_ALPHA, 0),
                        new Op.Affine(Weights.of((float) SELU_SCALE), Weights.of(0)));
            case "swish", "silu" -> one(Function.SILU, 0, 0);
            case "gelu" -> one(Function.GELU, 0, 0);
            case "leaky_relu" -> one(Function.LEAKY_RELU, 0.2, 0);
            // Keras 3 made it relu6(x + 3) / 6.
            case "hard_sigmoid" ->
                major < 3 ? one(Function.HARD_SIGMOID, 0.2, 0.5) : one(Function.HARD_SIGMOID, 1 / 6.0, 0.5);
            case "hard_silu", "hard_swish" -> one(Function.HARD_SWISH, 0, 0);
            case "softmax" -> ImmutableList.of(new Op.Softmax());
            default ->
                throw new IllegalArgumentException("option 'activation' is '" + name
                        + "', which cannot be imported exactly; implement ModelProbe on the engine that runs it");
        };
    }

    /** Whether a class is that of an activation with no weights. */
    static boolean isLayer(String className) {
        return switch (className) {
            case "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax" -> true;
            default -> false;
        };
    }

    static ImmutableList<Op> layer(KerasLayer layer) {
        return switch (layer.className()) {
            case "Activation" -> option(layer);
            case "ReLU" -> relu(layer);
            case "LeakyReLU" ->
                one(
                        Function.LEAKY_RELU,
                        layer.has("negative_slope") ? layer.real("negative_slope", 0.3) : layer.real("alpha", 0.3),
                        0);
            case "ELU" -> one(Function.ELU, layer.real("alpha", 1), 0);
            case "Softmax" -> {
                JsonNode axis = layer.option("axis");
                checkArgument(
                        axis.isMissingNode() || axis.asInt(0) == -1 || axis.asInt(0) == 1,
                        "option 'axis' is %s, expected -1 (channels)",
                        axis);
                yield ImmutableList.of(new Op.Softmax());
            }
            default ->
                throw new IllegalArgumentException(
                        "option 'activation' is a layer of class '" + layer.className() + "', expected a function");
        };
    }

    private static ImmutableList<Op> relu(KerasLayer layer) {
        double slope = layer.real("negative_slope", 0);
        double threshold = layer.real("threshold", 0);
        double most = layer.real("max_value", Double.POSITIVE_INFINITY);
        checkArgument(threshold == 0, "option 'threshold' is %s, expected 0", threshold);
        checkArgument(most > 0, "option 'max_value' is %s, expected a positive number", most);
        checkArgument(slope >= 0, "option 'negative_slope' is %s, expected 0 or more", slope);
        boolean open = most == Double.POSITIVE_INFINITY;
        if (slope == 0) {
            return open ? one(Function.RELU, 0, 0) : one(Function.CLIP, 0, most);
        }
        Op leaky = new Op.Elementwise(Function.LEAKY_RELU, slope, 0);
        return open
                ? ImmutableList.of(leaky)
                : ImmutableList.of(leaky, new Op.Elementwise(Function.CLIP, Double.NEGATIVE_INFINITY, most));
    }

    private static ImmutableList<Op> one(Function function, double a, double b) {
        return ImmutableList.of(new Op.Elementwise(function, a, b));
    }
}
