package io.neurflow.core.samediff;

import io.neurflow.core.graph.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Arrays made of an operator's weights, each made once. Those of the network's own operators are shared by all programs of
 * a probe; those of operators that were made for one program (one row of a convolution, say) belong to that program.
 */
final class Constants implements AutoCloseable {
    private record Key(Op op, String role) {}

    private final Map<Key, INDArray> arrays = new HashMap<>();
    private final List<INDArray> others = new ArrayList<>();
    private final Set<Op> network;
    private final @Nullable Constants shared;

    Constants(Set<Op> network) {
        this(network, null);
    }

    private Constants(Set<Op> network, @Nullable Constants shared) {
        this.network = network;
        this.shared = shared;
    }

    Constants forOneProgram() {
        return new Constants(network, this);
    }

    INDArray of(Op op, String role, Supplier<INDArray> make) {
        if (shared != null && network.contains(op)) {
            return shared.of(op, role, make);
        }
        Key key = new Key(op, role);
        INDArray array = arrays.get(key);
        if (array == null) {
            array = make.get();
            arrays.put(key, array);
        }
        return array;
    }

    /** An array that is no operator's. */
    INDArray own(Supplier<INDArray> make) {
        INDArray array = make.get();
        others.add(array);
        return array;
    }

    @Override
    public void close() {
        arrays.values().forEach(INDArray::close);
        arrays.clear();
        others.forEach(INDArray::close);
        others.clear();
    }
}
