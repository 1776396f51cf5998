package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.core.graph.NetworkGraph;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One import: walks through a model and the models within it, call by call. */
final class Conversion {
    /** Deeper nesting and longer models than these are made to do harm. */
    private static final int DEEPEST = 20;

    private static final int MOST_CALLS = 20_000;

    private final String file;
    private final KerasFile source;
    private final int major;
    private final Layers layers;
    private final NetworkGraph.Builder builder;
    private final Set<String> taken = new HashSet<>();
    private int calls;

    Conversion(String file, KerasFile source, Layout layout, NetworkGraph.Builder builder) {
        this.file = file;
        this.source = source;
        this.major = source.major();
        this.layers = new Layers(layout);
        this.builder = builder;
    }

    NetworkGraph run() {
        List<Value> outputs = model(source.model(), ImmutableList.of(), List.of(Value.of(NetworkGraph.INPUT)), DEEPEST);
        for (Value output : outputs) {
            if (output.index() == NetworkGraph.INPUT) {
                continue;
            }
            ImmutableIntArray dims = builder.dimensions(output.index());
            if (dims.get(0) == dims.stream().asLongStream().reduce(1, Math::multiplyExact)) {
                return builder.build(output.index());
            }
        }
        throw new IllegalArgumentException("none of its " + outputs.size()
                + " outputs has one score per class; save the whole classifier, with its top");
    }

    private List<Value> model(JsonNode model, ImmutableList<String> path, List<Value> inputs, int deeper) {
        checkArgument(deeper > 0, "models are nested more than %s deep, expected fewer", DEEPEST);
        if (ModelJson.isSequential(model)) {
            checkArgument(inputs.size() == 1, "a Sequential model reads %s values, expected 1", inputs.size());
            Value value = inputs.get(0);
            for (JsonNode layer : ModelJson.layers(model)) {
                value = call(layer, path, List.of(Argument.of(value)), deeper);
            }
            return List.of(value);
        }
        return functional(model, path, inputs, deeper);
    }

    private List<Value> functional(JsonNode model, ImmutableList<String> path, List<Value> inputs, int deeper) {
        Map<String, JsonNode> open = new LinkedHashMap<>();
        Map<String, List<Value>> values = new HashMap<>();
        Map<String, ImmutableList<ImmutableList<Calls.Input>>> inbound = new LinkedHashMap<>();
        for (JsonNode layer : ModelJson.layers(model)) {
            String name = ModelJson.name(layer);
            checkArgument(
                    open.put(name, layer) == null, "two layers are called '%s', expected names of their own", name);
            try {
                inbound.put(name, Calls.of(layer));
            } catch (IllegalArgumentException e) {
                throw named(layer, path, e);
            }
            values.put(name, new ArrayList<>());
        }
        ImmutableList<Calls.Input> entrances =
                Calls.references(model.path("config").path("input_layers"));
        checkArgument(
                entrances.size() == inputs.size(),
                "the model has %s inputs, expected %s",
                entrances.size(),
                inputs.size());
        for (int i = 0; i < entrances.size(); i++) {
            String name = entrances.get(i).layer();
            checkArgument(open.remove(name) != null, "there is no input layer '%s'", name);
            values.getOrDefault(name, new ArrayList<>()).add(inputs.get(i));
        }
        Numbering numbering = new Numbering(model, inbound);
        ImmutableSetMultimap<String, String> readers = readers(inbound);
        // In the file's order; who could not be called yet comes again after what it reads.
        Deque<String> next = new ArrayDeque<>(open.keySet());
        while (!next.isEmpty()) {
            String name = next.remove();
            JsonNode layer = open.get(name);
            ImmutableList<ImmutableList<Calls.Input>> all = inbound.getOrDefault(name, ImmutableList.of());
            List<Value> done = values.getOrDefault(name, List.of());
            int before = done.size();
            while (layer != null && done.size() < all.size()) {
                Optional<List<Argument>> arguments = arguments(all.get(done.size()), values, numbering);
                if (arguments.isEmpty()) {
                    break;
                }
                done.add(call(layer, path, arguments.get(), deeper));
            }
            if (done.size() == all.size()) {
                open.remove(name);
            }
            if (done.size() > before) {
                next.addAll(readers.get(name));
            }
        }
        List<Value> outputs = new ArrayList<>();
        for (Calls.Input output : Calls.references(model.path("config").path("output_layers"))) {
            outputs.add(value(output, values, numbering)
                    .orElseThrow(() -> new IllegalArgumentException("nothing makes the output '" + output.layer()
                            + "': its layers do not follow from the input; save the model again")));
        }
        checkArgument(!outputs.isEmpty(), "the model has no outputs, expected one with class scores");
        return outputs;
    }

    /** Of each layer those that read it. */
    private static ImmutableSetMultimap<String, String> readers(
            Map<String, ImmutableList<ImmutableList<Calls.Input>>> inbound) {
        ImmutableSetMultimap.Builder<String, String> readers = ImmutableSetMultimap.builder();
        inbound.forEach(
                (name, calls) -> calls.forEach(inputs -> inputs.forEach(input -> readers.put(input.layer(), name))));
        return readers.build();
    }

    private static Optional<List<Argument>> arguments(
            List<Calls.Input> inputs, Map<String, List<Value>> values, Numbering numbering) {
        List<Argument> arguments = new ArrayList<>();
        for (Calls.Input input : inputs) {
            if (input.isNumber()) {
                arguments.add(Argument.of(input.number()));
                continue;
            }
            Optional<Value> value = value(input, values, numbering);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            arguments.add(Argument.of(value.get()));
        }
        return Optional.of(arguments);
    }

    private static Optional<Value> value(Calls.Input input, Map<String, List<Value>> values, Numbering numbering) {
        List<Value> made = values.get(input.layer());
        checkArgument(made != null, "there is no layer '%s', which another one reads", input.layer());
        int call = numbering.call(input);
        return call < made.size() ? Optional.of(made.get(call)) : Optional.empty();
    }

    private Value call(JsonNode layer, ImmutableList<String> around, List<Argument> arguments, int deeper) {
        checkArgument(++calls <= MOST_CALLS, "it has more than %s layers, expected fewer", MOST_CALLS);
        try {
            ImmutableList<String> path = ImmutableList.<String>builder()
                    .addAll(around)
                    .add(ModelJson.name(layer))
                    .build();
            if (layer.path("class_name").asText().equals("InputLayer")) {
                return arguments.get(0).value().orElseThrow();
            }
            if (ModelJson.isModel(layer)) {
                List<Value> inputs = arguments.stream()
                        .map(argument -> argument.value().orElseThrow())
                        .toList();
                List<Value> outputs = model(layer, path, inputs, deeper - 1);
                checkArgument(outputs.size() == 1, "this model has %s outputs, expected 1", outputs.size());
                return outputs.get(0);
            }
            KerasLayer reader = new KerasLayer(
                    path, layer.path("class_name").asText(), layer.path("config"), source.weights(), major);
            Value value = layers.convert(reader, new Writer(builder, taken, reader.dotted()), arguments);
            reader.finish();
            return value;
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            throw named(layer, around, e);
        }
    }

    private NeurflowException named(JsonNode layer, ImmutableList<String> around, RuntimeException e) {
        String name =
                layer.path("config").path("name").asText(layer.path("name").asText());
        String path = around.isEmpty() ? name : String.join(".", around) + "." + name;
        return new NeurflowException(
                file + ": " + layer.path("class_name").asText("(no class)") + " layer '" + path + "': "
                        + e.getMessage(),
                e);
    }
}
