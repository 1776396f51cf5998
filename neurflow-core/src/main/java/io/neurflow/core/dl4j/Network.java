package io.neurflow.core.dl4j;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One import: goes through the layers in the order in which Deeplearning4j strings up their parameters. */
final class Network {
    private final String file;
    private final JsonNode json;
    private final Coefficients coefficients;
    private final Layers layers;
    private final NetworkGraph.Builder builder;
    private final Set<String> taken = new HashSet<>();

    Network(String file, JsonNode json, Coefficients coefficients, NetworkGraph.Builder builder) {
        this.file = file;
        this.json = json;
        this.coefficients = coefficients;
        this.layers = new Layers(coefficients);
        this.builder = builder;
    }

    NetworkGraph run() {
        int output = json.path("vertices").isObject() ? graph() : list();
        coefficients.finish();
        checkArgument(output != NetworkGraph.INPUT, "it has no layers that compute anything, expected a classifier");
        ImmutableIntArray dims = builder.dimensions(output);
        checkArgument(
                dims.get(0) == dims.stream().asLongStream().reduce(1, Math::multiplyExact),
                "its output has the extents %s, expected one score per class",
                dims);
        return builder.build(output);
    }

    /** A MultiLayerNetwork: one layer after the other. */
    private int list() {
        JsonNode confs = json.path("confs");
        checkArgument(
                confs.isArray() && !confs.isEmpty(),
                "its configuration.json has neither 'confs' nor 'vertices', expected a network of Deeplearning4j"
                        + " 1.0.0-beta4 or newer");
        int value = NetworkGraph.INPUT;
        for (int i = 0; i < confs.size(); i++) {
            JsonNode layer = unwrapped(confs.get(i).path("layer"));
            String name = layer.path("layerName").asText("");
            name = name.isEmpty() || name.equals("null") ? "layer" + i : name;
            value = layer(name, layer, json.path("inputPreProcessors").path(Integer.toString(i)), value);
        }
        return value;
    }

    /** A ComputationGraph. */
    private int graph() {
        JsonNode inputs = json.path("networkInputs");
        checkArgument(inputs.size() == 1, "it has the inputs %s, expected one, the images", inputs);
        Map<String, Integer> values = new HashMap<>();
        values.put(inputs.get(0).asText(), NetworkGraph.INPUT);
        JsonNode order = json.path("topologicalOrderStr");
        checkArgument(
                order.isArray() && !order.isEmpty(),
                "its configuration.json has no 'topologicalOrderStr', which says whose parameters come first; load and save"
                        + " it with Deeplearning4j 1.0.0-beta4 or newer");
        for (JsonNode each : order) {
            String name = each.asText();
            if (values.containsKey(name)) {
                continue;
            }
            JsonNode vertex = json.path("vertices").path(name);
            int[] in = new int[json.path("vertexInputs").path(name).size()];
            for (int i = 0; i < in.length; i++) {
                String from = json.path("vertexInputs").path(name).path(i).asText();
                Integer value = values.get(from);
                checkArgument(value != null, "nothing before vertex '%s' makes its input '%s'", name, from);
                in[i] = value;
            }
            if (Dl4jLayer.kind(vertex).equals("LayerVertex")) {
                checkArgument(in.length == 1, "layer '%s' has %s inputs, expected 1", name, in.length);
                JsonNode layer = unwrapped(vertex.path("layerConf").path("layer"));
                values.put(name, layer(name, layer, vertex.path("preProcessor"), in[0]));
            } else {
                values.put(name, vertex(name, vertex, in));
            }
        }
        for (JsonNode output : json.path("networkOutputs")) {
            Integer value = values.get(output.asText());
            if (value != null) {
                return value;
            }
        }
        throw new IllegalArgumentException("nothing makes its outputs " + json.path("networkOutputs"));
    }

    /** A frozen layer computes what the layer in it does. */
    private static JsonNode unwrapped(JsonNode layer) {
        return Dl4jLayer.kind(layer).startsWith("FrozenLayer") ? layer.path("layer") : layer;
    }

    private int layer(String name, JsonNode json, JsonNode preprocessor, int input) {
        Dl4jLayer layer = new Dl4jLayer(json);
        try {
            int value = preprocessor.isObject() ? preprocessed(name, new Dl4jLayer(preprocessor), input) : input;
            value = chain(name, layers.convert(layer, builder.dimensions(value)), value);
            layer.finish();
            return value;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new NeurflowException(file + ": " + layer.kind() + " '" + name + "': " + e.getMessage(), e);
        }
    }

