package io.neurflow.core.planted;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Tensor;
import io.neurflow.core.Intervention;
import io.neurflow.core.Preset;
import io.neurflow.testkit.PlantedBlocks;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** P12: a watermark that the network takes for the class. */
class PlantedShortcutTest {
    private static final int WATERMARK = 12;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void p12TheGroupOfTheWatermarkIsNamedItsMaskRestoresTheLabelAndARandomMaskDoesNot(long seed) {
        PlantedModel model = PlantedBlocks.shortcut(seed);
        try (ModelProbe probe = model.probe()) {
            int count = model.heldOut().patches().size();
            Tensor inputs = model.heldOut().inputs(ImmutableIntArray.copyOf(IntStream.range(0, count)));
            int[] wrong = IntStream.range(0, count)
                    .filter(v -> margins(probe.forward(inputs, probe.logits()))[v] > 0)
                    .toArray();
            assertThat(wrong).hasSizeGreaterThan(10);
            assertThat(IntStream.of(wrong)
                            .allMatch(v -> model.heldOut().shown(v).contains(WATERMARK)))
                    .isTrue();
            ConceptCircuit circuit = Planted.circuit(probe, model, Preset.RECOMMENDED);
            Layer units = probe.layer("units");
            Tensor misled = inputs.select(ImmutableIntArray.copyOf(wrong));
            NeuronGroup blamed = circuit.at(units).stream()
                    .min(Comparator.comparingDouble(group -> sum(
                            margins(Intervention.knockOut(group.neurons()).forward(probe, misled, probe.logits())))))
                    .orElseThrow();
            PlantedUnit watermark =
                    model.truth().into(model.truth().root()).get(0).child();
            assertThat(blamed.neurons()).contains(watermark.in(probe));
            assertThat(restored(probe, misled, blamed.neurons())).isEqualTo(1);
            // how often a random mask of the same size that spares the blamed neurons restores as many labels
            int draws = 200;
            Random random = new Random(seed);
            int asGood = 0;
            for (int draw = 0; draw < draws; draw++) {
                List<Neuron> others =
                        new ArrayList<>(IntStream.range(0, units.shape().channels())
                                .mapToObj(units::neuron)
                                .filter(neuron -> !blamed.neurons().contains(neuron))
                                .toList());
                Collections.shuffle(others, random);
                asGood += restored(
                                        probe,
                                        misled,
                                        others.subList(0, blamed.neurons().size()))
                                == 1
                        ? 1
                        : 0;
            }
            assertThat((asGood + 1.0) / (draws + 1)).isLessThan(0.01);
            assertThat(ranking(probe, model, inputs, blamed.neurons())).isEqualTo(1);
        }
    }

    /** Logit 0 less logit 1: the true class of the held-out pictures is 1. */
    private static double[] margins(Tensor logits) {
        double[][] rows = logits.spatialMeans();
        return IntStream.range(0, rows.length)
                .mapToDouble(v -> rows[v][0] - rows[v][1])
                .toArray();
    }

    private static double sum(double[] values) {
        return Arrays.stream(values).sum();
    }

    private static double restored(ModelProbe probe, Tensor inputs, List<Neuron> mask) {
        double[] after = margins(Intervention.knockOut(mask).forward(probe, inputs, probe.logits()));
        return Arrays.stream(after).filter(m -> m < 0).count() / (double) after.length;
    }

    /** How well the drop of the logit under the mask tells pictures with the watermark from those without. */
    private static double ranking(ModelProbe probe, PlantedModel model, Tensor inputs, List<Neuron> mask) {
        double[] before = margins(probe.forward(inputs, probe.logits()));
        double[] after = margins(Intervention.knockOut(mask).forward(probe, inputs, probe.logits()));
        double[] drops = IntStream.range(0, before.length)
                .mapToDouble(v -> before[v] - after[v])
                .toArray();
        boolean[] truth = new boolean[drops.length];
        for (int v = 0; v < truth.length; v++) {
            truth[v] = model.heldOut().shown(v).contains(WATERMARK);
        }
        return Agreement.auroc(drops, truth);
    }
}
