package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.core.graph.Weights;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One node with its inputs looked up. It remembers which attributes and inputs were asked for, so that a node with any
 * that nobody asked for, and whose meaning is therefore unknown, is refused. All refusals are IllegalArgumentExceptions
 * whose text goes after the name of the file and the node.
 */
final class OnnxNode {
    private final Proto.Node proto;
    private final long opset;
    private final List<Optional<Value>> inputs;
    private final Set<String> known = new HashSet<>();
    private int inputsKnown;

    OnnxNode(Proto.Node proto, long opset, List<Optional<Value>> inputs) {
        this.proto = proto;
        this.opset = opset;
        this.inputs = inputs;
    }

    String op() {
        return proto.op();
    }

    Proto.Node proto() {
        return proto;
    }

    long opset() {
        return opset;
    }

    /** Name of the value that the node makes. */
    String output() {
        checkArgument(!proto.outputs().isEmpty() && !proto.outputs().get(0).isEmpty(), "it makes no value");
        return proto.outputs().get(0);
    }

    int inputCount() {
        inputsKnown = inputs.size();
        return inputs.size();
    }

    Optional<Value> optional(int index) {
        inputsKnown = Math.max(inputsKnown, index + 1);
        return index < inputs.size() ? inputs.get(index) : Optional.empty();
    }

    Value input(int index) {
        return optional(index)
                .orElseThrow(() -> new IllegalArgumentException("input " + index + " is missing, expected a value"));
    }

    /** The number of a value that depends on the image. */
    int computed(int index) {
        checkArgument(
                input(index) instanceof Value.Computed,
                "input %s is constant, expected a value that depends on the image",
                index);
        return ((Value.Computed) input(index)).index();
    }

    Constant constant(int index) {
        return constant(index, input(index));
    }

    Optional<Constant> optionalConstant(int index) {
        return optional(index).map(value -> constant(index, value));
    }

    private static Constant constant(int index, Value value) {
        checkArgument(
                value instanceof Constant,
                "input %s is computed from the image, expected a constant; simplify the model or export it with constant"
                        + " folding",
                index);
        return (Constant) value;
    }

    /** Whole numbers that are an attribute in old operator sets and an input in new ones. */
    Optional<ImmutableLongArray> integersOrInput(String attribute, int index) {
        Optional<ImmutableLongArray> old = integers(attribute);
        return old.isPresent() ? old : optionalConstant(index).map(OnnxNode::integers);
    }

    /** Whole numbers that are all known at import. */
    static ImmutableLongArray integers(Constant constant) {
        ImmutableLongArray values = ImmutableLongArray.copyOf(constant.integers());
        checkArgument(
                !values.contains(Constant.BATCH),
                "'%s' holds the number of images, which is not known at import",
                constant.source());
        return values;
    }

    long integer(String name, long otherwise) {
        return attribute(name, Proto.Attribute.INTEGER)
                .map(Proto.Attribute::integer)
                .orElse(otherwise);
    }

    double real(String name, double otherwise) {
        return attribute(name, Proto.Attribute.REAL).map(a -> (double) a.real()).orElse(otherwise);
    }

    String string(String name, String otherwise) {
        return attribute(name, Proto.Attribute.STRING)
                .map(Proto.Attribute::string)
                .orElse(otherwise);
    }

    Optional<ImmutableLongArray> integers(String name) {
        return attribute(name, Proto.Attribute.INTEGERS).map(Proto.Attribute::integers);
    }

    Optional<Proto.Attribute> attribute(String name, int type) {
        known.add(name);
        Optional<Proto.Attribute> attribute =
                Optional.ofNullable(proto.attributes().get(name));
        attribute.ifPresent(a ->
                checkArgument(a.type() == type, "attribute '%s' has type %s, expected type %s", name, a.type(), type));
        return attribute;
    }

    boolean has(String name) {
        return proto.attributes().containsKey(name);
    }

    /** Says that an attribute does not matter for the result. */
    void ignore(String name) {
        known.add(name);
    }

    /** Refuses an attribute value other than the one that is known. */
    void only(String name, long value, long otherwise) {
        long actual = integer(name, otherwise);
        checkArgument(actual == value, "attribute '%s' is %s, expected %s", name, actual, value);
    }

    /** Refuses what nobody asked for. */
    void finish() {
        for (String name : proto.attributes().keySet()) {
            checkArgument(known.contains(name), "attribute '%s' is not known", name);
        }
        for (int i = inputsKnown; i < inputs.size(); i++) {
            checkArgument(inputs.get(i).isEmpty(), "input %s is not known", i);
        }
    }

    /** The one value of a constant. */
    static double scalar(Constant constant) {
        checkArgument(constant.size() == 1, "'%s' has %s values, expected one", constant.source(), constant.size());
        return constant.real(0);
    }

    /** Constants as weights; refuses those that no sum survives. */
    static Weights weights(Constant constant) {
        return weights(constant.source(), constant.reals());
    }

    static Weights weights(String source, float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException("'" + source + "' holds " + value
                        + ", expected finite weights; train or export the model again");
            }
        }
        return Weights.of(values);
    }
}
