package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import java.util.HashMap;
import java.util.Map;

/** Adds operators to a network graph under the names and modules of the ONNX nodes that they come from. */
final class GraphWriter {
    private static final int MOST = 1 << 15;

    private int added;
    private final NetworkGraph.Builder builder;
    private final Modules modules;

    /** Where the values of a reshape come from: chains of reshapes become one. */
    private final Map<Integer, Integer> reshaped = new HashMap<>();

    GraphWriter(NetworkGraph.Builder builder, Modules modules) {
        this.builder = builder;
        this.modules = modules;
    }

    ImmutableIntArray dims(int value) {
        return builder.dimensions(value);
    }

    /** Adds the operator that makes the node's output. */
    Value add(OnnxNode node, Op op, int... inputs) {
        return new Value.Computed(add(node, node.output(), op, inputs));
    }

    /** Adds an operator on the way to the node's output, under a name of its own. */
    int step(OnnxNode node, String suffix, Op op, int... inputs) {
        return add(node, node.output() + "/" + suffix, op, inputs);
    }

    /** Other dimensions for a value; nothing is added if they are those that it has. */
    Value reshape(OnnxNode node, int value, ImmutableIntArray dims) {
        return new Value.Computed(reshape(node, node.output(), value, dims));
    }

    /** The same on the way to the node's output. */
    int stepReshape(OnnxNode node, String suffix, int value, ImmutableIntArray dims) {
        return reshape(node, node.output() + "/" + suffix, value, dims);
    }

    private int reshape(OnnxNode node, String name, int value, ImmutableIntArray dims) {
        if (dims(value).equals(dims)) {
            return value;
        }
        int source = reshaped.getOrDefault(value, value);
        if (dims(source).equals(dims)) {
            return source;
        }
        int index = add(node, name, new Op.Reshape(dims), source);
        reshaped.put(index, source);
        return index;
    }

    int add(OnnxNode node, String value, Op op, int... inputs) {
        checkArgument(added++ < MOST, "there are more than %s operators, expected an image classifier", MOST);
        String module = modules.of(node, op, inputs);
        String name = node.proto().name();
        int index = builder.add(name.isEmpty() ? value : name, value, module, op, inputs);
        modules.added(index, module, inputs);
        return index;
    }
}
