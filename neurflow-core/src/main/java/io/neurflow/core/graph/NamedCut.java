package io.neurflow.core.graph;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Shape;

/**
 * A value at which a network graph can be cut into layers, and what people call it.
 *
 * @param value index of the node that makes it
 * @param name the name to show: the primary one, or the one that was asked for
 * @param aliases modules whose output it is, from the outermost in, such as layer4 and layer4.2
 * @param kind the operator that makes it, such as Relu
 * @param shape channels, rows and columns for one input
 */
public record NamedCut(int value, String name, ImmutableList<String> aliases, String kind, Shape shape) {
    @Override
    public String toString() {
        return name + " " + shape + " (" + kind + ")";
    }
}
