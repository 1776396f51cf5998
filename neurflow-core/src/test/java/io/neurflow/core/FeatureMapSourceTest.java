package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.core.samediff.SameDiffProbe;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FeatureMapSourceTest {
    private static final long SEED = 20261123;

    private static MapSchedule schedule(ModelProbe probe, int room, boolean duringPass, int... layers) {
        ImmutableList.Builder<Layer> kept = ImmutableList.builder();
        for (int layer : layers) {
            kept.add(probe.layers().get(layer));
        }
        return new MapSchedule(kept.build(), room, duringPass, 0);
    }

    private static ImmutableIntArray random(SplittableRandom random, int count) {
        return ImmutableIntArray.copyOf(random.ints(count, 0, 600).distinct());
    }

    @Test
    void mapsHaveTheSameBitsWhateverIsKeptAndForHoweverManyPatches() {
        for (GraphLayers graph : ImmutableList.of(SmallGraphs.residual(), SmallGraphs.inception())) {
            try (ModelProbe probe = SameDiffProbe.open(graph)) {
                PatchSet patches = StoredRun.patches(probe.inputShape());
                int layers = probe.layers().size() - 1;
                for (int room : new int[] {0, 5, 40, 600}) {
                    for (int kept = 0; kept < 1 << layers; kept++) {
                        int mask = kept;
                        int[] which = java.util.stream.IntStream.range(0, layers)
                                .filter(layer -> (mask & (1 << layer)) != 0)
                                .toArray();
                        SplittableRandom random = new SplittableRandom(SEED);
                        try (FeatureMapSource source =
                                new FeatureMapSource(probe, patches, schedule(probe, room, false, which))) {
                            for (int layer = layers - 1; layer >= 0; layer--) {
                                Layer wanted = probe.layers().get(layer);
                                for (int chunk = 0; chunk < 2; chunk++) {
                                    ImmutableIntArray some = random(random, 21);
                                    assertThat(source.maps(wanted, some, () -> {})
                                                    .toFloats())
                                            .isEqualTo(probe.forward(patches.inputs(some), wanted)
                                                    .toFloats());
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    @Test
    void mapsThatThePassHandedOverAreNotComputedAgain() {
        try (ModelProbe engine = SameDiffProbe.open(SmallGraphs.residual())) {
            CountingProbe counting = new CountingProbe(engine);
            ModelProbe probe = counting.probe();
            PatchSet patches = StoredRun.patches(probe.inputShape());
            Layer stem = probe.layers().get(0);
            Layer block = probe.layers().get(1);
            try (FeatureMapSource source = new FeatureMapSource(probe, patches, schedule(probe, 16, true, 0))) {
                for (int first : new int[] {0, 10}) {
                    assertThat(source.wantedDuringPass()).containsExactly(stem);
                    ImmutableIntArray some =
                            ImmutableIntArray.copyOf(java.util.stream.IntStream.range(first, first + 10));
                    Map<Layer, Tensor> maps = new HashMap<>();
                    engine.pooled(patches.inputs(some), ImmutableSet.of(block), ImmutableSet.of(stem), maps::put);
                    source.keepDuringPass(some, maps);
                }
                assertThat(source.wantedDuringPass()).isEmpty();
                // 15 is kept, 16 came when the file was full.
                source.maps(block, ImmutableIntArray.of(3, 15, 16, 17), () -> {});
                assertThat(counting.fromPixels).isEqualTo(2);
                assertThat(counting.onward).isEqualTo(4);
            }
        }
    }

    @Test
    void whatIsKeptComesBackInEitherPrecisionForAsManyAsThereIsRoom() {
        Layer layer = new Layer("l", 0, "Relu", new Shape(2, 3, 1));
        double[] values = {0.1, -2, 3, 4, 5, 6, 7, 8, 9, 10, 11, Double.NaN};
        for (Precision precision : Precision.values()) {
            Tensor maps = Tensor.of(2, layer.shape(), values, precision);
            try (SpilledMaps spilled = new SpilledMaps(layer, precision, 2)) {
                assertThat(spilled.has(9)).isFalse();
                spilled.write(ImmutableIntArray.of(9, 4), maps);
                assertThat(spilled.has(9)).isTrue();
                assertThat(spilled.hasRoom()).isFalse();
                spilled.write(ImmutableIntArray.of(4, 7), maps);
                assertThat(spilled.has(7)).isFalse();
                Tensor back = spilled.read(ImmutableIntArray.of(4, 9, 4));
                assertThat(back.precision()).isEqualTo(precision);
                assertThat(back.select(ImmutableIntArray.of(1, 0)).toDoubles()).containsExactly(maps.toDoubles());
            }
        }
    }
}