    private int preprocessed(String name, Dl4jLayer preprocessor, int input) {
        String kind = preprocessor.kind();
        ImmutableIntArray dims = builder.dimensions(input);
        ImmutableIntArray extents = ImmutableIntArray.of(
                preprocessor.integer("numChannels"),
                preprocessor.integer("inputHeight"),
                preprocessor.integer("inputWidth"));
        preprocessor.only("format", "NCHW");
        if (kind.equals("CnnToFeedForwardPreProcessor")) {
            checkArgument(dims.equals(extents), "its preprocessor flattens %s, but it reads %s", extents, dims);
            int size = extents.stream().reduce(1, Math::multiplyExact);
            return add(name + "/Flatten", "", new Op.Reshape(ImmutableIntArray.of(size)), input);
        }
        checkArgument(
                kind.equals("FeedForwardToCnnPreProcessor") && input == NetworkGraph.INPUT,
                "its preprocessor '%s' is not known, expected CnnToFeedForwardPreProcessor",
                kind);
        checkArgument(dims.equals(extents), "it reads images of %s, but images of %s were asked for", extents, dims);
        return input;
    }

    /** The last operator goes by the layer's name, but a softmax above others leaves it to the logits. */
    private int chain(String name, List<Op> ops, int input) {
        int named = ops.size() - 1;
        if (named > 0 && ops.get(named) instanceof Op.Softmax) {
            named--;
        }
        int value = input;
        for (int i = 0; i < ops.size(); i++) {
            Op op = ops.get(i);
            value = i == named ? add(name, name, op, value) : add(name + "/" + op.kind(), "", op, value);
        }
        return value;
    }

    private int add(String name, String module, Op op, int... inputs) {
        String free = name;
        for (int i = 1; !taken.add(free); i++) {
            free = name + i;
        }
        return builder.add(free, free, module, op, inputs);
    }

    private int vertex(String name, JsonNode json, int[] in) {
        Dl4jLayer vertex = new Dl4jLayer(json);
        try {
            int value =
                    switch (vertex.kind()) {
                        case "MergeVertex" -> {
                            vertex.only("mergeAxis", "1");
                            yield in.length == 1 ? in[0] : add(name, name, new Op.Concat(), in);
                        }
                        case "ElementWiseVertex" -> elementWise(name, vertex, in);
                        case "ScaleVertex" -> add(name, name, affine(vertex.real("scaleFactor", 1), 0), in[0]);
                        case "ShiftVertex" -> add(name, name, affine(1, vertex.real("shiftFactor", 0)), in[0]);
                        default ->
                            throw new IllegalArgumentException("vertices of this class cannot be imported exactly; save"
                                    + " the model without it, or implement ModelProbe on the engine that runs it");
                    };
            vertex.finish();
            return value;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new NeurflowException(file + ": " + vertex.kind() + " '" + name + "': " + e.getMessage(), e);
        }
    }

    private int elementWise(String name, Dl4jLayer vertex, int[] in) {
        checkArgument(in.length >= 2, "it has %s inputs, expected 2 or more", in.length);
        String op = vertex.text("op", "");
        return switch (op) {
            case "Add" -> folded(name, new Op.Add(), in, true);
            case "Product" -> folded(name, new Op.Mul(), in, true);
            case "Average" -> add(name, name, affine(1.0 / in.length, 0), folded(name, new Op.Add(), in, false));
            case "Subtract" -> {
                checkArgument(in.length == 2, "it subtracts %s values, expected 2", in.length);
                yield add(name, name, new Op.Add(), in[0], add(name + "/Affine", "", affine(-1, 0), in[1]));
            }
            default ->
                throw new IllegalArgumentException(
                        "option 'op' is '" + op + "', expected Add, Product, Average or Subtract");
        };
    }

    private int folded(String name, Op op, int[] in, boolean last) {
        for (int i = 1; i < in.length; i++) {
            checkArgument(
                    builder.dimensions(in[i]).equals(builder.dimensions(in[0])),
                    "its inputs have different dimensions, expected the same");
        }
        List<Integer> rest = new ArrayList<>();
        for (int value : in) {
            rest.add(value);
        }
        int value = rest.remove(0);
        while (!rest.isEmpty()) {
            int next = rest.remove(0);
            value = last && rest.isEmpty()
                    ? add(name, name, op, value, next)
                    : add(name + "/" + op.kind(), "", op, value, next);
        }
        return value;
    }

    private static Op affine(double scale, double shift) {
        return new Op.Affine(Weights.of((float) scale), Weights.of((float) shift));
    }

    /** The extents of images, if the description says them; Deeplearning4j writes them down for flat inputs alone. */
    static ImmutableList<Integer> declaredInput(JsonNode json) {
        JsonNode first = json.path("inputPreProcessors").path("0");
        return Dl4jLayer.kind(first).equals("FeedForwardToCnnPreProcessor")
                ? ImmutableList.of(
                        first.path("numChannels").asInt(),
                        first.path("inputHeight").asInt(),
                        first.path("inputWidth").asInt())
                : ImmutableList.of();
    }
}
