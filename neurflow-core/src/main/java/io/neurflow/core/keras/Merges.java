package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.List;
import java.util.Optional;

/** Layers and operators that take several values, or a value and a number. */
final class Merges {
    /** What arithmetic written with + - * / is called by TensorFlow. */
    private static final ImmutableMap<String, String> FUNCTIONS = ImmutableMap.<String, String>builder()
            .put("__operators__.add", "Add")
            .put("math.add", "Add")
            .put("__operators__.sub", "Subtract")
            .put("math.subtract", "Subtract")
            .put("__operators__.mul", "Multiply")
            .put("math.multiply", "Multiply")
            .put("__operators__.truediv", "Divide")
            .put("math.truediv", "Divide")
            .put("math.divide", "Divide")
            .buildOrThrow();

    private final Layout layout;

    Merges(Layout layout) {
        this.layout = layout;
    }

    static boolean isMerge(String className) {
        return switch (className) {
            case "Add", "Subtract", "Multiply", "Average", "Concatenate", "Divide", "TrueDivide", "TFOpLambda" -> true;
            default -> false;
        };
    }

    Value convert(KerasLayer layer, Writer writer, List<Argument> inputs) {
        String kind = layer.className();
        if (kind.equals("TFOpLambda")) {
            String function = layer.text("function").orElse("");
            kind = FUNCTIONS.getOrDefault(function, "");
            checkArgument(
                    !kind.isEmpty(),
                    "option 'function' is '%s', which cannot be imported exactly; build the model from Keras's own layers",
                    function);
        }
        if (kind.equals("TrueDivide")) {
            kind = "Divide";
        }
        checkArgument(inputs.size() >= 2, "it reads %s values, expected 2 or more", inputs.size());
        if (inputs.stream().anyMatch(input -> input.value().isEmpty())) {
            return withNumber(kind, writer, inputs);
        }
        List<Value> values =
                inputs.stream().map(input -> input.value().orElseThrow()).toList();
        // What stands in one order stays in it, if all do.
        Optional<ImmutableIntArray> order = values.get(0).order();
        if (!values.stream().allMatch(value -> value.order().equals(order)) || kind.equals("Concatenate")) {
            values = values.stream().map(v -> Value.of(writer.inOrder(v))).toList();
            return merged(kind, layer, writer, values);
        }
        return new Value(merged(kind, layer, writer, values).index(), order);
    }

    private Value merged(String kind, KerasLayer layer, Writer writer, List<Value> values) {
        int[] in = values.stream().mapToInt(Value::index).toArray();
        return switch (kind) {
            case "Concatenate" -> {
                layout.checkAxis(layer, -1, writer.dims(in[0]).length());
                yield writer.add(new Op.Concat(), in);
            }
            case "Add" -> Value.of(folded(new Op.Add(), writer, in, true));
            case "Multiply" -> Value.of(folded(new Op.Mul(), writer, in, true));
            case "Average" -> {
                int sum = folded(new Op.Add(), writer, in, false);
                yield writer.add(affine(1.0 / in.length, 0), sum);
            }
            case "Subtract" -> {
                checkArgument(in.length == 2, "it reads %s values, expected 2", in.length);
                yield writer.add(new Op.Add(), in[0], writer.step(affine(-1, 0), in[1]));
            }
            default ->
                throw new IllegalArgumentException("it divides a value of the image by another, expected a number");
        };
    }

    private static int folded(Op op, Writer writer, int[] in, boolean last) {
        int value = in[0];
        for (int i = 1; i < in.length; i++) {
            value = last && i == in.length - 1 ? writer.add(op, value, in[i]).index() : writer.step(op, value, in[i]);
        }
        return value;
    }

    private static Value withNumber(String kind, Writer writer, List<Argument> inputs) {
        checkArgument(inputs.size() == 2, "it reads %s values and numbers, expected 2", inputs.size());
        boolean numberFirst = inputs.get(0).value().isEmpty();
        double number = inputs.get(numberFirst ? 0 : 1).number();
        Value x = inputs.get(numberFirst ? 1 : 0)
                .value()
                .orElseThrow(
                        () -> new IllegalArgumentException("it reads numbers alone, expected a value of the image"));
        checkArgument(Double.isFinite(number), "it reads the number %s, expected a finite one", number);
        Op op =
                switch (kind) {
                    case "Add" -> affine(1, number);
                    case "Subtract" -> numberFirst ? affine(-1, number) : affine(1, -number);
                    case "Multiply" -> affine(number, 0);
                    case "Divide" -> {
                        checkArgument(
                                !numberFirst,
                                "it divides a number by a value of the image, expected the other way round");
                        checkArgument(number != 0, "it divides by 0");
                        yield affine(1 / number, 0);
                    }
                    default ->
                        throw new IllegalArgumentException("it reads the number " + number + ", expected values alone");
                };
        return new Value(writer.add(op, x.index()).index(), x.order());
    }

    private static Op affine(double scale, double shift) {
        return new Op.Affine(Weights.of((float) scale), Weights.of((float) shift));
    }
}
