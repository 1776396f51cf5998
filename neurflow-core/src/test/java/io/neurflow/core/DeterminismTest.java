package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.core.report.CircuitJson;
import io.neurflow.core.samediff.SameDiffProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tolerance that {@link CircuitBuilder} states: the same neurons and groups, numbers up to rounding. */
class DeterminismTest {
    private static final double TOLERANCE = 1e-4;
    private static final long PATIENCE_SECONDS = 120;

    @TempDir
    Path temporary;

    private static ConceptCircuit build(GraphLayers graph, int batch, UnaryOperator<CircuitBuilder> change) {
        try (ModelProbe engine = SameDiffProbe.open(graph)) {
            ModelProbe probe = new CountingProbe(engine).batch(batch).probe();
            return change.apply(StoredRun.builder(probe))
                    .build(probe.logits().neuron(2), StoredRun.patches(probe.inputShape()));
        }
    }

    /** All that is counted or chosen is equal; all that is measured is close. */
    static void assertSame(ConceptCircuit expected, ConceptCircuit found) {
        assertThat(found.neurons().nodes()).hasSameSizeAs(expected.neurons().nodes());
        for (int i = 0; i < expected.neurons().nodes().size(); i++) {
            CircuitNode one = expected.neurons().nodes().get(i);
            CircuitNode other = found.neurons().nodes().get(i);
            assertThat(other.neuron()).isEqualTo(one.neuron());
            assertThat(other.concept().patches()).isEqualTo(one.concept().patches());
            assertThat(other.groups()).isEqualTo(one.groups());
            assertThat(other.core().map(CoreConceptNeurons::neurons))
                    .isEqualTo(one.core().map(CoreConceptNeurons::neurons));
        }
        assertThat(found.groups())
                .extracting(NeuronGroup::members)
                .isEqualTo(expected.groups().stream().map(NeuronGroup::members).toList());
        List<ConceptEdge> edges = expected.neurons().edges();
        assertThat(found.neurons().edges()).hasSameSizeAs(edges);
        for (int i = 0; i < edges.size(); i++) {
            ConceptEdge edge = found.neurons().edges().get(i);
            assertThat(edge.child()).isEqualTo(edges.get(i).child());
            assertThat(edge.group()).isEqualTo(edges.get(i).group());
            assertThat(edge.weight()).isCloseTo(edges.get(i).weight(), within(TOLERANCE));
        }
        assertThat(found.edges()).hasSameSizeAs(expected.edges());
        for (int i = 0; i < expected.edges().size(); i++) {
            GroupEdge edge = expected.edges().get(i);
            assertThat(found.edges().get(i).edgeCount()).isEqualTo(edge.edgeCount());
            assertThat(found.edges().get(i).weight()).isCloseTo(edge.weight(), within(TOLERANCE * edge.edgeCount()));
        }
    }

    @Test
    void otherBatchesAndPiecesGiveTheSameNeuronsAndGroups() {
        for (GraphLayers graph : List.of(SmallGraphs.residual(), SmallGraphs.inception())) {
            ConceptCircuit plain = build(graph, 16, builder -> builder);
            for (int batch : new int[] {1, 5, 64}) {
                assertSame(plain, build(graph, batch, builder -> builder));
            }
            assertSame(plain, build(graph, 16, builder -> builder.featureMapBudget(1)));
            assertSame(plain, build(graph, 16, builder -> builder.featureMapBudget(20_000)));
        }
    }

    @Test
    void theSameSettingsGiveTheSameBytesAndSoDoesOtherRoomForFiles() {
        for (GraphLayers graph : List.of(SmallGraphs.residual(), SmallGraphs.inception())) {
            String plain = CircuitJson.write(build(graph, 16, builder -> builder));
            assertThat(CircuitJson.write(build(graph, 16, builder -> builder))).isEqualTo(plain);
            for (long disk : new long[] {0, 250_000, 500_000}) {
                assertThat(CircuitJson.write(build(graph, 16, builder -> builder.featureMapDisk(disk))))
                        .isEqualTo(plain);
            }
        }
    }

    @Test
    void otherNumbersOfThreadsGiveTheSameNeuronsAndGroups() throws Exception {
        ConceptCircuit plain = CircuitJson.read(StoredRun.json(Optional.empty(), ProgressListener.NONE));
        for (int threads : new int[] {1, 2, 3}) {
            assertSame(plain, CircuitJson.read(forked(threads)));
        }
        assertThat(forked(2)).isEqualTo(forked(2));
    }

    private String forked(int threads) throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Path out = temporary.resolve("circuit.json");
        Path log = temporary.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=" + threads,
                "-cp",
                classPath,
                StoredRun.class.getName(),
                out.toString());
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        Process process =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        return Files.readString(out);
    }
}
