package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureMapSourceTest {
    private static final long SEED = 20261123;
    private static final long MUCH = 1L << 30;

    private static double[][] matrix(int rows, int columns) {
        SplittableRandom random = new SplittableRandom(SEED + 31L * rows + columns);
        double[][] matrix = new double[rows][columns];
        for (double[] row : matrix) {
            for (int i = 0; i < columns; i++) {
                row[i] = random.nextDouble() - 0.4;
            }
        }
        return matrix;
    }

    private static ToyProbe probe() {
        return new ToyProbe(matrix(8, 6), matrix(7, 8), matrix(6, 7), matrix(5, 6));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, MUCH})
    void mapsAreThoseFromThePixelsWithAFileAndWithout(long diskBytes) {
        double[][] inputs = matrix(300, 6);
        try (ToyProbe probe = probe()) {
            ImmutableList<Layer> sources = probe.layers().subList(0, 3).reverse();
            VectorPatches patches = new VectorPatches(inputs);
            try (FeatureMapSource source = new FeatureMapSource(probe, patches, sources, diskBytes)) {
                for (Layer layer : sources) {
                    ImmutableIntArray which = ImmutableIntArray.of(7, 299, 3, 7, 150 + layer.index());
                    Tensor maps = source.maps(layer, which);
                    assertThat(maps.toDoubles())
                            .containsExactly(
                                    probe.forward(patches.inputs(which), layer).toDoubles());
                }
            }
        }
    }

    /** The patches that a source asks for, call by call, to compute the maps of a last chunk. */
    private static List<List<Integer>> batchesAsked(boolean skipFirst) {
        VectorPatches vectors = new VectorPatches(matrix(300, 6));
        List<List<Integer>> asked = new ArrayList<>();
        PatchSet recording = new PatchSet() {
            @Override
            public ImmutableList<SourceImage> images() {
                return vectors.images();
            }

            @Override
            public ImmutableList<Patch> patches() {
                return vectors.patches();
            }

            @Override
            public Tensor inputs(ImmutableIntArray which) {
                asked.add(which.asList());
                return vectors.inputs(which);
            }
        };
        try (ToyProbe probe = probe();
                FeatureMapSource source = new FeatureMapSource(
                        probe, recording, probe.layers().subList(0, 3).reverse(), MUCH)) {
            Layer layer = probe.layers().get(2);
            for (ImmutableIntArray known : List.of(ImmutableIntArray.of(3, 7, 9), ImmutableIntArray.of(9, 20, 30))) {
                if (skipFirst) {
                    source.skip(layer, known);
                } else {
                    source.maps(layer, known);
                }
            }
            source.maps(layer, ImmutableIntArray.of(7, 30, 40));
        }
        return asked;
    }

    @Test
    void mapsAreComputedInTheSameBatchesWhetherEarlierOnesWereSkippedOrNot() {
        List<List<Integer>> all = List.of(List.of(3, 7, 9), List.of(20, 30), List.of(40));
        assertThat(batchesAsked(false)).isEqualTo(all);
        assertThat(batchesAsked(true)).isEqualTo(all);
    }

    @Test
    void theFileHoldsTheLayerThatSavesMost() {
        try (ToyProbe probe = probe()) {
            // Costs are 1 to 4: from the pixels 10 in all; by way of the second layer 2 + 0 + 1 + 2, and 1 for the
            // lowest.
            ImmutableList<Layer> sources = probe.layers().reverse();
            assertThat(FeatureMapSource.waypoint(probe, sources, 1000, MUCH))
                    .contains(probe.layers().get(1));
            // Its seven channels are too many, six of the next are not: 3 + 0 + 1, and 1 + 2 from the pixels.
            assertThat(FeatureMapSource.waypoint(probe, sources, 1000, 6 * 8 * 1000))
                    .contains(probe.layers().get(2));
            assertThat(FeatureMapSource.waypoint(probe, sources, 1000, 100)).isEmpty();
            assertThat(FeatureMapSource.waypoint(probe, sources, 10, MUCH)).isEmpty();
            assertThat(FeatureMapSource.waypoint(probe, sources.subList(0, 1), 1000, MUCH))
                    .isEmpty();
        }
    }

    @Test
    void whatIsKeptComesBackInEitherPrecision() {
        Layer layer = new Layer("l", 0, "Relu", new Shape(2, 3, 1));
        double[] values = {0.1, -2, 3, 4, 5, 6, 7, 8, 9, 10, 11, Double.NaN};
        for (Precision precision : Precision.values()) {
            Tensor maps = Tensor.of(2, layer.shape(), values, precision);
            try (SpilledMaps spilled = new SpilledMaps(layer, precision)) {
                assertThat(spilled.has(9)).isFalse();
                spilled.write(ImmutableIntArray.of(9, 4), maps);
                assertThat(spilled.has(9)).isTrue();
                Tensor back = spilled.read(ImmutableIntArray.of(4, 9, 4));
                assertThat(back.precision()).isEqualTo(precision);
                assertThat(back.select(ImmutableIntArray.of(1, 0)).toDoubles()).containsExactly(maps.toDoubles());
            }
        }
    }
}
