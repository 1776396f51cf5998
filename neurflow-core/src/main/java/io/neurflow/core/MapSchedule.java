package io.neurflow.core;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Precision;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which feature maps a circuit keeps in temporary files, so that maps of higher layers are computed from there and not from
 * the pixels. A circuit asks for maps from the top down; with kept layers w<sub>1</sub> &lt; w<sub>2</sub> &lt; &hellip; those
 * of layer l cost c(l) - c(w), where c is {@link ModelProbe#cost} and w the highest kept layer not above l. Maps are kept
 * while all patches pass through the model anyway, so that keeping them costs no computation; or, where that would fill the
 * disk with what few will ask for, when they are first computed.
 *
 * <p>The choice minimises the cost under the demand of {@link CircuitDemand} and the room there is, by adding, dropping and
 * exchanging layers as long as that helps. It depends on nothing that is measured. To write and read as many bytes as an
 * input has counts as {@link #MOVING} of a forward pass: on two cores and a disk with 1 GB/s about what it is for ResNet50.
 * Layers of single units are never kept: they are computed by matrix products, whose rounding may depend on the batch.
 *
 * @param kept the layers, from the bottom up
 * @param patches for how many there is room
 * @param duringPass whether maps are kept while all patches pass, else when they are first computed
 * @param cost of all feature maps that the circuit asks for, in units of {@link ModelProbe#cost}
 */
record MapSchedule(ImmutableList<Layer> kept, int patches, boolean duringPass, double cost) {
    private static final double MOVING = 0.02;

    /** Keeps nothing. */
    static MapSchedule none(ModelProbe probe, CircuitDemand demand) {
        return new MapSchedule(
                ImmutableList.of(),
                0,
                false,
                demand.steps().stream()
                        .mapToDouble(step -> step.patches() * probe.cost(step.lower()))
                        .sum());
    }

    /**
     * The best one for all patches passing through the model first.
     *
     * @param count of all patches
     * @param diskBytes room for the files
     */
    static MapSchedule best(ModelProbe probe, CircuitDemand demand, int count, long diskBytes) {
        MapSchedule early = new Search(probe, demand, count, diskBytes, true).best();
        MapSchedule late = bestAfterPass(probe, demand, count, diskBytes);
        return early.cost < late.cost ? early : late;
    }

    /** The best one when the patches have passed through the model already. */
    static MapSchedule bestAfterPass(ModelProbe probe, CircuitDemand demand, int count, long diskBytes) {
        return new Search(probe, demand, count, diskBytes, false).best();
    }

    /** Of the files, when all patches that there is room for are kept. */
    long bytes(Precision precision) {
        return patches
                * kept.stream()
                        .mapToLong(layer -> SpilledMaps.bytes(layer, precision))
                        .sum();
    }

    private static final class Search {
        private final Precision precision;
        private final ImmutableList<CircuitDemand.Step> fromBelow;
        private final ImmutableList<Layer> candidates;
        private final double[] costs;
        private final int count;
        private final long diskBytes;
        private final boolean duringPass;
        private final double movingOneByte;
        private final int union;

        Search(ModelProbe probe, CircuitDemand demand, int count, long diskBytes, boolean duringPass) {
            this.precision = probe.info().precision();
            this.fromBelow = demand.fromBelow();
            this.candidates = fromBelow.stream()
                    .map(CircuitDemand.Step::lower)
                    .filter(layer -> layer.shape().positions() > 1)
                    .collect(toImmutableList());
            this.costs = fromBelow.stream()
                    .mapToDouble(step -> probe.cost(step.lower()))
                    .toArray();
            this.count = count;
            this.diskBytes = diskBytes;
            this.duringPass = duringPass;
            int width = precision == Precision.FLOAT32 ? Float.BYTES : Double.BYTES;
            this.movingOneByte = MOVING
                    * probe.cost(probe.logits())
                    / ((double) width * probe.inputShape().size());
            this.union = (int) Math.min(
                    count,
                    fromBelow.stream().mapToLong(CircuitDemand.Step::patches).sum());
        }

        MapSchedule best() {
            MapSchedule now = with(Set.of());
            while (true) {
                MapSchedule next = now;
                for (MapSchedule other : neighbours(now)) {
                    if (other.cost < next.cost) {
                        next = other;
                    }
                }
                if (next.equals(now)) {
                    return now;
                }
                now = next;
            }
        }

        private List<MapSchedule> neighbours(MapSchedule schedule) {
            ImmutableList.Builder<MapSchedule> all = ImmutableList.builder();
            for (Layer layer : candidates) {
                Set<Layer> changed = ordered(schedule.kept);
                if (!changed.remove(layer)) {
                    for (Layer old : schedule.kept) {
                        Set<Layer> exchanged = ordered(schedule.kept);
                        exchanged.remove(old);
                        exchanged.add(layer);
                        all.add(with(exchanged));
                    }
                    changed.add(layer);
                }
                all.add(with(changed));
            }
            return all.build();
        }

        private static Set<Layer> ordered(List<Layer> layers) {
            Set<Layer> set = new TreeSet<>(Comparator.comparingInt(Layer::index));
            set.addAll(layers);
            return set;
        }

        private MapSchedule with(Set<Layer> kept) {
            long bytesEach = kept.stream()
                    .mapToLong(layer -> SpilledMaps.bytes(layer, precision))
                    .sum();
            int wanted = duringPass ? count : union;
            int room = bytesEach == 0 ? 0 : (int) Math.min(wanted, diskBytes / bytesEach);
            double share = wanted == 0 ? 0 : (double) room / wanted;
            double cost = room * bytesEach * movingOneByte;
            double start = 0;
            for (int i = 0; i < fromBelow.size(); i++) {
                CircuitDemand.Step step = fromBelow.get(i);
                if (kept.contains(step.lower())) {
                    start = costs[i];
                }
                // Patches that no higher layer has asked for have nothing in the files yet.
                int above = i + 1 < fromBelow.size() ? fromBelow.get(i + 1).patches() : 0;
                int there = duringPass ? step.patches() : Math.min(above, step.patches());
                cost += step.patches() * costs[i] - there * share * start;
            }
            return new MapSchedule(ImmutableList.copyOf(kept), room, duringPass && room > 0, cost);
        }
    }
}
