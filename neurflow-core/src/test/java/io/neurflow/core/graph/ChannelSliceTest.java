package io.neurflow.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.reference.ReferenceProbe;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Slices hold what the whole network holds in those channels. */
class ChannelSliceTest {
    private static final int DEEP = 100_000;
    private static final long SEED = 5;

    @Test
    void someChannelsOfASliceAreThoseOfTheWholeNetwork() {
        Random random = new Random(SEED);
        for (GraphLayers opened : List.of(SmallGraphs.residual(), SmallGraphs.inception(), SmallGraphs.mobile())) {
            try (ModelProbe whole = ReferenceProbe.open(opened)) {
                for (Layer below : whole.layers()) {
                    for (Layer above : whole.layers()) {
                        if (below.index() < above.index()) {
                            check(opened, whole, below, above, random);
                        }
                    }
                }
            }
        }
    }

    private static void check(GraphLayers opened, ModelProbe whole, Layer below, Layer above, Random random) {
        double[] values = random.doubles(2L * below.shape().size(), -1, 2).toArray();
        Tensor maps = Tensor.ofDoubles(2, below.shape(), values);
        Tensor expected = whole.forward(below, maps, above);
        List<Integer> channels = new ArrayList<>(
                IntStream.range(0, above.shape().channels()).boxed().toList());
        Collections.shuffle(channels, random);
        for (int count = 1; count <= channels.size(); count++) {
            ImmutableIntArray some = ImmutableIntArray.copyOf(channels.subList(0, count));
            NetworkGraph slice = ChannelSlice.of(opened.graph(), opened.value(below), opened.value(above), some);
            int output = slice.output().index();
            Layer top = new Layer(above.name(), 0, "", slice.shape(output));
            try (ModelProbe probe =
                    ReferenceProbe.open(new GraphLayers(slice, ImmutableList.of(output), ImmutableList.of(top)))) {
                Tensor part = probe.forward(maps, probe.logits());
                assertThat(part.shape().channels()).isEqualTo(count);
                for (int item = 0; item < 2; item++) {
                    for (int c = 0; c < count; c++) {
                        for (int p = 0; p < above.shape().positions(); p++) {
                            int row = p / above.shape().width();
                            int column = p % above.shape().width();
                            assertThat(part.at(item, c, row, column))
                                    .as(
                                            "%s <- %s of %s, channels %s",
                                            above, below, opened.graph().name(), some)
                                    .isCloseTo(expected.at(item, some.get(c), row, column), within(1e-9));
                        }
                    }
                }
            }
        }
    }

    @Test
    void oneBranchAndOneRowAreAllThatIsLeft() {
        GraphLayers opened = SmallGraphs.inception();
        NetworkGraph slice = ChannelSlice.of(
                opened.graph(), opened.values().get(0), opened.values().get(1), 1);
        assertThat(slice.nodes()).extracting(node -> node.op().kind()).containsExactly("Conv", "Relu");
        assertThat(slice.shape(slice.output().index()).channels()).isEqualTo(1);
        assertThatThrownBy(() -> ChannelSlice.of(
                        opened.graph(), opened.values().get(0), opened.values().get(1), ImmutableIntArray.of()))
                .hasMessageContaining("a channel or more");
    }

    @Test
    void aChainOfAHundredThousandOperatorsIsSliced() {
        NetworkGraph.Builder builder = NetworkGraph.builder("deep", "digest", new Shape(2, 1, 1));
        int value = NetworkGraph.INPUT;
        for (int i = 0; i < DEEP; i++) {
            Op op = i % 3 == 0 ? new Op.Add() : new Op.Elementwise(Function.RELU, 0, 0);
            value = i % 3 == 0
                    ? builder.add("n" + i, "v" + i, "", op, value, value)
                    : builder.add("n" + i, "v" + i, "", op, value);
        }
        NetworkGraph graph = builder.build(value);
        assertThat(ChannelSlice.of(graph, NetworkGraph.INPUT, value, 1).nodes()).hasSize(DEEP + 1);
    }

    /** What lies below a convolution is needed as a whole. */
    @Test
    void aConvolutionAboveAHundredThousandOperatorsIsSliced() {
        NetworkGraph.Builder builder = NetworkGraph.builder("deep", "digest", new Shape(2, 1, 1));
        int value = NetworkGraph.INPUT;
        for (int i = 0; i < DEEP; i++) {
            value = builder.add("n" + i, "v" + i, "", new Op.Elementwise(Function.RELU, 0, 0), value);
        }
        value = builder.add("flat", "flat", "", new Op.Reshape(ImmutableIntArray.of(2)), value);
        Weights weights = SmallGraphs.weights(new Random(SEED), 6, 1);
        value = builder.add("top", "top", "", new Op.Dense(2, 3, weights, Optional.empty()), value);
        NetworkGraph graph = builder.build(value);
        assertThat(ChannelSlice.of(graph, NetworkGraph.INPUT, value, 2).nodes()).hasSize(DEEP + 2);
    }
}
