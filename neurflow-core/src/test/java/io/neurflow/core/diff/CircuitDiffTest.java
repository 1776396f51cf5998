package io.neurflow.core.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.ToyProbe;
import io.neurflow.core.VectorPatches;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CircuitDiffTest {
    private static double[][] random(int rows, int columns, Random random) {
        double[][] matrix = new double[rows][columns];
        for (double[] row : matrix) {
            for (int i = 0; i < row.length; i++) {
                row[i] = random.nextGaussian();
            }
        }
        return matrix;
    }

    private static double[][][] weights(long seed) {
        Random random = new Random(seed);
        return new double[][][] {random(12, 8, random), random(10, 12, random), random(3, 10, random)};
    }

    private static VectorPatches inputs(long seed) {
        return new VectorPatches(random(60, 8, new Random(seed)));
    }

    private static ConceptCircuit circuit(ModelProbe probe, int target, VectorPatches patches) {
        return CircuitBuilder.using(CoreConceptFinder.over(probe)
                        .topPatches(15)
                        .maxCoreNeurons(5)
                        .integrationSteps(8))
                .build(probe.logits().neuron(target), patches);
    }

    /** P17: the same circuit in a model whose channels are numbered otherwise. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aModelWithPermutedChannelsDiffersInNothing(long seed) {
        ToyProbe probe = new ToyProbe(weights(seed));
        VectorPatches patches = inputs(seed);
        ConceptCircuit before = circuit(probe, 0, patches);
        ConceptCircuit after = circuit(new PermutedProbe(probe, seed), 0, patches);
        assertThat(after.groups()).hasSameSizeAs(before.groups());
        CircuitDiff diff = CircuitDiff.of(GroupAlignment.byPatches(before, after), 1e-6);
        assertThat(diff.isEmpty()).as(diff.toString()).isTrue();
        assertThat(diff.edges()).hasSameSizeAs(before.edges());
        assertThat(diff.alignment().matches()).hasSameSizeAs(before.groups());
        assertThat(diff.toString()).contains("0 only before, 0 only after", "no confidence intervals");
    }

    @Test
    void theSameHoldsWhenAlignedByWhatBothModelsSee() {
        ToyProbe probe = new ToyProbe(weights(2));
        PermutedProbe other = new PermutedProbe(probe, 2);
        VectorPatches patches = inputs(2);
        GroupAlignment alignment = GroupAlignment.byImages(
                circuit(probe, 0, patches),
                probe,
                circuit(other, 0, patches),
                other,
                inputs(77),
                ProgressListener.NONE);
        assertThat(CircuitDiff.of(alignment, 1e-6).isEmpty()).isTrue();
    }

    @Test
    void aWeightThatWasChangedIsReportedAndNothingIsAddedByIt() {
        VectorPatches patches = inputs(3);
        double[][][] changed = weights(3);
        ConceptCircuit before = circuit(new ToyProbe(weights(3)), 0, patches);
        for (double[] row : changed[2]) {
            row[before.at(before.layers().get(1)).get(0).neurons().get(0).channel()] *= 1.5;
        }
        ConceptCircuit after = circuit(new ToyProbe(changed), 0, patches);
        CircuitDiff diff = CircuitDiff.of(GroupAlignment.byPatches(before, after), 1e-3);
        assertThat(diff.isEmpty()).isFalse();
        for (EdgeChange change : diff.edges()) {
            assertThat(change.kind() == EdgeChange.Kind.KEPT).isEqualTo(Math.abs(change.difference()) <= 1e-3);
        }
    }

    @Test
    void aCircuitAndItselfDifferInNothingAtAnyTolerance() {
        ConceptCircuit circuit = circuit(new ToyProbe(weights(4)), 1, inputs(4));
        CircuitDiff diff = CircuitDiff.of(GroupAlignment.byPatches(circuit, circuit), 0);
        assertThat(diff.isEmpty()).isTrue();
        assertThat(diff.settings()).isEmpty();
        for (GroupMatch match : diff.alignment().matches()) {
            NeuronGroup group = match.before();
            assertThat(match.after()).isEqualTo(group);
            assertThat(match.similarity()).isCloseTo(1, offset(1e-9));
        }
    }

    @Test
    void circuitsOfDifferentImagesAreRefusedWithAWayOut() {
        ToyProbe probe = new ToyProbe(weights(5));
        ConceptCircuit one = circuit(probe, 0, inputs(5));
        ConceptCircuit other = renamed(circuit(probe, 1, inputs(6)));
        assertThatThrownBy(() -> GroupAlignment.byPatches(one, other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "expected circuits of the same images, but of 60 and 60 patches they share only 0; build both"
                                + " from the same images, or compare what the models see in common ones:"
                                + " GroupAlignment.byImages, on the command line --images");
    }

    /** Digests of vectors are their numbers; these are other images. */
    private static ConceptCircuit renamed(ConceptCircuit c) {
        var images = c.images().stream()
                .map(i -> new io.neurflow.api.SourceImage(
                        i.index(), i.name(), "f" + i.digest().substring(1)))
                .collect(com.google.common.collect.ImmutableList.toImmutableList());
        return new ConceptCircuit(
                c.neurons(), c.groups(), c.edges(), c.silhouettes(), images, c.patches(), c.provenance());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theAssignmentIsTheBestOfAllPermutations(long seed) {
        Random random = new Random(seed);
        int rows = 2 + random.nextInt(4);
        int columns = 2 + random.nextInt(4);
        double[][] value = random(rows, columns, random);
        int[] found = Assignment.best(value, columns);
        double sum = IntStream.range(0, rows)
                .filter(i -> found[i] >= 0)
                .mapToDouble(i -> value[i][found[i]])
                .sum();
        assertThat(sum).isCloseTo(bruteForce(value, columns, 0, 0), offset(1e-9));
    }

    /** As many pairs as there can be, the largest sum. */
    private static double bruteForce(double[][] value, int columns, int row, int taken) {
        if (row == value.length) {
            return Integer.bitCount(taken) == Math.min(value.length, columns) ? 0 : Double.NEGATIVE_INFINITY;
        }
        double best = bruteForce(value, columns, row + 1, taken);
        for (int c = 0; c < columns; c++) {
            if ((taken >> c & 1) == 0) {
                best = Math.max(best, value[row][c] + bruteForce(value, columns, row + 1, taken | 1 << c));
            }
        }
        return best;
    }
}
