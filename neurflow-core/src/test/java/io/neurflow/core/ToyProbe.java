package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;

/**
 * A multilayer perceptron in plain Java, float64, for tests of the method: layer i is W_i x + b_i, rectified unless it is
 * the last. Weights are [out][in].
 */
public final class ToyProbe implements ModelProbe {
    private final double[][][] weights;
    private final double[][] biases;
    private final ImmutableList<Layer> layers;

    public ToyProbe(double[][][] weights, double[][] biases) {
        this.weights = weights;
        this.biases = biases;
        ImmutableList.Builder<Layer> all = ImmutableList.builder();
        for (int i = 0; i < weights.length; i++) {
            all.add(new Layer("l" + i, i, i + 1 < weights.length ? "Relu" : "Dense", Shape.units(weights[i].length)));
        }
        layers = all.build();
    }

    /** Without biases. */
    public ToyProbe(double[][]... weights) {
        this(weights, zeros(weights));
    }

    private static double[][] zeros(double[][][] weights) {
        double[][] zeros = new double[weights.length][];
        for (int i = 0; i < zeros.length; i++) {
            zeros[i] = new double[weights[i].length];
        }
        return zeros;
    }

    @Override
    public ModelInfo info() {
        return new ModelInfo("toy", "0".repeat(64), "plain Java", Precision.FLOAT64);
    }

    @Override
    public Shape inputShape() {
        return Shape.units(weights[0][0].length);
    }

    @Override
    public ImmutableList<Layer> layers() {
        return layers;
    }

    @Override
    public Tensor forward(Tensor inputs, Layer to) {
        return run(-1, inputs, to);
    }

    @Override
    public Tensor forward(Layer from, Tensor activations, Layer to) {
        return run(from.index(), activations, to);
    }

    private Tensor run(int from, Tensor x, Layer to) {
        double[] values = new double[x.count() * to.shape().channels()];
        for (int item = 0; item < x.count(); item++) {
            double[] now = x.slice(item, item + 1).toDoubles();
            for (int l = from + 1; l <= to.index(); l++) {
                now = rectified(l, linear(l, now));
            }
            System.arraycopy(now, 0, values, item * now.length, now.length);
        }
        return Tensor.ofDoubles(x.count(), to.shape(), values);
    }

    private double[] linear(int l, double[] x) {
        double[] y = biases[l].clone();
        for (int o = 0; o < y.length; o++) {
            for (int i = 0; i < x.length; i++) {
                y[o] += weights[l][o][i] * x[i];
            }
        }
        return y;
    }

    private double[] rectified(int l, double[] y) {
        double[] z = y.clone();
        for (int o = 0; l + 1 < weights.length && o < z.length; o++) {
            z[o] = Math.max(z[o], 0);
        }
        return z;
    }

    @Override
    public Tensor gradient(Layer from, Tensor activations, Neuron target) {
        int channels = from.shape().channels();
        double[] all = new double[activations.count() * channels];
        int to = target.layer().index();
        for (int item = 0; item < activations.count(); item++) {
            double[][] before = new double[to + 1][];
            double[] now = activations.slice(item, item + 1).toDoubles();
            for (int l = from.index() + 1; l <= to; l++) {
                before[l] = linear(l, now);
                now = rectified(l, before[l]);
            }
            double[] gradient = new double[now.length];
            gradient[target.channel()] = 1;
            for (int l = to; l > from.index(); l--) {
                double[] below = new double[weights[l][0].length];
                for (int o = 0; o < gradient.length; o++) {
                    boolean open = l + 1 == weights.length || before[l][o] > 0;
                    for (int i = 0; open && i < below.length; i++) {
                        below[i] += gradient[o] * weights[l][o][i];
                    }
                }
                gradient = below;
            }
            System.arraycopy(gradient, 0, all, item * channels, channels);
        }
        return Tensor.ofDoubles(activations.count(), from.shape(), all);
    }

    @Override
    public void close() {}
}
