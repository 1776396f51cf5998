package io.neurflow.core.graph;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;

/**
 * One operator of a {@link NetworkGraph} and the value that it makes.
 *
 * @param index position in {@link NetworkGraph#nodes()}; also the number of its value
 * @param name the node's own name in the model's file, such as {@code /layer4/layer4.2/relu_2/Relu}; for messages
 * @param value name of the value (tensor) that it makes, unique
 * @param module dotted path of the module that it belongs to, such as {@code layer4.2.relu_2}; empty if unknown
 * @param op what it does
 * @param inputs numbers of the values that it reads: {@link NetworkGraph#INPUT} or indices of earlier nodes
 * @param dimensions extents of its value for one input, without the batch
 */
public record Node(
        int index,
        String name,
        String value,
        String module,
        Op op,
        ImmutableList<Integer> inputs,
        ImmutableIntArray dimensions) {
    @Override
    public String toString() {
        return op.kind() + " node '" + name + "'";
    }
}
