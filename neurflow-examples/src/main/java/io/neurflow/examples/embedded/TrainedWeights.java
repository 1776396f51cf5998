package io.neurflow.examples.embedded;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * Weights of the network by name: {@code NAME.weight} as [out, in, rows, columns] (dense: [out, in]) and {@code NAME.bias} as
 * [out], row-major, in single precision.
 */
final class TrainedWeights {
    private final ImmutableMap<String, float[]> values;

    TrainedWeights(Map<String, float[]> values) {
        this.values = ImmutableMap.copyOf(values);
    }

    /** The array of that name itself; not to be written to. */
    float[] get(String name) {
        float[] found = values.get(name);
        if (found == null) {
            throw new IllegalArgumentException("there are no weights '" + name + "', only " + values.keySet());
        }
        return found;
    }
}
