package io.neurflow.testkit;

import com.google.common.primitives.ImmutableDoubleArray;

/** The weights of a convolution while they are being wired. */
final class Kernel {
    private final int in;
    private final int out;
    private final int size;
    private final double[] weights;
    private final double[] bias;

    Kernel(int in, int out, int size) {
        this.in = in;
        this.out = out;
        this.size = size;
        this.weights = new double[out * in * size * size];
        this.bias = new double[out];
    }

    /** Wires through the middle of the kernel. */
    Kernel wire(int o, int i, double weight) {
        return wire(o, i, size / 2, size / 2, weight);
    }

    Kernel wire(int o, int i, int row, int column, double weight) {
        // every engine shall have the same weights, and some have single precision only
        weights[((o * in + i) * size + row) * size + column] = (float) weight;
        return this;
    }

    Kernel bias(int o, double value) {
        bias[o] = (float) value;
        return this;
    }

    PlantedOp.Convolution op() {
        return new PlantedOp.Convolution(
                in, out, size, ImmutableDoubleArray.copyOf(weights), ImmutableDoubleArray.copyOf(bias));
    }
}
