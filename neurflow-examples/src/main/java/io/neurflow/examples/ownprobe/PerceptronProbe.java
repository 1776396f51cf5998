package io.neurflow.examples.ownprobe;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.CheckedProbe;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;

/**
 * A perceptron in plain Java: y = max(W x + b, 0) layer by layer, without the maximum in the last one. The smallest probe
 * that does everything a probe has to do.
 */
public final class PerceptronProbe extends CheckedProbe {
    private final double[][][] weights;
    private final double[][] biases;

    /**
     * Takes a trained network.
     *
     * @param name for people
     * @param inputs extent of one input, whose values the first layer reads in order
     * @param weights [layer][unit][unit below]; copied nowhere, so not to be written to afterwards
     * @param biases [layer][unit]; the same
     */
    public PerceptronProbe(String name, Shape inputs, double[][][] weights, double[][] biases) {
        super(new ModelInfo(name, "not in a file", "plain Java", Precision.FLOAT64), inputs, layers(biases));
        this.weights = weights;
        this.biases = biases;
    }

    private static ImmutableList<Layer> layers(double[][] biases) {
        ImmutableList.Builder<Layer> layers = ImmutableList.builder();
        int top = biases.length - 1;
        for (int l = 0; l <= top; l++) {
            String name = l == top ? "logits" : "hidden" + l;
            layers.add(new Layer(name, l, l == top ? "Dense" : "Relu", Shape.units(biases[l].length)));
        }
        return layers.build();
    }

    @Override
    protected Tensor compute(Tensor inputs, Layer to) {
        return run(inputs, 0, to);
    }

    @Override
    protected Tensor computeBetween(Layer from, Tensor activations, Layer to) {
        return run(activations, from.index() + 1, to);
    }

    private Tensor run(Tensor x, int first, Layer to) {
        int size = to.shape().size();
        double[] values = x.toDoubles();
        double[] result = new double[x.count() * size];
        for (int item = 0; item < x.count(); item++) {
            double[] y = item(values, item, x.shape().size());
            for (int l = first; l <= to.index(); l++) {
                y = above(l, y);
            }
            System.arraycopy(y, 0, result, item * size, size);
        }
        return Tensor.ofDoubles(x.count(), to.shape(), result);
    }

    @Override
    protected Tensor differentiate(Layer from, Tensor activations, Neuron target) {
        int size = from.shape().size();
        double[] values = activations.toDoubles();
        double[] result = new double[values.length];
        for (int item = 0; item < activations.count(); item++) {
            double[][] y = new double[weights.length][];
            y[from.index()] = item(values, item, size);
            for (int l = from.index() + 1; l <= target.layer().index(); l++) {
                y[l] = above(l, y[l - 1]);
            }
            double[] gradient = new double[target.layer().shape().size()];
            gradient[target.channel()] = 1; // the mean over one position
            for (int l = target.layer().index(); l > from.index(); l--) {
                gradient = below(l, y[l], gradient);
            }
            System.arraycopy(gradient, 0, result, item * size, size);
        }
        return Tensor.ofDoubles(activations.count(), from.shape(), result);
    }

    private static double[] item(double[] values, int item, int size) {
        double[] one = new double[size];
        System.arraycopy(values, item * size, one, 0, size);
        return one;
    }

    private double[] above(int l, double[] x) {
        double[] y = biases[l].clone();
        for (int j = 0; j < y.length; j++) {
            for (int i = 0; i < x.length; i++) {
                y[j] += weights[l][j][i] * x[i];
            }
            y[j] = isTop(l) ? y[j] : Math.max(y[j], 0);
        }
        return y;
    }

    /** The gradient with respect to the layer below. A unit that is 0 passes nothing on. */
    private double[] below(int l, double[] y, double[] gradient) {
        double[] result = new double[weights[l][0].length];
        for (int j = 0; j < y.length; j++) {
            if (isTop(l) || y[j] > 0) {
                for (int i = 0; i < result.length; i++) {
                    result[i] += weights[l][j][i] * gradient[j];
                }
            }
        }
        return result;
    }

    private boolean isTop(int l) {
        return l == weights.length - 1;
    }
}
