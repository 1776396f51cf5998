package io.neurflow.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is planned for ResNet50 at the paper's k and N fits cards of several sizes at the first try. */
class PlanOnCardsTest {
    private static final long GIB = 1L << 30;
    private static final int TARGETS = 8;
    private static final int CONCEPT = 50;

    private static GraphLayers layers;

    @BeforeAll
    static void buildResNet50() {
        layers = Architectures.resNet50(1);
    }

    @AfterAll
    static void forgetResNet50() {
        layers = null;
    }

    @ParameterizedTest(name = "{0} GiB, {1} <- {2}")
    @CsvSource({
        "2, layer4.2, layer4.1",
        "2, layer3.0, layer2.3",
        "8, layer4.2, layer4.1",
        "8, layer4.0, layer3.5",
        "8, layer3.0, layer2.3",
        "24, layer3.5, layer3.4",
        "24, layer3.0, layer2.3",
        "141, layer4.2, layer4.1",
        "141, layer3.0, layer2.3"
    })
    void aSweepFitsAtTheFirstTryAndASmallCardComputesHardlyMore(int gib, String upper, String lower) {
        EmptyCard card = sweep(gib, upper, lower);
        assertThat(card.failures()).as("refusals").isZero();
        assertThat(card.peak()).isBetween(GIB / 4, gib * GIB);
        assertThat(card.operations())
                .isLessThan(1.02 * sweep(1024, upper, lower).operations());
    }

    private static EmptyCard sweep(int gib, String upper, String lower) {
        EmptyCard card = new EmptyCard(gib * GIB);
        try (CudaProbe probe = CudaProbe.on(layers, "nowhere", List.of(card))) {
            Layer from = probe.layer(lower);
            Layer to = probe.layer(upper);
            Map<Neuron, ImmutableIntArray> targets = new LinkedHashMap<>();
            ImmutableIntArray all = ImmutableIntArray.copyOf(IntStream.range(0, CONCEPT));
            IntStream.range(0, TARGETS).forEach(c -> targets.put(to.neuron(c), all));
            Tensor x = Tensor.zeros(CONCEPT, from.shape(), Precision.FLOAT32);
            probe.importance(from, x, targets, Quadrature.gaussLegendre(50));
        }
        assertThat(card.live()).isZero();
        return card;
    }
}
