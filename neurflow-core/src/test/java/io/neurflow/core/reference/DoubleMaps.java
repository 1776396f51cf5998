package io.neurflow.core.reference;

import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Parts of a network and their transposed ways back in double precision, by the definitions of the reference. */
public final class DoubleMaps {
    private final NetworkGraph graph;

    public DoubleMaps(NetworkGraph graph) {
        this.graph = graph;
    }

    public double[] forward(int from, int to, double[] x, int count) {
        int in = graph.shape(from).size();
        int out = graph.shape(to).size();
        double[] results = new double[count * out];
        for (int item = 0; item < count; item++) {
            double[] one = new double[in];
            System.arraycopy(x, item * in, one, 0, in);
            System.arraycopy(values(from, to, one).get(to).v, 0, results, item * out, out);
        }
        return results;
    }

    /** The map must be affine: where it is looked at does not matter. */
    public double[] pullback(int from, int to, double[] cotangents, int count) {
        int in = graph.shape(from).size();
        int out = graph.shape(to).size();
        double[] results = new double[count * in];
        Map<Integer, Grid> values = values(from, to, new double[in]);
        List<Node> nodes = graph.between(from, List.of(to));
        for (int item = 0; item < count; item++) {
            Map<Integer, Grid> gradients = new HashMap<>();
            values.forEach((value, grid) -> gradients.put(value, Grid.zeros(grid.dimensions)));
            System.arraycopy(cotangents, item * out, gradients.get(to).v, 0, out);
            for (int i = nodes.size() - 1; i >= 0; i--) {
                Node node = nodes.get(i);
                Backward.of(
                        node.op(),
                        node.inputs().stream().map(values::get).toList(),
                        values.get(node.index()),
                        gradients.get(node.index()),
                        node.inputs().stream().map(gradients::get).toList());
            }
            System.arraycopy(gradients.get(from).v, 0, results, item * in, in);
        }
        return results;
    }

    private Map<Integer, Grid> values(int from, int to, double[] x) {
        Map<Integer, Grid> values = new HashMap<>();
        values.put(from, new Grid(graph.dimensions(from), x));
        for (Node node : graph.between(from, List.of(to))) {
            List<Grid> inputs = node.inputs().stream().map(values::get).toList();
            values.put(node.index(), Forward.of(node.op(), inputs, node.dimensions()));
        }
        return values;
    }
}
