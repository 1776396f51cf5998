package io.neurflow.core.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.samediff.SameDiffProbe;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The default preset on the toy network: same sets and groups, weights to 1e-5, for any memory budget and pool. */
class DeterminismTest {
    private static final double TOLERANCE = 1e-5;

    private static ConceptCircuit build(long budget, int threads) {
        GoldenCase golden = GoldenCase.tiny("tiny-paper");
        NetworkGraph graph = OnnxImporter.read(golden.folder().resolve("model.onnx"));
        ForkJoinPool pool = new ForkJoinPool(threads);
        try (SameDiffProbe probe = SameDiffProbe.open(graph, LayerPlan.of(GoldenCircuit.layers(golden)))) {
            var settings = golden.json("case").get("settings");
            CircuitBuilder builder = CircuitBuilder.using(CoreConceptFinder.over(probe)
                            .topPatches(settings.get("k").asInt())
                            .maxCoreNeurons(settings.get("tau").asInt()))
                    .featureMapBudget(budget);
            int root = golden.json("case").get("class").asInt();
            return pool.submit(() -> builder.build(probe.logits().neuron(root), GoldenCircuit.patches(golden)))
                    .join();
        } finally {
            pool.shutdown();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 4", "100000, 4", "1000000000, 1", "1000000000, 4"})
    void budgetAndThreadsChangeNothingBeyondRounding(long budget, int threads) {
        ConceptCircuit plain = build(1_000_000_000L, 1);
        ConceptCircuit other = build(budget, threads);
        assertThat(other.neurons().nodes())
                .extracting(CircuitNode::groups)
                .isEqualTo(plain.neurons().nodes().stream()
                        .map(CircuitNode::groups)
                        .toList());
        assertThat(other.neurons().nodes())
                .extracting(node -> node.core().map(CoreConceptNeurons::neurons))
                .isEqualTo(plain.neurons().nodes().stream()
                        .map(node -> node.core().map(CoreConceptNeurons::neurons))
                        .toList());
        assertThat(other.groups()).isEqualTo(plain.groups());
        assertThat(other.neurons().edges()).hasSameSizeAs(plain.neurons().edges());
        for (int i = 0; i < plain.neurons().edges().size(); i++) {
            assertThat(other.neurons().edges().get(i).weight())
                    .isCloseTo(plain.neurons().edges().get(i).weight(), offset(TOLERANCE));
        }
        if (budget == 1_000_000_000L && threads == 1) {
            assertThat(other).isEqualTo(plain);
        }
    }
}
