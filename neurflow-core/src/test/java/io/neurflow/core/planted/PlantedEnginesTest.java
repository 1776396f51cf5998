package io.neurflow.core.planted;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.Tensor;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedProbe;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A planted network is one network on every engine, and its detectors detect their own feature and nothing else. */
class PlantedEnginesTest {
    private static final long SEED = 7;

    private static PlantedModel model(String family) {
        return java.util.Objects.requireNonNull(PlantedCircuits.families().get(family))
                .apply(SEED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chain",
                "thresholds",
                "distractors",
                "inhibition",
                "polysemantic",
                "redundancy",
                "skip and concat",
                "rotated"
            })
    void everyLayerIsTheSameOnBothEngines(String family) {
        PlantedModel model = model(family);
        Tensor inputs = model.pictures().inputs(ImmutableIntArray.copyOf(IntStream.range(0, 8)));
        try (PlantedProbe plain = model.probe();
                SameDiffProbe fast = SameDiffProbe.open(PlantedGraphs.of(model.net()))) {
            assertThat(fast.layers())
                    .extracting(Layer::name)
                    .isEqualTo(plain.layers().stream().map(Layer::name).toList());
            for (int l = 0; l < plain.layers().size(); l++) {
                double[] expected = plain.forward(inputs, plain.layers().get(l)).toDoubles();
                double[] actual = fast.forward(inputs, fast.layers().get(l)).toDoubles();
                double largest = IntStream.range(0, expected.length)
                        .mapToDouble(i -> Math.abs(expected[i] - actual[i]))
                        .max()
                        .orElseThrow();
                assertThat(largest).as("%s of %s", plain.layers().get(l), model).isLessThan(2e-5);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chain", "distractors", "redundancy"})
    void everyDetectorSeesItsFeatureAndNothingElse(String family) {
        PlantedModel model = model(family);
        try (PlantedProbe probe = model.probe()) {
            int count = model.pictures().patches().size();
            double[][] rows = probe.forward(
                            model.pictures().inputs(ImmutableIntArray.copyOf(IntStream.range(0, count))),
                            probe.layers().get(0))
                    .spatialMeans();
            model.truth().features().asMap().forEach((unit, features) -> {
                if (unit.layer() == 0) {
                    int feature = features.iterator().next();
                    for (int v = 0; v < count; v++) {
                        double seen = rows[v][unit.channel()] * 9;
                        if (model.pictures().shown(v).contains(feature)) {
                            assertThat(seen)
                                    .as("feature %s in picture %s", feature, v)
                                    .isBetween(0.5, 1.5);
                        } else {
                            assertThat(seen)
                                    .as("feature %s in picture %s", feature, v)
                                    .isBetween(0.0, 0.1);
                        }
                    }
                }
            });
        }
    }
}
