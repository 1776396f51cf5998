package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import java.util.List;
import java.util.Set;

/**
 * Adds the operators of one layer to the graph. The last one goes by the layer's name, those on the way by that name with
 * what they are behind a slash.
 */
final class Writer {
    private final NetworkGraph.Builder builder;
    private final Set<String> taken;
    private final String layer;

    /**
     * A writer for one call of a layer.
     *
     * @param builder the graph
     * @param taken names of all values so far
     * @param layer the layer's dotted path
     */
    Writer(NetworkGraph.Builder builder, Set<String> taken, String layer) {
        this.builder = builder;
        this.taken = taken;
        String name = layer;
        // A layer that is called several times.
        for (int call = 1; taken.contains(name); call++) {
            name = layer + ":" + call;
        }
        this.layer = name;
    }

    ImmutableIntArray dims(int value) {
        return builder.dimensions(value);
    }

    ImmutableIntArray dims(Value value) {
        return builder.dimensions(value.index());
    }

    int features(Value value) {
        return dims(value).stream().reduce(1, Math::multiplyExact);
    }

    /** Adds the operator whose value is the layer's. */
    Value add(Op op, int... inputs) {
        taken.add(layer);
        return Value.of(builder.add(layer, layer, layer, op, inputs));
    }

    /** Adds an operator on the way to the layer's value. */
    int step(Op op, int... inputs) {
        String name = layer + "/" + op.kind();
        for (int i = 1; !taken.add(name); i++) {
            name = layer + "/" + op.kind() + i;
        }
        return builder.add(name, name, "", op, inputs);
    }

    /** Adds operators one after the other; a softmax above others does not take the layer's name from the logits. */
    Value chain(List<Op> ops, Value x) {
        int named = ops.size() - 1;
        if (named > 0 && ops.get(named) instanceof Op.Softmax) {
            named--;
        }
        int value = x.index();
        for (int i = 0; i < ops.size(); i++) {
            Op op = ops.get(i);
            if (op instanceof Op.Softmax) {
                value = softmax(value, i == named);
            } else {
                value = i == named ? add(op, value).index() : step(op, value);
            }
        }
        return new Value(value, x.order());
    }

    private int softmax(int x, boolean named) {
        ImmutableIntArray dims = dims(x);
        int features = dims.get(0);
        checkArgument(
                features(Value.of(x)) == features,
                "its softmax runs over the channels of %s x %s positions, expected one",
                dims.length() == 3 ? dims.get(1) : 1,
                dims.length() == 3 ? dims.get(2) : 1);
        boolean flat = dims.length() == 1;
        int in = flat ? x : step(new Op.Reshape(ImmutableIntArray.of(features)), x);
        int out = named && flat ? add(new Op.Softmax(), in).index() : step(new Op.Softmax(), in);
        return flat ? out : named ? add(new Op.Reshape(dims), out).index() : step(new Op.Reshape(dims), out);
    }

    /** The features of a flat value in Keras's order. */
    int inOrder(Value value) {
        return value.order().isEmpty()
                ? value.index()
                : step(new Op.SelectChannels(value.order().get()), value.index());
    }

    ImmutableIntArray map(Value value) {
        ImmutableIntArray dims = dims(value);
        checkArgument(
                dims.length() == 3,
                "it reads a value of %s axes per image, expected three: rows, columns and channels",
                dims.length());
        return dims;
    }
}
