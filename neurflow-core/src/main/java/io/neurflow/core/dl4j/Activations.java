package io.neurflow.core.dl4j;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise.Function;

/** The activation functions of ND4J that can be imported exactly. */
final class Activations {
    private Activations() {}

    static ImmutableList<Op> of(Dl4jLayer layer) {
        JsonNode json = layer.option("activationFn");
        if (json.isMissingNode() || json.isNull()) {
            return ImmutableList.of();
        }
        Dl4jLayer function = new Dl4jLayer(json);
        ImmutableList<Op> ops = of(function.kind(), function);
        function.finish();
        return ops;
    }

    private static ImmutableList<Op> of(String kind, Dl4jLayer function) {
        return switch (kind) {
            case "ActivationIdentity" -> ImmutableList.of();
            case "ActivationReLU" -> relu(function);
            case "ActivationReLU6" -> one(Function.CLIP, 0, 6);
            case "ActivationLReLU" -> one(Function.LEAKY_RELU, function.real("alpha", 0.01), 0);
            case "ActivationELU" -> one(Function.ELU, function.real("alpha", 1), 0);
            case "ActivationSigmoid" -> one(Function.SIGMOID, 0, 0);
            case "ActivationTanH" -> one(Function.TANH, 0, 0);
            case "ActivationHardSigmoid" -> one(Function.HARD_SIGMOID, 0.2, 0.5);
            case "ActivationSwish" -> one(Function.SILU, 0, 0);
            case "ActivationSoftmax" -> ImmutableList.of(new Op.Softmax());
            default ->
                throw new IllegalArgumentException("option 'activationFn' is '" + kind
                        + "', which cannot be imported exactly; implement ModelProbe on the engine that runs it");
        };
    }

    private static ImmutableList<Op> relu(Dl4jLayer function) {
        double slope = function.real("negativeSlope", 0);
        double threshold = function.real("threshold", 0);
        double most = function.real("max", 0);
        checkArgument(
                threshold == 0 && slope >= 0 && (slope == 0 || most == 0) && most >= 0,
                "its ReLU has slope %s, threshold %s and maximum %s, expected one of slope and maximum, and no threshold",
                slope,
                threshold,
                most);
        return most > 0
                ? one(Function.CLIP, 0, most)
                : slope > 0 ? one(Function.LEAKY_RELU, slope, 0) : one(Function.RELU, 0, 0);
    }

    private static ImmutableList<Op> one(Function function, double a, double b) {
        return ImmutableList.of(new Op.Elementwise(function, a, b));
    }
}
