package io.neurflow.core.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.Finding;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.Preset;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedUnit;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** P1, P2, P6 and P11: edges that are known by construction, with their weights and signs. */
class PlantedEdgesTest {
    private static final int[] SEEDS = {1, 2, 3};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void p1OneStepGivesWeightTimesActivationInALinearChain(long seed) {
        PlantedModel model = PlantedCircuits.chain(seed);
        try (ModelProbe probe = model.probe();
                SameDiffProbe single = SameDiffProbe.open(PlantedGraphs.of(model.net()))) {
            assertThat(largestError(model, probe)).isLessThan(1e-12);
            assertThat(largestError(model, single)).isLessThan(1e-5);
        }
    }

    private static double largestError(PlantedModel model, ModelProbe probe) {
        PatchActivations activations = Planted.activations(probe, model);
        double largest = 0;
        for (PlantedUnit parent : Planted.parents(model.truth())) {
            Layer below = probe.layers().get(parent.layer() - 1);
            NeuronConcept concept = activations.concept(parent.in(probe), model.topPatches());
            Tensor x = probe.forward(model.pictures().inputs(concept.patches()), below);
            ImportanceScores scores = probe.importance(below, x, parent.in(probe), Quadrature.midpoint(1));
            double[] weights = Planted.weightsInto(model, parent, below.shape().channels());
            for (int v = 0; v < concept.size(); v++) {
                double[] phi = activations.representativeVector(
                        below, concept.patches().get(v));
                for (int c = 0; c < phi.length; c++) {
                    largest = Math.max(largest, Math.abs(scores.value(v, c) - weights[c] * phi[c]));
                }
            }
        }
        return largest;
    }

    static Stream<Arguments> exactFamilies() {
        return Stream.of("chain", "thresholds", "skip and concat").flatMap(family -> Stream.of(Preset.values())
                .flatMap(preset -> Arrays.stream(SEEDS).mapToObj(seed -> Arguments.of(family, preset, seed))));
    }

    @ParameterizedTest
    @MethodSource("exactFamilies")
    void p1p2p11TheEdgesAreThePlantedOnesWhoseChildIsActiveOnTheConceptAndNoOthers(
            String family, Preset preset, long seed) {
        PlantedModel model =
                Objects.requireNonNull(PlantedCircuits.families().get(family)).apply(seed);
        try (ModelProbe probe = model.probe()) {
            assertPlanted(model, Planted.activations(probe, model), Planted.circuit(probe, model, preset));
        }
    }

    /** The children of every neuron of the circuit, with the sign of weight times activation. */
    private static void assertPlanted(PlantedModel model, PatchActivations activations, ConceptCircuit circuit) {
        for (CircuitNode node : circuit.neurons().nodes()) {
            Set<Integer> active = model.truth().childrenOf(PlantedUnit.of(node.neuron())).stream()
                    .map(PlantedUnit::channel)
                    .filter(c -> node.core().stream().anyMatch(core -> node.concept().patches().stream()
                            .anyMatch(v -> activations.activation(core.source().neuron(c), v) != 0)))
                    .collect(Collectors.toSet());
            Set<Integer> found = node.core().stream()
                    .flatMap(core -> core.scores().stream())
                    .filter(score -> score.value() != 0)
                    .map(score -> score.source().channel())
                    .collect(Collectors.toSet());
            assertThat(found).as("%s", node).isEqualTo(active);
        }
        for (ConceptEdge edge : circuit.neurons().edges()) {
            PlantedUnit parent = PlantedUnit.of(edge.parent());
            double planted = Planted.weightsInto(
                    model, parent, edge.child().layer().shape().channels())[
                    edge.child().channel()];
            double sum = edge.group().patches().stream()
                    .mapToDouble(v -> planted * activations.activation(edge.child(), v))
                    .sum();
            assertThat(Math.signum(edge.weight())).as("%s", edge).isEqualTo(Math.signum(sum));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void p2ScoresAreThoseOfTheExactSumOverBreakpointsAndTheResidualIsWhatIsMissing(long seed) {
        PlantedModel model = PlantedCircuits.thresholds(seed);
        double bias = -0.5;
        try (ModelProbe probe = model.probe()) {
            PatchActivations activations = Planted.activations(probe, model);
            for (PlantedUnit parent : Planted.parents(model.truth())) {
                if (parent.layer() == probe.logits().index()) {
                    continue; // linear
                }
                Finding finding =
                        Planted.finder(probe, model, Preset.RECOMMENDED).find(parent.in(probe), activations);
                Layer below = finding.scores().source();
                double[] weights =
                        Planted.weightsInto(model, parent, below.shape().channels());
                double error = 0;
                double norm = 0;
                double change = 0;
                for (int v = 0; v < finding.concept().size(); v++) {
                    double[] phi = activations.representativeVector(
                            below, finding.concept().patches().get(v));
                    double z = 0;
                    double sum = 0;
                    for (int c = 0; c < phi.length; c++) {
                        z += weights[c] * phi[c];
                        sum += finding.scores().value(v, c);
                    }
                    // max(z t + b, 0) rises from t = -b / z on, so that this share of the ray has the gradient w
                    double open = z + bias > 0 ? 1 + bias / z : 0;
                    for (int c = 0; c < phi.length; c++) {
                        double exact = weights[c] * phi[c] * open;
                        error += Math.pow(finding.scores().value(v, c) - exact, 2);
                        norm += exact * exact;
                    }
                    double value = activations.activation(
                            parent.in(probe), finding.concept().patches().get(v));
                    change = Math.max(change, value);
                    assertThat(finding.scores().residual(v)).isCloseTo(value - sum, within(1e-12));
                }
                assertThat(Math.sqrt(error / norm)).as("%s", parent).isLessThan(0.02);
                assertThat(finding.core().largestResidual()).isLessThanOrEqualTo(0.01 * change);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Preset.class)
    void p6InhibitoryChildrenThatAreActiveOnTheConceptAreKeptWithTheirSign(Preset preset) {
        int negative = 0;
        int drawn = 0;
        for (long seed : SEEDS) {
            PlantedModel model = PlantedCircuits.inhibition(seed);
            try (ModelProbe probe = model.probe()) {
                ConceptCircuit circuit = Planted.circuit(probe, model, preset);
                assertPlanted(model, Planted.activations(probe, model), circuit);
                negative += (int) circuit.neurons().edges().stream()
                        .filter(edge -> edge.weight() < 0)
                        .count();
                drawn += (int) circuit.edges().stream()
                        .mapToDouble(GroupEdge::weight)
                        .filter(weight -> weight < 0)
                        .count();
            }
        }
        assertThat(negative).isGreaterThan(5 * 3);
        assertThat(drawn).isPositive();
    }
}
