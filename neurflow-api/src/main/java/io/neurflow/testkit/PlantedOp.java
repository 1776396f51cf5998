package io.neurflow.testkit;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableDoubleArray;

/** What a step of a {@link PlantedNet} does to the values that it reads. */
public sealed interface PlantedOp {
    /**
     * A convolution of stride 1 whose output is as large as its input (zeros around the border). On one position and with
     * size 1 it is a dense layer.
     *
     * @param in input channels
     * @param out output channels
     * @param size rows and columns of the kernel, odd
     * @param weights [out][in][size][size], row-major; each exact in single precision, so that every engine runs one model
     * @param bias [out]
     */
    record Convolution(int in, int out, int size, ImmutableDoubleArray weights, ImmutableDoubleArray bias)
            implements PlantedOp {
        /** Checks the numbers of weights. */
        public Convolution {
            checkArgument(size % 2 == 1, "expected a kernel of odd size, but it is %s", size);
            checkArgument(
                    weights.length() == out * in * size * size && bias.length() == out,
                    "expected %s weights and %s biases, but there are %s and %s",
                    out * in * size * size,
                    out,
                    weights.length(),
                    bias.length());
        }

        /**
         * One weight.
         *
         * @param o output channel
         * @param i input channel
         * @param row of the kernel
         * @param column of the kernel
         * @return the weight
         */
        public double weight(int o, int i, int row, int column) {
            return weights.get(((o * in + i) * size + row) * size + column);
        }
    }

    /** max(x, 0). */
    record Rectifier() implements PlantedOp {}

    /** The sum of two values of one shape. */
    record Sum() implements PlantedOp {}

    /** Channels of several values one after the other. */
    record Concatenation() implements PlantedOp {}

    /**
     * The largest value of each window; the first one takes the gradient.
     *
     * @param size rows and columns of the window, and its stride
     */
    record MaxPool(int size) implements PlantedOp {}

    /** The mean over the positions of each channel. */
    record GlobalAverage() implements PlantedOp {}
}
