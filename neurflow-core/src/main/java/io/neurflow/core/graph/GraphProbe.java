package io.neurflow.core.graph;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;

/**
 * What probes over a network graph have in common: the layers and every check of arguments. An engine is left with three
 * tasks on values of the graph that are known to fit: run forward, run backward, let go of what it holds.
 */
public abstract class GraphProbe implements ModelProbe {
    private final GraphLayers cuts;
    private final ModelInfo info;
    private boolean closed;

    /**
     * A probe over a graph.
     *
     * @param cuts the graph and its layers
     * @param engine what computes, for people
     * @param precision in what
     */
    protected GraphProbe(GraphLayers cuts, String engine, Precision precision) {
        this.cuts = cuts;
        this.info = new ModelInfo(cuts.graph().name(), cuts.graph().digest(), engine, precision);
    }

    /**
     * Runs the graph from one value to others.
     *
     * @param from {@link NetworkGraph#INPUT} or a node's index
     * @param x [n, shape of {@code from}], n at least 1
     * @param to distinct indices of nodes, ascending, each computable from {@code from}
     * @return the values of {@code to}, in that order
     */
    protected abstract ImmutableList<Tensor> run(int from, Tensor x, ImmutableList<Integer> to);

    /**
     * The gradient of the spatial mean of one channel.
     *
     * @param from a node's index
     * @param x [n, shape of {@code from}], n at least 1
     * @param to index of a node computable from {@code from}
     * @param channel of {@code to}
     * @return [n, shape of {@code from}]
     */
    protected abstract Tensor runGradient(int from, Tensor x, int to, int channel);

    /** Lets go of everything that is held; called once. */
    protected abstract void release();

    /**
     * The graph.
     *
     * @return the network being probed
     */
    protected final NetworkGraph graph() {
        return cuts.graph();
    }

    @Override
    public final ModelInfo info() {
        return info;
    }

    @Override
    public final Shape inputShape() {
        return cuts.graph().input();
    }

    @Override
    public final ImmutableList<Layer> layers() {
        return cuts.layers();
    }

    /** {@inheritDoc} Here multiply-adds for one input. */
    @Override
    public final double cost(Layer to) {
        return graph().between(NetworkGraph.INPUT, cuts.value(to)).stream()
                .mapToDouble(this::cost)
                .sum();
    }

    private double cost(Node node) {
        double size = node.dimensions().stream().asDoubleStream().reduce(1, (a, b) -> a * b);
        if (node.op() instanceof Op.Conv conv) {
            return size * conv.weights().length() / conv.outChannels();
        }
        return node.op() instanceof Op.Dense dense ? size * dense.in() : size;
    }

    @Override
    public final Tensor forward(Tensor inputs, Layer to) {
        checkOpen();
        int value = cuts.value(to);
        checkShape(inputs, inputShape(), "inputs");
        return runOne(NetworkGraph.INPUT, inputs, value);
    }

    @Override
    public final Tensor forward(Layer from, Tensor activations, Layer to) {
        checkBlock(from, activations, to);
        return runOne(cuts.value(from), activations, cuts.value(to));
    }

    @Override
    public final Tensor gradient(Layer from, Tensor activations, Neuron target) {
        checkBlock(from, activations, target.layer());
        if (activations.count() == 0) {
            return Tensor.zeros(0, from.shape(), info.precision());
        }
        return runGradient(cuts.value(from), activations, cuts.value(target.layer()), target.channel());
    }

    @Override
    public final ImmutableMap<Layer, Tensor> forward(Tensor inputs, Set<Layer> to) {
        ImmutableList<Layer> sorted = checkSeveral(inputs, to);
        ImmutableMap.Builder<Layer, Tensor> result = ImmutableMap.builder();
        if (inputs.count() == 0 || sorted.isEmpty()) {
            sorted.forEach(layer -> result.put(layer, Tensor.zeros(0, layer.shape(), info.precision())));
            return result.buildOrThrow();
        }
        ImmutableList<Tensor> values = run(NetworkGraph.INPUT, inputs, values(sorted));
        for (int i = 0; i < values.size(); i++) {
            result.put(sorted.get(i), values.get(i));
        }
        return result.buildOrThrow();
    }

    /**
     * Checks the arguments of a pass over several layers.
     *
     * @param inputs [n, {@link #inputShape()}]
     * @param layers distinct layers in any order
     * @return the layers from bottom to top
     */
    protected final ImmutableList<Layer> checkSeveral(Tensor inputs, Set<Layer> layers) {
        checkOpen();
        checkShape(inputs, inputShape(), "inputs");
        layers.forEach(cuts::value);
        return layers.stream().sorted(Comparator.comparingInt(Layer::index)).collect(ImmutableList.toImmutableList());
    }

    /**
     * The values of some layers.
     *
     * @param layers layers of this probe
     * @return their values in the graph, in the same order
     */
    protected final ImmutableList<Integer> values(ImmutableList<Layer> layers) {
        return layers.stream().map(cuts::value).collect(ImmutableList.toImmutableList());
    }

    /** {@inheritDoc} Without targets nothing is computed, and still nothing is answered when closed. */
    @Override
    public ImmutableMap<Neuron, ImportanceScores> importance(
            Layer from, Tensor activations, Map<Neuron, ImmutableIntArray> targets, Quadrature quadrature) {
        checkOpen();
        return ModelProbe.super.importance(from, activations, targets, quadrature);
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            release();
        }
    }

    /**
     * Checks the arguments of importance scores.
     *
     * @param from the layer below
     * @param activations [n, shape of {@code from}]
     * @param target a neuron above
     * @param rows which of the activations
     */
    protected final void checkTarget(Layer from, Tensor activations, Neuron target, ImmutableIntArray rows) {
        checkBlock(from, activations, target.layer());
        rows.forEach(row -> checkElementIndex(row, activations.count(), "patch of " + target));
    }

    private Tensor runOne(int from, Tensor x, int to) {
        return x.count() == 0
                ? Tensor.zeros(0, graph().shape(to), info.precision())
                : Iterables.getOnlyElement(run(from, x, ImmutableList.of(to)));
    }

    /** Refuses to go on after {@link #close()}. */
    protected final void checkOpen() {
        checkState(!closed, "the probe of '%s' is closed; open a new one", info.name());
    }

    private void checkBlock(Layer from, Tensor activations, Layer to) {
        checkOpen();
        cuts.value(from);
        cuts.value(to);
        checkArgument(
                from.index() < to.index(),
                "expected a layer above '%s' to go to, but '%s' is not; layers() lists them from bottom to top",
                from.name(),
                to.name());
        checkShape(activations, from.shape(), "activations of '" + from.name() + "'");
    }

    private static void checkShape(Tensor tensor, Shape shape, String what) {
        checkArgument(
                tensor.shape().equals(shape),
                "expected %s of shape %s, but they are %s; crop, scale or select them first",
                what,
                shape,
                tensor.shape());
    }

    @Override
    public String toString() {
        return info.name() + " (" + layers().size() + " layers, " + info.engine() + (closed ? ", closed)" : ")");
    }
}
