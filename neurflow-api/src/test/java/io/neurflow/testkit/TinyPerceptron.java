package io.neurflow.testkit;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.Random;

/** The smallest probe that says something: 2x3x2 inputs, two hidden layers of rectified units, a linear top. */
final class TinyPerceptron implements ModelProbe {
    private static final Shape INPUT = new Shape(2, 3, 2);
    private static final ImmutableList<Layer> LAYERS = ImmutableList.of(
            new Layer("hidden1", 0, "Relu", Shape.units(9)),
            new Layer("hidden2", 1, "Relu", Shape.units(7)),
            new Layer("out", 2, "Gemm", Shape.units(4)));

    private final double[][][] weights;
    private boolean closed;

    TinyPerceptron(long seed) {
        Random random = new Random(seed);
        weights = new double[LAYERS.size()][][];
        for (int l = 0; l < weights.length; l++) {
            int in = (l == 0 ? INPUT : LAYERS.get(l - 1).shape()).size();
            weights[l] = new double[LAYERS.get(l).shape().size()][in + 1];
            for (double[] row : weights[l]) {
                for (int i = 0; i <= in; i++) {
                    row[i] = random.nextGaussian() / Math.sqrt(in);
                }
            }
        }
    }

    @Override
    public ModelInfo info() {
        return new ModelInfo("tiny perceptron", "0", "plain Java", Precision.FLOAT64);
    }

    @Override
    public Shape inputShape() {
        return INPUT;
    }

    @Override
    public ImmutableList<Layer> layers() {
        return LAYERS;
    }

    @Override
    public Tensor forward(Tensor inputs, Layer to) {
        check(inputs, INPUT, to);
        return run(inputs, -1, to);
    }

    @Override
    public Tensor forward(Layer from, Tensor activations, Layer to) {
        check(from, activations, to);
        return run(activations, from.index(), to);
    }

    @Override
    public Tensor gradient(Layer from, Tensor activations, Neuron target) {
        check(from, activations, target.layer());
        int size = from.shape().size();
        double[] gradients = new double[activations.count() * size];
        for (int item = 0; item < activations.count(); item++) {
            double[][] values = values(activations.slice(item, item + 1).toDoubles(), from.index(), target.layer());
            double[] back = new double[target.layer().shape().size()];
            back[target.channel()] = 1;
            for (int l = target.layer().index(); l > from.index(); l--) {
                back = pulledBack(l, values[l], back);
            }
            System.arraycopy(back, 0, gradients, item * size, size);
        }
        return Tensor.ofDoubles(activations.count(), from.shape(), gradients);
    }

    private double[] pulledBack(int l, double[] above, double[] gradient) {
        double[] below = new double[weights[l][0].length - 1];
        for (int j = 0; j < above.length; j++) {
            if (l == LAYERS.size() - 1 || above[j] > 0) {
                for (int i = 0; i < below.length; i++) {
                    below[i] += weights[l][j][i] * gradient[j];
                }
            }
        }
        return below;
    }

    private Tensor run(Tensor x, int from, Layer to) {
        int size = to.shape().size();
        double[] result = new double[x.count() * size];
        for (int item = 0; item < x.count(); item++) {
            double[][] values = values(x.slice(item, item + 1).toDoubles(), from, to);
            System.arraycopy(values[to.index()], 0, result, item * size, size);
        }
        return Tensor.ofDoubles(x.count(), to.shape(), result);
    }

    private double[][] values(double[] x, int from, Layer to) {
        double[][] values = new double[LAYERS.size()][];
        double[] below = x;
        for (int l = from + 1; l <= to.index(); l++) {
            double[] above = new double[weights[l].length];
            for (int j = 0; j < above.length; j++) {
                double sum = weights[l][j][below.length];
                for (int i = 0; i < below.length; i++) {
                    sum += weights[l][j][i] * below[i];
                }
                above[j] = l == LAYERS.size() - 1 ? sum : Math.max(sum, 0);
            }
            values[l] = above;
            below = above;
        }
        return values;
    }

    private void check(Layer from, Tensor x, Layer to) {
        check(x, from.shape(), to);
        checkArgument(LAYERS.contains(from), "%s is not a layer of this probe", from);
        checkArgument(from.index() < to.index(), "expected a layer above %s, but there is %s", from, to);
    }

    private void check(Tensor x, Shape shape, Layer to) {
        checkState(!closed, "the probe is closed");
        checkArgument(LAYERS.contains(to), "%s is not a layer of this probe", to);
        checkArgument(x.shape().equals(shape), "expected activations of %s, but they are %s", shape, x.shape());
    }

    @Override
    public void close() {
        closed = true;
    }
}
