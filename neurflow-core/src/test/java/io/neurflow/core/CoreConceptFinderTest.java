package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CoreConceptFinderTest {

    private static double[][] vectors(long seed, int count, int size) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] vectors = new double[count][size];
        for (double[] v : vectors) {
            for (int i = 0; i < size; i++) {
                v[i] = random.nextDouble();
            }
        }
        return vectors;
    }

    private static double[][] identity(int size) {
        double[][] identity = new double[size][size];
        for (int i = 0; i < size; i++) {
            identity[i][i] = 1;
        }
        return identity;
    }

    @Test
    void scoresThatAreNotFiniteAreRefusedWithTargetAndLayer() {
        try (ToyProbe probe = new ToyProbe(identity(2), identity(2), new double[][] {{1, -1}})) {
            CoreConceptFinder finder = CoreConceptFinder.over(probe).topPatches(2);
            Neuron top = probe.logits().neuron(0);
            NeuronConcept concept = new NeuronConcept(top, ImmutableIntArray.of(2, 0), ImmutableDoubleArray.of(1, 1));
            Tensor x = Tensor.ofDoubles(2, Shape.units(2), new double[] {1, Double.NaN, 1, 1});
            ImportanceScores scores =
                    probe.importance(probe.layers().get(probe.logits().index() - 1), x, top, finder.quadrature());
            assertThatThrownBy(() -> finder.find(concept, new RefinedScores(scores, ImmutableIntArray.of(50, 50))))
                    .isInstanceOf(NeurflowException.class)
                    .hasMessageContaining("expected finite importance scores, but one of l2#0 from l1#")
                    .hasMessageContaining("for patch 2; check the model's weights")
                    .hasMessageContaining("double precision");
        }
    }

    @ParameterizedTest
    @EnumSource(value = Quadrature.Rule.class, mode = EnumSource.Mode.EXCLUDE, names = "EXACT")
    void ofALinearMapTheScoreIsWeightTimesActivationForAnyRule(Quadrature.Rule rule) {
        double[][] top = {{2, -3, 0.5, 0}};
        double[][] inputs = vectors(5, 8, 4);
        try (ToyProbe probe = new ToyProbe(identity(4), top)) {
            Finding finding = CoreConceptFinder.over(probe)
                    .quadrature(new Quadrature(rule, 3))
                    .topPatches(5)
                    .maxCoreNeurons(2)
                    .find(
                            probe.logits().neuron(0),
                            PatchActivations.of(
                                    probe, new VectorPatches(inputs), List.of(probe.logits()), ProgressListener.NONE));
            for (int i = 0; i < 5; i++) {
                double[] x = inputs[finding.concept().patches().get(i)];
                for (int c = 0; c < 4; c++) {
                    assertThat(finding.scores().value(i, c)).isCloseTo(top[0][c] * x[c], offset(1e-12));
                }
            }
            assertThat(finding.core().largestResidual()).isLessThan(1e-12);
            assertThat(finding.core().neurons()).hasSize(2);
        }
    }

    @Test
    void parentsAreFoundAmongLouderNeuronsThatDoNotMatter() {
        // Channels 3 and 7 feed the target; all others are ten times as active and feed nothing.
        double[][] first = identity(10);
        for (int i = 0; i < 10; i++) {
            first[i][i] = i == 3 || i == 7 ? 1 : 10;
        }
        double[][] top = new double[1][10];
        top[0][3] = 1;
        top[0][7] = -0.5;
        try (ToyProbe probe = new ToyProbe(first, top)) {
            CoreConceptNeurons core = CoreConceptFinder.over(probe)
                    .topPatches(10)
                    .maxCoreNeurons(2)
                    .find(probe.logits().neuron(0), new VectorPatches(vectors(6, 40, 10)));
            assertThat(core.neurons()).extracting(Neuron::channel).containsExactly(3, 7);
            assertThat(core.scores().get(1).value()).isNegative();
            assertThat(core.rankingValues().length()).isEqualTo(3);
            assertThat(core.rankingValues().get(2)).isZero();
        }
    }

    @Test
    void aNeuronThatHelpsAsOftenAsItHindersRanksLowByTheSumAndHighByMagnitude() {
        // The logit is 10 + 0.1 a + (p - q): p and q are b in front of a gate that one input opens and another shuts.
        // Seen
        // from the layer of a, b and the two switches, b adds 1 on half the patches and takes 1 away on the other half.
        double[][] middle = {{1, 0, 0, 0}, {0, 1, -10, 0}, {0, 1, 0, -10}};
        double[][] top = {{0.1, 1, -1}};
        double[][] inputs = new double[8][];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = new double[] {1, 1, i % 2, 1 - i % 2};
        }
        try (ToyProbe probe = new ToyProbe(
                new double[][][] {identity(4), middle, top}, new double[][] {new double[4], new double[3], {10}})) {
            // Two layers at once, so that the gates lie between the source and the target.
            ImportanceScores scores = probe.importance(
                    probe.layer("l0"),
                    new VectorPatches(inputs).inputs(ImmutableIntArray.of(0, 1, 2, 3, 4, 5, 6, 7)),
                    probe.logits().neuron(0),
                    Quadrature.midpoint(400));
            double[] sums = scores.sums();
            double[] means = scores.meanMagnitudes();
            assertThat(Math.abs(sums[1])).isLessThan(Math.abs(sums[0]));
            assertThat(means[1]).isGreaterThan(means[0]);
        }
    }

    @Test
    void knockingOutTheOnlyParentChangesTheConceptAndKnockingOutNothingDoesNot() {
        double[][] top = {{1, 0, 0, 0.001}};
        double[][] inputs = vectors(9, 30, 4);
        try (ToyProbe probe = new ToyProbe(identity(4), top)) {
            var patches = new VectorPatches(inputs);
            Neuron root = probe.logits().neuron(0);
            Neuron parent = probe.layer("l0").neuron(0);
            NeuronConcept plain = Intervention.knockOut(Set.of()).concept(probe, patches, root, 6);
            NeuronConcept without = Intervention.knockOut(Set.of(parent)).concept(probe, patches, root, 6);
            NeuronConcept only = Intervention.retainOnly(Set.of(parent)).concept(probe, patches, root, 6);
            assertThat(plain)
                    .isEqualTo(PatchActivations.of(probe, patches, List.of(probe.logits()), ProgressListener.NONE)
                            .concept(root, 6));
            assertThat(plain.conceptOverlap(without)).isLessThan(0.7);
            assertThat(plain.conceptOverlap(only)).isEqualTo(1);
        }
    }

    @Test
    void retainingNothingIsRefusedBecauseNoLayerIsNamed() {
        assertThatThrownBy(() -> Intervention.retainOnly(Set.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("knock out every neuron of the layer");
    }

    @Test
    void moreIsAskedThanThereIs() {
        try (ToyProbe probe = new ToyProbe(identity(2), identity(2))) {
            CoreConceptFinder finder = CoreConceptFinder.over(probe);
            assertThatThrownBy(() -> finder.find(probe.logits().neuron(1), new VectorPatches(vectors(1, 10, 2))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected 1 to 10 patches for a concept, as many as there are, but k is 50; use more"
                            + " images or a smaller k");
            assertThatThrownBy(() -> finder.topPatches(5)
                            .find(probe.layer("l0").neuron(1), new VectorPatches(vectors(1, 10, 2))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("l0 2 is the lowest layer of the probe, so nothing below it can be attributed to; open"
                            + " the probe with a lower layer");
            assertThatThrownBy(() -> finder.maxCoreNeurons(0))
                    .hasMessage("expected tau of 1 or more core concept neurons, but it is 0");
        }
    }
}
