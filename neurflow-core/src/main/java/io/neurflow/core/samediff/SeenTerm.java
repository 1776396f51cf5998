package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;

/**
 * A value of the network graph. The variable's axis i + 1 (axis 0 is the batch) is axis {@code order[i]} of the value: a
 * variable of [batch, rows, columns, channels] has the order [1, 2, 0].
 */
record SeenTerm(int index, ImmutableIntArray order) implements Term {}
