package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.neurflow.api.CancellationToken;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.Counting;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.Progress;
import io.neurflow.api.Selection;
import io.neurflow.api.SemanticGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CircuitBuilderTest {
    private static final long SEED = 11;

    /** Four layers, random weights: 6 inputs -> 8 -> 10 -> 9 -> 3 logits. */
    private static ToyProbe probe(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] sizes = {6, 8, 10, 9, 3};
        double[][][] weights = new double[4][][];
        double[][] biases = new double[4][];
        for (int l = 0; l < 4; l++) {
            weights[l] = new double[sizes[l + 1]][sizes[l]];
            biases[l] = new double[sizes[l + 1]];
            for (int o = 0; o < biases[l].length; o++) {
                biases[l][o] = 0.2 * random.nextDouble();
                for (int i = 0; i < sizes[l]; i++) {
                    weights[l][o][i] = random.nextDouble() * 2 - 0.8;
                }
            }
        }
        return new ToyProbe(weights, biases);
    }

    private static VectorPatches patches() {
        SplittableRandom random = new SplittableRandom(SEED + 1);
        double[][] vectors = new double[60][6];
        for (double[] v : vectors) {
            for (int i = 0; i < v.length; i++) {
                v[i] = random.nextDouble();
            }
        }
        return new VectorPatches(vectors);
    }

    private static CircuitBuilder builder(ToyProbe probe) {
        return CircuitBuilder.using(
                CoreConceptFinder.over(probe).topPatches(12).maxCoreNeurons(4).integrationSteps(200));
    }

    private static ConceptCircuit build(Counting counting) {
        try (ToyProbe probe = probe(SEED)) {
            return builder(probe).counting(counting).build(probe.logits().neuron(1), patches());
        }
    }

    @ParameterizedTest
    @EnumSource(Preset.class)
    void magnitudesOfWeightsAddUpToOneForEverySemanticGroup(Preset preset) {
        try (ToyProbe probe = probe(SEED)) {
            ConceptCircuit circuit =
                    builder(probe).preset(preset).build(probe.logits().neuron(1), patches());
            Map<SemanticGroup, Double> sums = circuit.neurons().edges().stream()
                    .collect(Collectors.groupingBy(
                            ConceptEdge::group, Collectors.summingDouble(e -> Math.abs(e.weight()))));
            assertThat(sums).isNotEmpty();
            assertThat(sums.values()).allSatisfy(sum -> assertThat(sum).isCloseTo(1, offset(1e-9)));
            assertThat(circuit.provenance().options()).containsEntry("preset", preset.name());
        }
    }

    @Test
    void everyNeuronIsStoredOnceAndEveryEdgeJoinsNodesOfAdjacentLayers() {
        ConceptCircuit circuit = build(Counting.FRACTIONAL);
        var neurons = circuit.neurons().nodes().stream().map(n -> n.neuron()).toList();
        assertThat(neurons).doesNotHaveDuplicates();
        assertThat(circuit.layers()).extracting(l -> l.name()).containsExactly("l3", "l2", "l1", "l0");
        for (ConceptEdge edge : circuit.neurons().edges()) {
            assertThat(neurons).contains(edge.child(), edge.parent());
            assertThat(edge.parent().layer().index())
                    .isEqualTo(edge.child().layer().index() + 1);
        }
        assertThat(circuit.neurons().at(circuit.layers().get(3))).allSatisfy(leaf -> {
            assertThat(leaf.core()).isEmpty();
            assertThat(leaf.concept().size()).isEqualTo(12);
        });
    }

    @Test
    void fractionalCountingConservesTheSumOfWeightsAndTheOthersCountAsTheyName() {
        ConceptCircuit fractional = build(Counting.FRACTIONAL);
        ConceptCircuit multiset = build(Counting.MULTISET);
        ConceptCircuit set = build(Counting.SET);
        double edges = fractional.neurons().edges().stream()
                .mapToDouble(ConceptEdge::weight)
                .sum();
        assertThat(fractional.edges().stream().mapToDouble(GroupEdge::weight).sum())
                .isCloseTo(edges, offset(1e-9));
        for (int i = 0; i < set.edges().size(); i++) {
            GroupEdge edge = set.edges().get(i);
            double plain = slowWeight(set, edge, Counting.SET);
            assertThat(edge.weight()).isCloseTo(plain, offset(1e-12));
            assertThat(multiset.edges().get(i).weight())
                    .isCloseTo(slowWeight(multiset, multiset.edges().get(i), Counting.MULTISET), offset(1e-12));
        }
    }

    /** W as Section 3.5 reads: over every semantic group of the parent group and every edge into it. */
    private static double slowWeight(ConceptCircuit circuit, GroupEdge edge, Counting counting) {
        double sum = 0;
        for (SemanticGroup parent : edge.parent().members()) {
            for (ConceptEdge e : circuit.neurons().edges()) {
                if (e.group().equals(parent)) {
                    long n = edge.child().members().stream()
                            .filter(m -> m.neuron().equals(e.child()))
                            .count();
                    sum += e.weight() * (counting == Counting.SET ? Math.min(n, 1) : n);
                }
            }
        }
        return sum;
    }

    @Test
    void aSmallMemoryBudgetChangesNothing() {
        try (ToyProbe probe = probe(SEED)) {
            ConceptCircuit plain = builder(probe).build(probe.logits().neuron(1), patches());
            ConceptCircuit tight =
                    builder(probe).featureMapBudget(1).build(probe.logits().neuron(1), patches());
            assertThat(tight).isEqualTo(plain);
        }
    }

    @Test
    void thePlanCountsWhatTheRunDoesAtMost() {
        List<Progress> heard = new ArrayList<>();
        try (ToyProbe probe = probe(SEED)) {
            CircuitBuilder builder = builder(probe).onProgress(heard::add);
            RunPlan plan = builder.plan(probe.logits().neuron(1), patches());
            assertThat(heard).isEmpty();
            assertThat(plan.steps()).extracting(RunPlan.Step::targets).containsExactly(1, 4, 10);
            assertThat(plan.backwards()).isEqualTo(15 * 12);
            assertThat(plan.forwards()).isEqualTo(60 + 12 + 48 + 60);
            assertThat(plan.diskBytes()).isEqualTo(8L * (60 * 30 + 12 * 10 + 48 * 11 + 120 * 9));
            assertThat(plan.time()).isPositive();
            assertThat(plan.toString())
                    .contains("forwards   180, and 0 from", "l3 <- l2: at most 1 targets, 12 backwards");
            builder.build(probe.logits().neuron(1), patches());
            for (RunPlan.Step step : plan.steps()) {
                assertThat(heard)
                        .filteredOn(p -> p.stage()
                                .equals("core concept neurons of "
                                        + step.upper().name()))
                        .last()
                        .satisfies(p -> assertThat(p.total()).isLessThanOrEqualTo(step.backwards()));
            }
        }
    }

    @Test
    void progressIsToldAndCanCancel() {
        List<Progress> heard = new ArrayList<>();
        try (ToyProbe probe = probe(SEED)) {
            builder(probe).onProgress(heard::add).build(probe.logits().neuron(1), patches());
            assertThat(heard)
                    .extracting(Progress::stage)
                    .contains("activations of the patches", "core concept neurons of l3", "core concept neurons of l1");
            assertThat(heard.get(heard.size() - 1).done())
                    .isEqualTo(heard.get(heard.size() - 1).total());
            assertThatThrownBy(() -> builder(probe)
                            .onProgress(p -> {
                                throw new CancellationException("enough");
                            })
                            .build(probe.logits().neuron(1), patches()))
                    .isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void cancelledByATokenItStopsAfterTheBatchThatIsBeingComputed() {
        try (ToyProbe toy = probe(SEED)) {
            CountingProbe counting = new CountingProbe(toy);
            CancellationToken token = new CancellationToken();
            counting.batch(7);
            CircuitBuilder builder = CircuitBuilder.using(
                            CoreConceptFinder.over(counting.probe()).topPatches(12))
                    .onProgress(token.before(progress -> {
                        if (progress.done() == 14 || progress.stage().contains("l3")) {
                            token.cancel();
                        }
                    }));
            assertThatThrownBy(() -> builder.build(toy.logits().neuron(1), patches()))
                    .isInstanceOf(CancellationException.class)
                    .hasMessage("cancelled in 'activations of the patches' after 21 of 60");
            assertThat(token.isCancelled()).isTrue();
            assertThat(counting.fromPixels).isEqualTo(21);
        }
    }

    @Test
    void theSameInputGivesTheSameCircuit() {
        try (ToyProbe one = probe(SEED)) {
            ConceptCircuit circuit = builder(one).build(one.logits().neuron(1), patches());
            ConceptCircuit again = builder(one).build(one.logits().neuron(1), patches());
            assertThat(again).isEqualTo(circuit).hasSameHashCodeAs(circuit);
            assertThat(circuit.toString())
                    .contains("concept circuit of l3#1 in toy: 60 images, 60 patches")
                    .contains("largest completeness residual");
        }
    }

    /** The only way up leads through l1#0, which its bias alone decides: l2#0 is dead. */
    private static ConceptCircuit withDeadTop(Preset preset, double bias) {
        double[][][] weights = {{{1, 0}, {0, 1}}, {{0, 0}}, {{1}}};
        double[][] biases = {{0, 0}, {bias}, {0}};
        try (ToyProbe probe = new ToyProbe(weights, biases)) {
            double[][] inputs = {{1, 0}, {0, 1}, {1, 1}, {0, 0}, {.5, .5}};
            return CircuitBuilder.using(CoreConceptFinder.over(probe).topPatches(3))
                    .preset(preset)
                    .build(probe.logits().neuron(0), new VectorPatches(inputs));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Preset.class,
            names = {"PAPER", "AUTHORS_CODE"})
    void thePaperAndItsCodeTreatDeadNeuronsAsAnyOther(Preset preset) {
        // With a bias of -1 the dead neuron is silent, and so is everything that weights are divided by.
        for (double bias : new double[] {1, -1}) {
            ConceptCircuit circuit = withDeadTop(preset, bias);
            assertThat(circuit.provenance().options()).containsEntry("dead_neurons", "AS_OTHERS");
            assertThat(circuit.provenance().warnings())
                    .contains("l2#0 has the same activation for every patch of its concept; it is kept like any other"
                            + " neuron, though its core concept neurons say little");
            assertThat(circuit.neurons().nodes())
                    .extracting(node -> node.neuron().toString())
                    .containsExactly("l2#0", "l1#0", "l0#0", "l0#1");
            assertThat(circuit.neurons().nodes())
                    .filteredOn(node -> !node.neuron().layer().name().equals("l0"))
                    .allSatisfy(node -> assertThat(node.core()).isPresent());
            assertThat(circuit.neurons().edges())
                    .filteredOn(edge -> edge.child().layer().name().equals("l0"))
                    .isNotEmpty()
                    .allSatisfy(edge -> assertThat(edge.weight()).isZero());
            assertThat(circuit.edges()).isNotEmpty().allSatisfy(edge -> assertThat(edge.weight())
                    .isFinite());
            assertThat(circuit.largestRelativeResidual()).isFinite();
        }
    }

    @Test
    void theRecommendedPresetEndsTheCircuitAtDeadNeurons() {
        ConceptCircuit circuit = withDeadTop(Preset.RECOMMENDED, 1);
        assertThat(circuit.neurons().nodes()).hasSize(1);
        assertThat(circuit.provenance().options()).containsEntry("dead_neurons", "WITHOUT_CORE");
        assertThat(circuit.provenance().warnings())
                .contains("l2#0 has the same activation for every patch of its concept; it is kept without core concept"
                        + " neurons");
    }

    @Test
    void aPresetOverwritesWhatItGovernsAndIsRecordedAsChangedAfterLaterChanges() {
        try (ToyProbe probe = probe(SEED)) {
            CircuitBuilder plain = builder(probe);
            assertThat(plain.toString()).contains("preset=RECOMMENDED,");
            assertThat(plain.maxNeuronGroups(7).residualTolerance(0.5).toString())
                    .contains("preset=RECOMMENDED, k");
            assertThat(plain.counting(Counting.SET).toString()).contains("preset=RECOMMENDED, changed");
            assertThat(plain.groupSpace(GroupSpace.LAYER_BELOW).toString()).contains("RECOMMENDED, changed");
            assertThat(plain.deadNeurons(DeadNeurons.AS_OTHERS).toString()).contains("RECOMMENDED, changed");
            assertThat(plain.grouping(SemanticGrouper.ward().neverOneGroup()).toString())
                    .contains("RECOMMENDED, changed");
            assertThat(CircuitBuilder.using(plain.finder().selection(Selection.MEAN_ABS))
                            .toString())
                    .contains("RECOMMENDED, changed");
            assertThat(plain.counting(Counting.SET)
                            .deadNeurons(DeadNeurons.WITHOUT_CORE)
                            .preset(Preset.PAPER)
                            .toString())
                    .contains("preset=PAPER, k")
                    .contains("counting=MULTISET")
                    .contains("dead_neurons=AS_OTHERS");
        }
    }

    @Test
    void theResidualWarningCountsTargetsOnly() {
        // The top is linear; both units below it have a kink on the ray, which one step misses. Five nodes, three
        // targets.
        double[][][] weights = {{{1, 0}, {0, 1}}, {{1, 0}, {0, 1}}, {{1, 1}}};
        double[][] biases = {{0, 0}, {-0.3, -0.3}, {0}};
        double[][] inputs = {{1, 0.9}, {0.8, 0.6}, {0.5, 0.7}, {0, 0}};
        try (ToyProbe probe = new ToyProbe(weights, biases)) {
            ConceptCircuit circuit = CircuitBuilder.using(
                            CoreConceptFinder.over(probe).topPatches(3).integrationSteps(1))
                    .preset(Preset.PAPER)
                    .build(probe.logits().neuron(0), new VectorPatches(inputs));
            assertThat(circuit.neurons().nodes()).hasSize(5);
            assertThat(circuit.provenance().warnings())
                    .containsExactly(
                            "the completeness residual of 2 of 3 targets is above 5.0 % of their change; use more"
                                    + " integration steps");
        }
    }

    @Test
    void groupingByALayerBelowTheLowestIsWarnedOf() {
        try (ToyProbe probe = probe(SEED)) {
            CircuitBuilder code = builder(probe).preset(Preset.AUTHORS_CODE);
            assertThat(code.build(probe.logits().neuron(1), patches())
                            .provenance()
                            .warnings())
                    .anyMatch(
                            line -> line.startsWith("l0 is the lowest layer of the probe") && line.contains("downTo"));
            assertThat(code.downTo(probe.layer("l1"))
                            .build(probe.logits().neuron(1), patches())
                            .provenance()
                            .warnings())
                    .noneMatch(line -> line.contains("lowest layer"));
            assertThat(builder(probe)
                            .build(probe.logits().neuron(1), patches())
                            .provenance()
                            .warnings())
                    .noneMatch(line -> line.contains("lowest layer"));
        }
    }

    @Test
    void wrongArgumentsAreNamed() {
        try (ToyProbe probe = probe(SEED)) {
            assertThatThrownBy(() -> builder(probe)
                            .downTo(probe.logits())
                            .build(probe.logits().neuron(1), patches()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected a layer below the root l3#1, but l3 3 is not; choose a lower one, or open the"
                            + " probe with more layers");
            assertThatThrownBy(() -> CircuitBuilder.using(
                                    CoreConceptFinder.over(probe).topPatches(61))
                            .build(probe.logits().neuron(1), patches()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "expected at least k = 61 patches, but there are 60, from 60 images; use more images or a"
                                    + " smaller k");
        }
    }
}
