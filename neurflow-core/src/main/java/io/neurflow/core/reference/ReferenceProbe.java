package io.neurflow.core.reference;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.GraphProbe;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A probe in plain Java and double precision, one input at a time: loops that read like the definitions of the operators
 * and of their derivatives. It is the twin that every faster probe is held to, and runs anywhere; ResNet50 takes seconds an
 * image.
 *
 * <p>Derivatives at kinks: of equal maxima in a pooling window the first in row-major order takes the gradient; that of a
 * ReLU is 0 at 0, and in general that of the flat side where there is one.
 */
public final class ReferenceProbe extends GraphProbe {
    private ReferenceProbe(GraphLayers layers) {
        super(layers, "plain Java, float64", Precision.FLOAT64);
    }

    /**
     * Opens a probe.
     *
     * @param graph the network
     * @param plan names of the layers; the logits are always one
     * @return a probe
     * @throws IllegalArgumentException if a name is unknown or not a place where the network can be cut
     */
    public static ReferenceProbe open(NetworkGraph graph, LayerPlan plan) {
        return open(plan.layersOf(graph));
    }

    /**
     * Opens a probe.
     *
     * @param layers the network and which of its values are layers
     * @return a probe that holds no more than the graph itself
     */
    public static ReferenceProbe open(GraphLayers layers) {
        return new ReferenceProbe(layers);
    }

    @Override
    protected ImmutableList<Tensor> run(int from, Tensor x, ImmutableList<Integer> to) {
        double[][] results = new double[to.size()][];
        for (int r = 0; r < results.length; r++) {
            results[r] = new double[x.count() * graph().shape(to.get(r)).size()];
        }
        ImmutableList<Node> nodes = graph().between(from, to);
        for (int item = 0; item < x.count(); item++) {
            Map<Integer, Grid> values = values(from, x.slice(item, item + 1), nodes);
            for (int r = 0; r < results.length; r++) {
                double[] value = at(values, to.get(r)).v;
                System.arraycopy(value, 0, results[r], item * value.length, value.length);
            }
        }
        ImmutableList.Builder<Tensor> tensors = ImmutableList.builder();
        for (int r = 0; r < results.length; r++) {
            tensors.add(Tensor.ofDoubles(x.count(), graph().shape(to.get(r)), results[r]));
        }
        return tensors.build();
    }

    @Override
    protected Tensor runGradient(int from, Tensor x, int to, int channel) {
        Shape shape = graph().shape(from);
        double[] result = new double[x.count() * shape.size()];
        ImmutableList<Node> nodes = graph().between(from, List.of(to));
        for (int item = 0; item < x.count(); item++) {
            Map<Integer, Grid> values = values(from, x.slice(item, item + 1), nodes);
            double[] gradient = at(gradients(values, nodes, to, channel), from).v;
            System.arraycopy(gradient, 0, result, item * shape.size(), shape.size());
        }
        return Tensor.ofDoubles(x.count(), shape, result);
    }

    private Map<Integer, Grid> values(int from, Tensor x, List<Node> nodes) {
        Map<Integer, Grid> values = new TreeMap<>();
        values.put(from, new Grid(graph().dimensions(from), x.toDoubles()));
        for (Node node : nodes) {
            values.put(node.index(), Forward.of(node.op(), inputs(values, node), node.dimensions()));
        }
        return values;
    }

    /** Back propagation: the nodes in reverse order, each adding its share to the gradients of what it reads. */
    private static Map<Integer, Grid> gradients(Map<Integer, Grid> values, List<Node> nodes, int to, int channel) {
        Map<Integer, Grid> gradients = new TreeMap<>();
        values.forEach((value, grid) -> gradients.put(value, Grid.zeros(grid.dimensions)));
        Grid top = at(gradients, to);
        int positions = top.perChannel();
        for (int p = channel * positions; p < (channel + 1) * positions; p++) {
            top.v[p] = 1.0 / positions;
        }
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            Backward.of(
                    node.op(),
                    inputs(values, node),
                    at(values, node.index()),
                    at(gradients, node.index()),
                    inputs(gradients, node));
        }
        return gradients;
    }

    private static List<Grid> inputs(Map<Integer, Grid> values, Node node) {
        return node.inputs().stream().map(value -> at(values, value)).toList();
    }

    private static Grid at(Map<Integer, Grid> values, int value) {
        Grid grid = values.get(value);
        if (grid == null) {
            throw new IllegalStateException("value " + value + " is read before it is computed");
        }
        return grid;
    }

    @Override
    protected void release() {
        // The garbage collector does it.
    }
}
