package io.neurflow.core.keras;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Optional;

/**
 * A value of the network while it is built.
 *
 * @param index its number in the graph
 * @param order of a flat value that stands in another order than Keras's: the place in the graph's value of each of Keras's
 *     features; empty if it is the same. It is worked into the next Dense layer's weights.
 */
record Value(int index, Optional<ImmutableIntArray> order) {
    static Value of(int index) {
        return new Value(index, Optional.empty());
    }
}
