package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class MapScheduleTest {
    private static final long GIB = 1L << 30;
    private static final int PATCHES = 2950;

    /** The layers of a ResNet50 with their multiply-adds; it computes nothing. */
    private static final class ResNet50 implements ModelProbe {
        private static final double[] COSTS = {
            1.825e9, 2.198e9, 2.417e9, 2.636e9, 2.855e9, 3.073e9, 3.292e9, 3.665e9, 3.884e9, 4.102e9, 4.105e9
        };
        private static final List<String> NAMES = List.of(
                "layer2.3",
                "layer3.0",
                "layer3.1",
                "layer3.2",
                "layer3.3",
                "layer3.4",
                "layer3.5",
                "layer4.0",
                "layer4.1",
                "layer4.2",
                "fc");

        @Override
        public ModelInfo info() {
            return new ModelInfo("costs", "0", "none", Precision.FLOAT32);
        }

        @Override
        public Shape inputShape() {
            return new Shape(3, 224, 224);
        }

        @Override
        public ImmutableList<Layer> layers() {
            ImmutableList.Builder<Layer> layers = ImmutableList.builder();
            for (int i = 0; i < COSTS.length; i++) {
                Shape shape = i == 0
                        ? new Shape(512, 28, 28)
                        : i < 7 ? new Shape(1024, 14, 14) : i < 10 ? new Shape(2048, 7, 7) : Shape.units(1000);
                layers.add(new Layer(NAMES.get(i), i, "Relu", shape));
            }
            return layers.build();
        }

        @Override
        public double cost(Layer to) {
            return COSTS[to.index()];
        }

        @Override
        public Tensor forward(Tensor inputs, Layer to) {
            throw new IllegalStateException();
        }

        @Override
        public Tensor forward(Layer from, Tensor activations, Layer to) {
            throw new IllegalStateException();
        }

        @Override
        public Tensor gradient(Layer from, Tensor activations, Neuron target) {
            throw new IllegalStateException();
        }

        @Override
        public void close() {}
    }

    private static CircuitDemand demand(ModelProbe probe, int count, int lowest) {
        ImmutableList<Layer> layers = probe.layers().subList(lowest, 11).reverse();
        return CircuitDemand.of(CoreConceptFinder.over(probe), layers, count);
    }

    /** Forward passes to the logits that all maps of the circuit are worth. */
    private static double passes(ModelProbe probe, MapSchedule schedule) {
        return schedule.cost() / probe.cost(probe.logits());
    }

    @Test
    void theFullCircuitOfAResNet50NeedsAFractionOfThePassesWithRoomForFiles() {
        try (ModelProbe probe = new ResNet50()) {
            CircuitDemand demand = demand(probe, PATCHES, 0);
            assertThat(demand.steps()).extracting(CircuitDemand.Step::patches).startsWith(50, 800, PATCHES);
            MapSchedule none = MapSchedule.none(probe, demand);
            MapSchedule four = MapSchedule.best(probe, demand, PATCHES, 4 * GIB);
            MapSchedule sixteen = MapSchedule.best(probe, demand, PATCHES, 16 * GIB);
            // In passes of all patches: 5.6 without files, 1.3 with 4 GiB, and with 16 GiB most of 0.3 is moving bytes.
            assertThat(passes(probe, none) / PATCHES).isBetween(5.5, 5.7);
            assertThat(passes(probe, four) / PATCHES).isBetween(1.2, 1.4);
            assertThat(passes(probe, sixteen) / PATCHES).isLessThan(0.3);
            assertThat(four.kept()).extracting(Layer::name).containsExactly("layer3.0", "layer4.0");
            assertThat(sixteen.duringPass()).isTrue();
            assertThat(four.bytes(Precision.FLOAT32)).isLessThanOrEqualTo(4 * GIB);
            assertThat(sixteen.bytes(Precision.FLOAT32)).isLessThanOrEqualTo(16 * GIB);
        }
    }

    @Test
    void noExchangeOfLayersWouldBeCheaper() {
        try (ModelProbe probe = new ResNet50()) {
            for (int count : new int[] {59, PATCHES, 10 * PATCHES}) {
                CircuitDemand demand = demand(probe, count, 0);
                for (long disk : new long[] {GIB / 8, GIB, 3 * GIB, 9 * GIB}) {
                    double best = Double.MAX_VALUE;
                    for (int mask = 0; mask < 1 << 10; mask++) {
                        best = Math.min(best, plainCost(probe, demand, count, disk, mask));
                    }
                    // The search goes step by step, and may stop a little above the best of all 1024.
                    double found = MapSchedule.best(probe, demand, count, disk).cost();
                    assertThat(found).isLessThanOrEqualTo(best * 1.05);
                }
            }
        }
    }

    /** Cost of keeping some layers while all patches pass, in plain words. */
    private static double plainCost(ModelProbe probe, CircuitDemand demand, int count, long disk, int mask) {
        double bytes = 0;
        for (int i = 0; i < 10; i++) {
            bytes += (mask >> i & 1) * 4.0 * probe.layers().get(i).shape().size();
        }
        int room = bytes == 0 ? 0 : (int) Math.min(count, disk / (long) bytes);
        double cost = room * bytes / (4 * 3 * 224 * 224) * 0.02 * probe.cost(probe.logits());
        for (CircuitDemand.Step step : demand.steps()) {
            double start = 0;
            for (int i = 0; i <= step.lower().index(); i++) {
                start = (mask >> i & 1) == 1 ? probe.cost(probe.layers().get(i)) : start;
            }
            double inFiles = step.patches() * (double) room / count;
            cost += step.patches() * probe.cost(step.lower()) - inFiles * start;
        }
        return cost;
    }

    @Test
    void nothingIsKeptWithoutRoomOrUse() {
        try (ModelProbe probe = new ResNet50()) {
            assertThat(MapSchedule.best(probe, demand(probe, PATCHES, 0), PATCHES, 0))
                    .isEqualTo(MapSchedule.none(probe, demand(probe, PATCHES, 0)));
            // One pair: 50 patches of 29,500 are computed sooner than all are written.
            CircuitDemand onePair = demand(probe, 10 * PATCHES, 9);
            assertThat(MapSchedule.best(probe, onePair, 10 * PATCHES, 16 * GIB).kept())
                    .isEmpty();
        }
    }
}
