package io.neurflow.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.golden.GoldenCase;
import io.neurflow.core.graph.Op.Padding;
import io.neurflow.core.graph.Op.Window;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.reference.ReferenceProbe;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folding normalisation changes the graph, but neither layers nor numbers. */
class FoldedNormalisationTest {
    private static final double TOLERANCE = 1e-6;
    private static final Shape INPUT = new Shape(3, 6, 5);

    @Test
    void theTinyNetworkComputesTheSame() {
        NetworkGraph graph =
                OnnxImporter.read(GoldenCase.tiny("tiny-paper").folder().resolve("model.onnx"));
        GraphLayers plain = LayerPlan.suggested(3).layersOf(graph);
        assertSame(plain, plain.withFoldedNormalisation());
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomNetworksComputeTheSame(long seed) {
        Random random = new Random(seed);
        NetworkGraph.Builder b = NetworkGraph.builder("random", "none", INPUT);
        int last = add(b, conv(random, 3, 4, 1, random.nextBoolean()), NetworkGraph.INPUT);
        for (int i = 0; i < 8; i++) {
            int before = last;
            last = switch (random.nextInt(5)) {
                case 0 -> add(b, affine(random, random.nextBoolean() ? 4 : 1), last);
                case 1 -> add(b, conv(random, 4, 4, 1 << random.nextInt(3), random.nextBoolean()), last);
                case 2 -> add(b, new Op.Elementwise(Op.Elementwise.Function.TANH, 0, 0), last);
                case 3 -> {
                    int branch = add(b, conv(random, 4, 4, 1, true), before);
                    yield add(b, new Op.Add(), add(b, affine(random, 4), branch), branch);
                }
                default -> {
                    int branch = add(b, affine(random, 4), add(b, conv(random, 4, 4, 4, false), before));
                    yield add(b, new Op.Add(), branch, before);
                }
            };
        }
        last = add(b, affine(random, 4), last);
        NetworkGraph graph = b.build(last);
        ImmutableMap.Builder<String, Integer> layers = ImmutableMap.builder();
        graph.cuts().stream()
                .filter(cut -> random.nextInt(3) == 0 && cut != graph.output().index())
                .forEach(cut -> layers.put("cut" + cut, cut));
        GraphLayers plain = GraphLayers.of(graph, layers.buildOrThrow());
        assertSame(plain, plain.withFoldedNormalisation());
    }

    @Test
    void allThatFollowsAConvolutionAloneIsFolded() {
        Random random = new Random(9);
        NetworkGraph.Builder b = NetworkGraph.builder("chain", "none", INPUT);
        int conv = add(b, conv(random, 3, 4, 1, false), NetworkGraph.INPUT);
        int top = add(b, affine(random, 1), add(b, affine(random, 4), conv));
        GraphLayers folded = GraphLayers.of(b.build(top), Map.of()).withFoldedNormalisation();
        Node only = Iterables.getOnlyElement(folded.graph().nodes());
        assertThat(only.op()).isInstanceOf(Op.Conv.class);
        assertThat(only.value()).isEqualTo("v2");
    }

    @Test
    void aConvolutionThatIsALayerOrReadTwiceKeepsItsValue() {
        Random random = new Random(10);
        NetworkGraph.Builder b = NetworkGraph.builder("layer", "none", INPUT);
        int conv = add(b, conv(random, 3, 4, 1, false), NetworkGraph.INPUT);
        int second = add(b, conv(random, 4, 4, 1, false), add(b, affine(random, 4), conv));
        int top = add(b, new Op.Add(), add(b, affine(random, 4), second), second);
        GraphLayers plain = GraphLayers.of(b.build(top), Map.of("conv", conv));
        GraphLayers folded = plain.withFoldedNormalisation();
        assertThat(folded.graph().nodes()).hasSameSizeAs(plain.graph().nodes());
        assertSame(plain, folded);
    }

    private static void assertSame(GraphLayers plain, GraphLayers folded) {
        assertThat(folded.layers()).isEqualTo(plain.layers());
        Shape shape = plain.graph().input();
        Tensor x = Tensor.ofFloats(
                2,
                shape,
                SmallGraphs.weights(new Random(309), 2 * shape.size(), 1).toFloats());
        try (ReferenceProbe a = ReferenceProbe.open(plain);
                ReferenceProbe b = ReferenceProbe.open(folded)) {
            Layer below = null;
            for (Layer layer : a.layers()) {
                Tensor value = a.forward(x, layer);
                assertClose(value, b.forward(x, layer), "value of " + layer);
                if (below != null) {
                    Neuron neuron = layer.neuron(layer.shape().channels() - 1);
                    Tensor at = a.forward(x, below);
                    assertClose(a.gradient(below, at, neuron), b.gradient(below, at, neuron), "gradient of " + neuron);
                }
                below = layer;
            }
        }
    }

    private static void assertClose(Tensor expected, Tensor actual, String what) {
        double largest =
                Arrays.stream(expected.toDoubles()).map(Math::abs).max().orElse(0);
        assertThat(actual.toDoubles())
                .as(what)
                .containsExactly(expected.toDoubles(), Offset.offset(TOLERANCE * largest));
    }

    private static int add(NetworkGraph.Builder builder, Op op, int... inputs) {
        int next = 1 + Arrays.stream(inputs).max().orElse(NetworkGraph.INPUT);
        return builder.add(op.kind() + next, "v" + next, "", op, inputs);
    }

    private static Op.Affine affine(Random random, int length) {
        return new Op.Affine(SmallGraphs.weights(random, length, 1), SmallGraphs.weights(random, length, 1));
    }

    private static Op.Conv conv(Random random, int in, int out, int groups, boolean biased) {
        Window window = new Window(3, 3, 1, 1, 1, 1, new Padding(1, 1, 1, 1), false);
        Optional<Weights> bias = biased ? Optional.of(SmallGraphs.weights(random, out, 1)) : Optional.empty();
        int count = out * in / groups * 9;
        return new Op.Conv(window, groups, in, out, SmallGraphs.weights(random, count, 0.3), bias);
    }
}
