package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Quadrature;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefinementTest {
    /** One unit opens on the ray of its input at 0.3 / x; the other is linear. */
    private static final double[][][] WEIGHTS = {{{1, 0}, {0, 1}}, {{1, 0}, {0, 1}}, {{1, 1}}};

    private static final double[][] BIASES = {{0, 0}, {-0.3, 0}, {0}};
    private static final double[][] INPUTS = {{1, 0.9}, {0.8, 0.6}, {0.5, 0.7}, {0, 0.1}, {0.31, 0.1}, {0.9, 0.2}};

    private static ToyProbe probe() {
        return new ToyProbe(WEIGHTS, BIASES);
    }

    private static Finding find(CoreConceptFinder finder) {
        Neuron kinked = finder.probe().layers().get(1).neuron(0);
        return finder.find(
                kinked,
                PatchActivations.of(
                        finder.probe(), new VectorPatches(INPUTS), List.of(kinked.layer()), ProgressListener.NONE));
    }

    @Test
    void onlyRowsWithALargeResidualTakeMorePointsAndTheirsAreThoseOfThatRule() {
        try (ToyProbe probe = probe()) {
            CoreConceptFinder finder = CoreConceptFinder.over(probe)
                    .topPatches(6)
                    .integrationSteps(4)
                    .refining(new Refinement(0.02, 300));
            Finding finding = find(finder);
            // Slow twin: every rule for every patch, the first whose residual will do.
            Layer lower = probe.layers().get(0);
            Neuron kinked = probe.layers().get(1).neuron(0);
            double largest = 0.7;
            int most = 0;
            double sum = 0;
            for (int row = 0; row < 6; row++) {
                int patch = finding.concept().patches().get(row);
                int steps = 4;
                ImportanceScores slow;
                do {
                    slow = probe.importance(
                            lower,
                            probe.forward(new VectorPatches(INPUTS).inputs(ImmutableIntArray.of(patch)), lower),
                            kinked,
                            Quadrature.gaussLegendre(steps));
                    steps = Math.min(2 * steps, 300);
                } while (Math.abs(slow.residual(0)) > 0.02 * largest && steps < 300);
                int used = steps / 2;
                most = Math.max(most, used);
                sum += used;
                assertThat(finding.scores().values()[row]).containsExactly(slow.values()[0]);
            }
            assertThat(most).isGreaterThan(4);
            assertThat(finding.core().mostSteps()).isEqualTo(most);
            assertThat(finding.core().meanSteps()).isEqualTo(sum / 6).isLessThan(most);
            assertThat(finding.core().largestResidual()).isLessThanOrEqualTo(0.02 * largest);
        }
    }

    @Test
    void theMostPointsAreNotExceededAndTheResidualIsReported() {
        try (ToyProbe probe = probe()) {
            CoreConceptNeurons core = find(CoreConceptFinder.over(probe)
                            .topPatches(6)
                            .integrationSteps(4)
                            .refining(new Refinement(1e-9, 9)))
                    .core();
            assertThat(core.mostSteps()).isEqualTo(9);
            assertThat(core.largestResidual()).isGreaterThan(1e-9 * core.largestChange());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Preset.class,
            names = {"PAPER", "AUTHORS_CODE"})
    void otherPresetsNeverRefine(Preset preset) {
        try (ToyProbe probe = probe()) {
            CoreConceptFinder finder = CoreConceptFinder.over(probe)
                    .topPatches(6)
                    .integrationSteps(1)
                    .preset(preset);
            assertThat(finder.refinement()).isEmpty();
            assertThat(find(finder).core().mostSteps()).isEqualTo(1);
            assertThat(find(finder).core().meanSteps()).isEqualTo(1);
            assertThat(finder.preset(Preset.RECOMMENDED).refinement()).contains(Refinement.recommended());
            assertThat(CircuitBuilder.using(finder).preset(preset).toString()).contains("refined=NEVER");
        }
    }

    @Test
    void theRuleIsInTheProvenanceAndGovernedByThePreset() {
        try (ToyProbe probe = probe()) {
            CircuitBuilder builder = CircuitBuilder.over(probe);
            assertThat(builder.toString()).contains("refined=above 0.01 of the largest change, up to 3200 steps");
            assertThat(CircuitBuilder.using(builder.finder().notRefining()).toString())
                    .contains("RECOMMENDED, changed")
                    .contains("refined=NEVER");
        }
    }

    @Test
    void theSweepRefinesTheSameRowsForAnyChunk() {
        try (ToyProbe probe = probe()) {
            CoreConceptFinder finder = CoreConceptFinder.over(probe)
                    .topPatches(6)
                    .integrationSteps(4)
                    .refining(new Refinement(0.02, 300));
            Finding alone = find(finder);
            List<Long> budgets = List.of(1L, 40L, 1L << 20);
            for (long budget : budgets) {
                Stage stage = new Stage(ProgressListener.NONE, "test", 6);
                Layer lowest = probe.layers().get(0);
                FeatureMapSource source = new FeatureMapSource(
                        probe,
                        new VectorPatches(INPUTS),
                        MapSchedule.none(probe, new CircuitDemand(ImmutableList.of())));
                RefinedScores swept = new ImportanceSweep(finder, source, lowest, budget, new Stored(Optional.empty()))
                        .run(List.of(alone.concept()), stage)
                        .get(0);
                assertThat(swept.scores().values()).isDeepEqualTo(alone.scores().values());
                assertThat(swept.steps().stream().max()).hasValue(alone.core().mostSteps());
                assertThat(swept.steps().stream().average().orElseThrow())
                        .isCloseTo(alone.core().meanSteps(), offset(1e-12));
            }
        }
    }

    @Test
    void wrongArgumentsAreNamed() {
        assertThatThrownBy(() -> new Refinement(0, 10))
                .hasMessage("expected a positive share of the change to refine above, but it is 0.0");
        assertThatThrownBy(() -> new Refinement(0.1, 0))
                .hasMessage("expected 1 to 100000 integration steps at the most, but it is 0");
    }
}
