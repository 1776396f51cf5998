package io.neurflow.core.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Quadrature;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.Preset;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.samediff.SameDiffProbe;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How close the default preset comes to 2000 midpoints, on the patches of the golden cases. The figures are those of
 * docs/choices.md, and are printed.
 */
class ConvergenceTest {

    /** Shares and distances between two circuits on the same targets. */
    private record Distance(int targets, double sameSets, double jaccard, double largestWeight, double meanWeight) {}

    @Test
    void onTheToyNetwork() {
        GoldenCase golden = GoldenCase.tiny("tiny-paper");
        check(golden, OnnxImporter.read(golden.folder().resolve("model.onnx")));
    }

    @ParameterizedTest
    @CsvSource({"resnet50-bee, resnet50.onnx.gz", "googlenet-bvlc-bee, googlenet.onnx"})
    void onRealModels(String name, String model) {
        GoldenCase golden = GoldenCase.real(name);
        check(golden, OnnxImporter.read(GoldenCase.data().resolve("models").resolve(model)));
    }

    private static void check(GoldenCase golden, NetworkGraph graph) {
        try (SameDiffProbe probe = SameDiffProbe.open(graph, LayerPlan.of(GoldenCircuit.layers(golden)))) {
            PatchActivations activations =
                    PatchActivations.of(probe, GoldenCircuit.patches(golden), probe.layers(), ProgressListener.NONE);
            Function<CoreConceptFinder, NeuronCircuit> circuit = finder -> neurons(golden, probe, activations, finder);
            CoreConceptFinder recommended = CoreConceptFinder.over(probe);
            NeuronCircuit exact = circuit.apply(
                    recommended.quadrature(Quadrature.midpoint(2000)).notRefining());
            NeuronCircuit refined = circuit.apply(recommended);
            NeuronCircuit fixed = circuit.apply(recommended.notRefining());
            NeuronCircuit paper = circuit.apply(recommended.preset(Preset.PAPER));
            print("refined", refined, exact);
            print("Gauss-Legendre 50", fixed, exact);
            print("right Riemann 50", paper, exact);
            print("2000 midpoints", exact, exact);
            assertThat(residual(refined)).isLessThanOrEqualTo(0.01);
            assertThat(distance(refined, exact).jaccard()).isGreaterThan(0.98);
            assertThat(distance(refined, exact).meanWeight())
                    .isLessThanOrEqualTo(distance(paper, exact).meanWeight());
        }
    }

    private static NeuronCircuit neurons(
            GoldenCase golden, ModelProbe probe, PatchActivations activations, CoreConceptFinder finder) {
        var settings = golden.json("case").get("settings");
        var layers = golden.json("case").get("circuit_layers");
        return CircuitBuilder.using(finder.topPatches(settings.get("k").asInt())
                        .maxCoreNeurons(settings.get("tau").asInt()))
                .downTo(probe.layer(layers.get(layers.size() - 1).asText()))
                .neurons(probe.logits().neuron(golden.json("case").get("class").asInt()), activations);
    }

    private static void print(String rule, NeuronCircuit circuit, NeuronCircuit exact) {
        double mean = cores(circuit).values().stream()
                .mapToDouble(CoreConceptNeurons::meanSteps)
                .average()
                .orElse(0);
        int most = cores(circuit).values().stream()
                .mapToInt(CoreConceptNeurons::mostSteps)
                .max()
                .orElse(0);
        System.out.printf(
                Locale.ROOT,
                "%-18s mean steps %.1f, most %d, largest residual %.4f; against 2000 midpoints: %s%n",
                rule,
                mean,
                most,
                residual(circuit),
                distance(circuit, exact));
    }

    private static Map<Object, CoreConceptNeurons> cores(NeuronCircuit circuit) {
        return circuit.nodes().stream()
                .map(CircuitNode::core)
                .flatMap(core -> core.stream())
                .collect(Collectors.toMap(CoreConceptNeurons::target, core -> core));
    }

    private static double residual(NeuronCircuit circuit) {
        return cores(circuit).values().stream()
                .mapToDouble(core -> core.largestResidual() / core.largestChange())
                .max()
                .orElse(0);
    }

    private static Distance distance(NeuronCircuit one, NeuronCircuit other) {
        Map<Object, CoreConceptNeurons> left = cores(one);
        Map<Object, CoreConceptNeurons> right = cores(other);
        Set<Object> both = new HashSet<>(left.keySet());
        both.retainAll(right.keySet());
        double same = 0;
        double jaccard = 0;
        for (Object target : both) {
            Set<Object> a = new HashSet<>(left.get(target).neurons());
            Set<Object> b = new HashSet<>(right.get(target).neurons());
            Set<Object> union = new HashSet<>(a);
            union.addAll(b);
            Set<Object> common = new HashSet<>(a);
            common.retainAll(b);
            same += a.equals(b) ? 1 : 0;
            jaccard += (double) common.size() / union.size();
        }
        Map<List<Object>, Double> weights = weights(other);
        double[] differences = weights(one).entrySet().stream()
                .filter(entry -> weights.containsKey(entry.getKey()))
                .mapToDouble(entry -> Math.abs(entry.getValue() - weights.get(entry.getKey())))
                .toArray();
        double largest = java.util.Arrays.stream(differences).max().orElse(0);
        double mean = java.util.Arrays.stream(differences).average().orElse(0);
        return new Distance(both.size(), same / both.size(), jaccard / both.size(), largest, mean);
    }

    private static Map<List<Object>, Double> weights(NeuronCircuit circuit) {
        return circuit.edges().stream()
                .collect(Collectors.toMap(
                        edge -> List.of(edge.parent(), edge.group().index(), edge.child()), ConceptEdge::weight));
    }
}
