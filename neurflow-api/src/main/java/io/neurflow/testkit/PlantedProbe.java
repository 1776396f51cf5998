package io.neurflow.testkit;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a {@link PlantedNet} in plain Java and double precision, with exact gradients: slow, and plain to see. */
public final class PlantedProbe implements ModelProbe {
    private final PlantedNet net;
    private final ImmutableList<Shape> shapes;
    private final ImmutableList<Layer> layers;
    private final ModelInfo info;
    private boolean closed;

    /**
     * Opens a probe.
     *
     * @param net the network
     */
    public PlantedProbe(PlantedNet net) {
        this.net = net;
        this.shapes = net.shapes();
        this.layers = net.probeLayers();
        this.info = new ModelInfo(net.name(), digest(net), "plain Java loops, float64", Precision.FLOAT64);
    }

    private static String digest(PlantedNet net) {
        Hasher hasher = Hashing.sha256().newHasher();
        for (PlantedNet.Step step : net.steps()) {
            hasher.putUnencodedChars(step.toString());
        }
        return hasher.putUnencodedChars(net.layers().toString()).hash().toString();
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public Shape inputShape() {
        return net.input();
    }

    @Override
    public ImmutableList<Layer> layers() {
        return layers;
    }

    @Override
    public Tensor forward(Tensor inputs, Layer to) {
        check(inputs, net.input());
        return run(0, inputs, value(to));
    }

    @Override
    public Tensor forward(Layer from, Tensor activations, Layer to) {
        check(from, activations, to);
        return run(value(from), activations, value(to));
    }

    private Tensor run(int from, Tensor x, int to) {
        Shape shape = shapes.get(to);
        double[] results = new double[Math.multiplyExact(x.count(), shape.size())];
        for (int item = 0; item < x.count(); item++) {
            double[] result = at(values(from, x.slice(item, item + 1).toDoubles(), to), to);
            System.arraycopy(result, 0, results, item * shape.size(), shape.size());
        }
        return Tensor.ofDoubles(x.count(), shape, results);
    }

    /** Values up to one, null below where the way starts. */
    private List<double @Nullable []> values(int from, double[] x, int to) {
        List<double @Nullable []> values = new ArrayList<>();
        for (int value = 0; value < from; value++) {
            values.add(null);
        }
        values.add(x);
        for (int value = from + 1; value <= to; value++) {
            PlantedNet.Step step = net.steps().get(value - 1);
            values.add(PlantedArithmetic.forward(step.op(), shapesOf(step), arraysOf(step, values), shapes.get(value)));
        }
        return values;
    }

    private List<Shape> shapesOf(PlantedNet.Step step) {
        return step.inputs().stream().map(shapes::get).toList();
    }

    private static List<double[]> arraysOf(PlantedNet.Step step, List<double @Nullable []> values) {
        List<double[]> arrays = new ArrayList<>();
        for (int input : step.inputs()) {
            arrays.add(at(values, input));
        }
        return arrays;
    }

    private static double[] at(List<double @Nullable []> values, int value) {
        double[] array = values.get(value);
        checkState(array != null, "value %s is read, but not computed", value);
        return array;
    }

    @Override
    public Tensor gradient(Layer from, Tensor activations, Neuron target) {
        check(from, activations, target.layer());
        int start = value(from);
        int end = value(target.layer());
        int size = from.shape().size();
        double[] results = new double[Math.multiplyExact(activations.count(), size)];
        for (int item = 0; item < activations.count(); item++) {
            List<double @Nullable []> values =
                    values(start, activations.slice(item, item + 1).toDoubles(), end);
            List<double @Nullable []> gradients = new ArrayList<>();
            for (int value = 0; value <= end; value++) {
                gradients.add(
                        value < start ? null : new double[shapes.get(value).size()]);
            }
            int positions = target.layer().shape().positions();
            java.util.Arrays.fill(
                    at(gradients, end),
                    target.channel() * positions,
                    (target.channel() + 1) * positions,
                    1.0 / positions);
            for (int value = end; value > start; value--) {
                PlantedNet.Step step = net.steps().get(value - 1);
                PlantedArithmetic.backward(
                        step.op(),
                        shapesOf(step),
                        arraysOf(step, values),
                        shapes.get(value),
                        at(gradients, value),
                        arraysOf(step, gradients));
            }
            System.arraycopy(at(gradients, start), 0, results, item * size, size);
        }
        return Tensor.ofDoubles(activations.count(), from.shape(), results);
    }

    private int value(Layer layer) {
        checkArgument(
                layer.index() < layers.size() && layers.get(layer.index()).equals(layer),
                "expected a layer of %s, but '%s' is not one",
                net.name(),
                layer);
        return net.value(layer.index());
    }

    private void check(Layer from, Tensor activations, Layer to) {
        checkArgument(value(from) < value(to), "expected a layer above '%s' to go to, but '%s' is not", from, to);
        check(activations, from.shape());
    }

    private void check(Tensor x, Shape expected) {
        checkState(!closed, "the probe is closed; open another one");
        checkArgument(x.shape().equals(expected), "expected items of shape %s, but they are %s", expected, x.shape());
    }

    @Override
    public void close() {
        closed = true;
    }
}
