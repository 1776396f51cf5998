package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How the layers of a functional model call each other, as Keras 1 and 2 and, differently, Keras 3 write it down. */
final class Calls {
    /** Arguments that change nothing at inference, if they are false or null. */
    private static final ImmutableSet<String> HARMLESS = ImmutableSet.of("training", "mask", "name");

    private static final String CONSTANT = "_CONSTANT_VALUE";

    private Calls() {}

    /**
     * What a layer is called with: the output of another layer's call, or a number.
     *
     * @param layer name of the other layer; empty for a number
     * @param call which call of it
     * @param number the number
     */
    record Input(String layer, int call, double number) {
        boolean isNumber() {
            return layer.isEmpty();
        }
    }

    /** The inputs of each call of a layer. */
    static ImmutableList<ImmutableList<Input>> of(JsonNode layer) {
        ImmutableList.Builder<ImmutableList<Input>> calls = ImmutableList.builder();
        for (JsonNode call : layer.path("inbound_nodes")) {
            List<Input> inputs = new ArrayList<>();
            if (call.isObject()) {
                tensors(call.path("args"), inputs);
                call.path("kwargs").properties().forEach(entry -> argument(entry, inputs));
            } else if (isReference(call)) {
                reference(call, inputs);
            } else {
                call.forEach(each -> reference(each, inputs));
            }
            calls.add(ImmutableList.copyOf(inputs));
        }
        return calls.build();
    }

    /** References such as [name, call, tensor], one or a list of them. */
    static ImmutableList<Input> references(JsonNode list) {
        List<Input> inputs = new ArrayList<>();
        if (isReference(list)) {
            reference(list, inputs);
        } else {
            list.forEach(each -> reference(each, inputs));
        }
        return ImmutableList.copyOf(inputs);
    }

    private static boolean isReference(JsonNode node) {
        return node.isArray() && node.size() >= 3 && node.get(0).isTextual();
    }

    private static void reference(JsonNode node, List<Input> inputs) {
        checkArgument(
                isReference(node), "it is called with %s, expected the name and number of another layer's call", node);
        if (node.get(0).asText().equals(CONSTANT)) {
            checkArgument(node.get(2).isNumber(), "it is called with %s, expected a number", node.get(2));
            inputs.add(new Input("", 0, node.get(2).doubleValue()));
        } else {
            checkArgument(
                    node.get(1).canConvertToInt() && node.get(2).asInt(-1) == 0,
                    "it is called with output %s of '%s', expected that layer's first and only one",
                    node.get(2),
                    node.get(0).asText());
            inputs.add(new Input(node.get(0).asText(), node.get(1).intValue(), 0));
        }
        if (node.size() > 3) {
            node.get(3).properties().forEach(entry -> argument(entry, inputs));
        }
    }

    private static void argument(Map.Entry<String, JsonNode> argument, List<Input> inputs) {
        JsonNode value = argument.getValue();
        String name = argument.getKey();
        boolean off = value.isNull() || (value.isBoolean() && !value.booleanValue());
        if (off || (name.equals("name") && value.isTextual())) {
            return;
        }
        checkArgument(
                !HARMLESS.contains(name),
                "it is called with %s=%s, expected inference; build the model without it",
                name,
                value);
        // The second operand of x + y.
        checkArgument(
                name.equals("y") || name.equals("x2"), "it is called with the argument '%s', which is not known", name);
        if (value.isNumber()) {
            inputs.add(new Input("", 0, value.doubleValue()));
        } else if (isReference(value)) {
            reference(value, inputs);
        } else {
            tensors(value, inputs);
        }
    }

    private static void tensors(JsonNode argument, List<Input> inputs) {
        if (argument.isArray()) {
            argument.forEach(each -> tensors(each, inputs));
        } else if (argument.isNumber()) {
            inputs.add(new Input("", 0, argument.doubleValue()));
        } else {
            JsonNode history = argument.path("config").path("keras_history");
            checkArgument(isReference(history), "it is called with %s, expected the output of another layer", argument);
            reference(history, inputs);
        }
    }
}
