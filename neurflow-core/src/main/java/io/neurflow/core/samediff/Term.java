package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a variable stands for during import. */
sealed interface Term {
    /** A value known beforehand. */
    record Known(INDArray array) implements Term {}

    /**
     * A value of the network graph. The variable's axis i + 1 (axis 0 is the batch) is axis {@code order[i]} of the value: a
     * variable of [batch, rows, columns, channels] has the order [1, 2, 0].
     */
    record Seen(int index, ImmutableIntArray order) implements Term {}
}
