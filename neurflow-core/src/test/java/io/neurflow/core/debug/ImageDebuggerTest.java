package io.neurflow.core.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableSet;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Shape;
import io.neurflow.core.ToyProbe;
import io.neurflow.core.VectorPatches;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageDebuggerTest {
    private final ToyProbe probe = PlantedShortcut.probe();
    private final ConceptCircuit circuit = PlantedShortcut.circuit(probe);
    private final ImageDebugger debugger = ImageDebugger.of(probe, circuit);
    /** Of class 1: 12 with the watermark, which the model takes for class 0, and 12 without. */
    private final VectorPatches images = new VectorPatches(
            PlantedShortcut.joined(PlantedShortcut.inputs(12, true, 1, 11), PlantedShortcut.inputs(12, false, 1, 12)));

    @Test
    void thePlantedShortcutIsFoundAndProvedAgainstRandomMasks() {
        Investigation found = debugger.investigate(images);
        assertThat(found.investigated()).hasSize(12);
        GroupVerdict culprit = found.culprit().orElseThrow();
        assertThat(culprit.group().neurons().stream().map(Neuron::channel)).containsExactly(0, 1, 2);
        assertThat(culprit.separation()).hasValue(1.0);
        assertThat(culprit.effect().flips()).isEqualTo(1);
        assertThat(culprit.effect().changes())
                .allSatisfy(change -> assertThat(change.after().top()).isEqualTo(1));
        MaskControl control = culprit.effect().control().orElseThrow();
        assertThat(control.pValue()).isLessThan(0.01);
        assertThat(control.pProbability()).isLessThan(0.01);
        assertThat(control.meanFlips()).isZero();
        assertThat(control.pool()).isEqualTo(ControlPool.OUTSIDE_CIRCUIT);
        assertThat(control.activationRatio()).isBetween(0.8, 1.2);
        assertThat(found.verdicts().get(0)).isEqualTo(culprit);
        assertThat(found.toString())
                .contains("these predictions hang on " + culprit.group().name());
    }

    @Test
    void theSmallestMaskIsAsSmallAsBruteForceFindsAndIsProven() {
        Investigation found = debugger.investigate(images);
        assertThat(found.smallestMasks()).hasSize(12).allSatisfy(mask -> {
            assertThat(mask.flips()).isTrue();
            assertThat(mask.proven()).isTrue();
            assertThat(mask.mask()).hasSize(bruteForce(mask));
        });
    }

    private int bruteForce(SmallestMask mask) {
        List<Neuron> candidates = circuit.neurons().at(circuit.layers().get(1)).stream()
                .map(node -> node.neuron())
                .toList();
        int patch = mask.change().before().patch();
        int smallest = Integer.MAX_VALUE;
        for (int bits = 1; bits < 1 << candidates.size(); bits++) {
            Set<Neuron> chosen = new HashSet<>();
            for (int i = 0; i < candidates.size(); i++) {
                if ((bits >> i & 1) == 1) {
                    chosen.add(candidates.get(i));
                }
            }
            double[] logits = probe.forwardWithout(
                            probe.layers().get(0),
                            probe.forward(
                                    images.inputs(com.google.common.primitives.ImmutableIntArray.of(patch)),
                                    probe.layers().get(0)),
                            chosen,
                            probe.logits())
                    .toDoubles();
            if (logits[1] > logits[0]) {
                smallest = Math.min(smallest, chosen.size());
            }
        }
        return smallest;
    }

    @Test
    void nothingIsBlamedWhereNothingIsTakenForTheClass() {
        Investigation found = debugger.investigate(new VectorPatches(PlantedShortcut.inputs(5, false, 1, 5)));
        assertThat(found.investigated()).isEmpty();
        assertThat(found.culprit()).isEmpty();
        assertThat(found.predictions()).hasSize(5);
        assertThat(found.scores().images()).hasSize(5);
    }

    @Test
    void maskingDistractorsChangesNothingAndIsNotSignificant() {
        Layer hidden = probe.layers().get(0);
        MaskEffect effect = debugger.mask(List.of(hidden.neuron(20), hidden.neuron(21)), images);
        assertThat(effect.meanLogitDrop()).isZero();
        assertThat(effect.control().orElseThrow().pValue()).isEqualTo(1);
    }

    @Test
    void theSameSeedGivesTheSameMasksAndAnotherSeedOthers() {
        MaskEffect one = debugger.mask(debugger.groups().get(0), images);
        assertThat(debugger.mask(debugger.groups().get(0), images)).isEqualTo(one);
        RandomMasks masks = masks(new double[] {5, 1, 2, 3, 4, 5, 6, 7, 8, 9});
        assertThat(masks.draw(30, 7)).isEqualTo(masks.draw(30, 7)).isNotEqualTo(masks.draw(30, 8));
    }

    private static RandomMasks masks(double[] activations) {
        Layer layer = new Layer("l", 0, "Relu", Shape.units(activations.length));
        Set<Neuron> mask = Set.of(layer.neuron(0), layer.neuron(9));
        return new RandomMasks(layer, mask, Set.of(layer.neuron(8)), ControlPool.OUTSIDE_CIRCUIT, activations);
    }

    @Test
    void randomMasksHaveTheSizeOfTheMaskAndLeaveItAndTheCircuitOut() {
        SplittableRandom random = new SplittableRandom(3);
        double[] activations =
                IntStream.range(0, 60).mapToDouble(c -> random.nextDouble()).toArray();
        RandomMasks masks = masks(activations);
        List<ImmutableSet<Neuron>> drawn = masks.draw(200, 1);
        assertThat(masks.pool()).isEqualTo(ControlPool.OUTSIDE_CIRCUIT);
        assertThat(drawn).hasSize(200).allSatisfy(mask -> {
            assertThat(mask).hasSize(2);
            assertThat(mask.stream().map(Neuron::channel)).doesNotContain(0, 8, 9);
        });
        assertThat(masks.ratio(drawn)).isBetween(0.8, 1.2);
    }

    @Test
    void whereTooFewChannelsAreLeftTheNextPoolIsTaken() {
        assertThat(masks(new double[10]).pool()).isEqualTo(ControlPool.OUTSIDE_CIRCUIT);
        Layer layer = new Layer("l", 0, "Relu", Shape.units(4));
        Set<Neuron> two = Set.of(layer.neuron(0), layer.neuron(1));
        assertThat(new RandomMasks(layer, two, two, ControlPool.OUTSIDE_CIRCUIT, new double[4]).pool())
                .isEqualTo(ControlPool.WHOLE_LAYER);
    }

    @Test
    void mistakesAreRefusedInOneLine() {
        assertThatThrownBy(() -> debugger.layer("nowhere"))
                .hasMessage("expected a layer of the circuit below the logits, one of [l0], but it is 'nowhere'");
        assertThatThrownBy(() -> debugger.group("G77")).hasMessageContaining("but it is 'G77'");
        assertThatThrownBy(() -> debugger.draws(19)).hasMessage("expected at least 20 random masks, but it is 19");
        assertThatThrownBy(() -> debugger.threshold(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> debugger.mask(List.of(), images)).hasMessageContaining("there are none");
        assertThatThrownBy(() -> debugger.mask(List.of(probe.logits().neuron(0)), images))
                .hasMessageContaining("is one of another layer");
    }
}
