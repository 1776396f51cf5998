package io.neurflow.core.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.core.Preset;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConceptConfidenceTest {
    private final ConceptCircuit circuit = PlantedShortcut.circuit(PlantedShortcut.probe());
    private final NeuronGroup group = circuit.at(circuit.layers().get(1)).get(0);
    private final ConceptConfidence metric = ConceptConfidence.of(circuit, group);

    private double highest(Neuron neuron) {
        return circuit.neurons().node(neuron).concept().activations().get(0);
    }

    /** Every neuron at a share of its maximum over D. */
    private double[] activations(double... shares) {
        double[] pooled = new double[group.layer().shape().channels()];
        for (int i = 0; i < metric.neurons().size(); i++) {
            Neuron neuron = metric.neurons().get(i);
            pooled[neuron.channel()] = shares[i % shares.length] * highest(neuron);
        }
        return pooled;
    }

    @Test
    void itIsTheGeometricMeanOfSharesOfTheMaximum() {
        assertThat(metric.neurons()).hasSize(3);
        assertThat(metric.score(activations(1))).isCloseTo(1, offset(1e-6));
        assertThat(metric.score(activations(0.5))).isCloseTo(0.5, offset(1e-5));
        assertThat(metric.score(activations(1, 0.25, 0.5))).isCloseTo(0.5, offset(1e-5));
        assertThat(metric.score(activations(2))).isEqualTo(1);
    }

    @Test
    void aSilentNeuronCountsAsEpsilonAndByThePaperAsZero() {
        double one = Math.cbrt(ConceptConfidence.EPSILON);
        assertThat(metric.score(activations(1, 1, 0))).isCloseTo(one, offset(1e-9));
        assertThat(metric.rule(ConfidenceRule.ABS).score(activations(1, 1, 0))).isZero();
    }

    @Test
    void aNegativeActivationIsEvidenceForThePaperOnly() {
        assertThat(metric.rule(ConfidenceRule.ABS).score(activations(-0.5))).isCloseTo(0.5, offset(1e-9));
        assertThat(metric.rule(ConfidenceRule.ABS).score(activations(-2))).isCloseTo(2, offset(1e-9));
        assertThat(metric.score(activations(-0.5))).isLessThan(1e-5);
    }

    @Test
    void theTrimmedMeanOfFiveLeavesOneOutOnEachSideAndOfFewerNone() {
        assertThat(metric.rule(ConfidenceRule.TRIMMED_MEAN).score(activations(1, 0.25, 0.5)))
                .isCloseTo(1.75 / 3, offset(1e-5));
    }

    @Test
    void theAuthorsRuleDividesByTheMeanOverTheSemanticGroup() {
        ConceptConfidence authors = metric.rule(ConfidenceRule.MEAN_OF_GROUP);
        double[] pooled = activations(1);
        double sum = 0;
        for (var member : group.byDistance().stream().limit(5).toList()) {
            var concept = circuit.neurons().node(member.neuron()).concept();
            double mean = member.patches().stream()
                    .mapToDouble(
                            p -> concept.activations().get(concept.patches().indexOf(p)))
                    .average()
                    .orElseThrow();
            sum += Math.log(pooled[member.neuron().channel()] / (mean + 1e-6) + 1e-6);
        }
        assertThat(authors.score(pooled))
                .isCloseTo(Math.exp(sum / authors.neurons().size()), offset(1e-9))
                .isGreaterThan(1);
    }

    @Test
    void presetsHaveTheirRules() {
        assertThat(ConfidenceRule.of(Preset.PAPER)).isEqualTo(ConfidenceRule.ABS);
        assertThat(ConfidenceRule.of(Preset.AUTHORS_CODE)).isEqualTo(ConfidenceRule.MEAN_OF_GROUP);
        assertThat(ConfidenceRule.of(Preset.RECOMMENDED)).isEqualTo(ConfidenceRule.RELU_CLIPPED);
    }

    @Test
    void activationsOfAnotherLayerAreRefused() {
        assertThatThrownBy(() -> metric.score(new double[2]))
                .hasMessage("expected an activation for each of 39 channels of l0, but there are 2");
    }

    @Test
    void theHeatMapIsHotWhereTheWindowsAreAndFadesTheRest() {
        ImmutableList<Patch> windows = ImmutableList.of(
                new Patch(0, 0, 1, 0, 0, 4), new Patch(1, 0, 0.5, 0, 0, 2), new Patch(2, 0, 0.5, 0, 2, 2));
        HeatMap map = HeatMap.of(4, windows, List.of(0.3, 1.0, 0.2));
        assertThat(map.at(0, 0)).isEqualTo(1);
        assertThat(map.at(1, 3)).isEqualTo(0.2);
        assertThat(map.at(3, 3)).isZero();
        assertThat(HeatMap.of(4, windows.subList(0, 1), List.of(0.3)).at(3, 3)).isEqualTo(0.3);
        BufferedImage white = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64; i++) {
            white.setRGB(i % 8, i / 8, 0xff8000);
        }
        BufferedImage over = map.over(white, 1);
        assertThat(over.getRGB(0, 0) & 0xffffff).isEqualTo(0xff8000);
        assertThat(over.getRGB(7, 7) & 0xff)
                .isEqualTo(over.getRGB(7, 7) >> 16 & 0xff)
                .isLessThan(0x60);
    }
}
