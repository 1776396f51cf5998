package io.neurflow.cuda;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Weights;
import java.util.HashMap;
import java.util.Map;

/** Weights and tables of indices that have been brought to the device, and stay there. */
final class DeviceWeights {
    private final Driver driver;
    private final DeviceMemory memory;
    private final Map<Weights, Memory> weights = new HashMap<>();
    private final Map<ImmutableIntArray, Memory> tables = new HashMap<>();
    private final Map<Integer, Memory> zeros = new HashMap<>();

    DeviceWeights(Driver driver, DeviceMemory memory) {
        this.driver = driver;
        this.memory = memory;
    }

    Memory of(Weights host) {
        Memory known = weights.get(host);
        if (known == null) {
            known = memory.take(host.length());
            float[] values = host.toFloats();
            driver.upload(values, 0, values.length, known);
            weights.put(host, known);
        }
        return known;
    }

    Memory of(ImmutableIntArray table) {
        Memory known = tables.get(table);
        if (known == null) {
            known = memory.take(table.length());
            driver.upload(table.toArray(), known);
            tables.put(table, known);
        }
        return known;
    }

    /** So many zeros, not to be written to. */
    Memory zeros(int count) {
        Memory known = zeros.get(count);
        if (known == null) {
            known = memory.take(count);
            driver.zero(known, count);
            zeros.put(count, known);
        }
        return known;
    }
}
