package io.neurflow.core.keras;

import com.google.common.base.Splitter;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op.Elementwise;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.reference.ReferenceProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What make_keras_models.py wrote about a model: an input, and what PyTorch says each layer makes of it. */
record KerasCase(
        Shape shape,
        ImmutableDoubleArray input,
        Map<String, ImmutableDoubleArray> pooled,
        String logits,
        ImmutableDoubleArray scores) {
    static final Path FOLDER = Path.of("src/test/resources/keras");

    static KerasCase read(Path file) throws IOException {
        Map<String, ImmutableDoubleArray> pooled = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(file);
        for (String line : lines.subList(1, lines.size() - 1)) {
            pooled.put(word(line, 1), numbers(line));
        }
        String last = lines.get(lines.size() - 1);
        int[] dims = Splitter.on('x')
                .splitToStream(word(lines.get(0), 2))
                .mapToInt(Integer::parseInt)
                .toArray();
        return new KerasCase(
                new Shape(dims[0], dims[1], dims[2]), numbers(lines.get(0)), pooled, word(last, 1), numbers(last));
    }

    private static ImmutableDoubleArray numbers(String line) {
        return ImmutableDoubleArray.copyOf(
                Splitter.on(' ').splitToStream(line).skip(3).mapToDouble(Double::parseDouble));
    }

    private static String word(String line, int index) {
        return Splitter.on(' ').splitToList(line).get(index);
    }

    /** The mean over rows and columns of each channel of a value, computed slowly. */
    ImmutableDoubleArray pooled(NetworkGraph graph, String value) {
        NetworkGraph part = upTo(graph, value);
        try (ReferenceProbe probe = ReferenceProbe.open(part, LayerPlan.of(value))) {
            Tensor x = Tensor.ofDoubles(1, shape, input.toArray());
            return mean(probe.forward(x, probe.layer(value)));
        }
    }

    static ImmutableDoubleArray mean(Tensor tensor) {
        int positions = tensor.shape().height() * tensor.shape().width();
        ImmutableDoubleArray.Builder means = ImmutableDoubleArray.builder();
        double[] values = tensor.toDoubles();
        for (int c = 0; c < tensor.shape().channels(); c++) {
            double sum = 0;
            for (int p = 0; p < positions; p++) {
                sum += values[c * positions + p];
            }
            means.add(sum / positions);
        }
        return means.build();
    }

    /** The graph up to a value, with something behind it: a last sigmoid would be taken for what makes probabilities of logits. */
    private static NetworkGraph upTo(NetworkGraph graph, String value) {
        NetworkGraph.Builder builder = NetworkGraph.builder(graph.name(), graph.digest(), graph.input());
        for (Node node : graph.nodes()) {
            int index = builder.add(
                    node.name(),
                    node.value(),
                    node.module(),
                    node.op(),
                    node.inputs().stream().mapToInt(i -> i).toArray());
            if (node.value().equals(value)) {
                return builder.build(builder.add("end", "end", "", new Elementwise(Function.TANH, 0, 0), index));
            }
        }
        throw new IllegalArgumentException("no value '" + value + "' among "
                + graph.nodes().stream().map(Node::value).toList());
    }
}
