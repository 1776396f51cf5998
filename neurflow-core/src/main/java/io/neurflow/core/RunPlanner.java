package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.PatchSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts what a circuit takes: the demand of {@link CircuitDemand}, less what is found in the store, computed by way of the
 * same {@link MapSchedule} that the run will have. Times come from {@link SampleTimes}.
 */
final class RunPlanner {
    private final CoreConceptFinder finder;
    private final ModelProbe probe;
    private final PatchSet patches;
    private final int count;
    private final long mapBudgetBytes;
    private final RunRoom room;
    private final ImmutableSet<Layer> kept;
    private final ImmutableList<Layer> layers;
    private final MapSchedule schedule;

    /**
     * A planner.
     *
     * @param layers from the root's down
     * @param kept whose activations are needed
     */
    RunPlanner(
            CoreConceptFinder finder,
            PatchSet patches,
            ImmutableList<Layer> layers,
            ImmutableSet<Layer> kept,
            long mapBudgetBytes,
            long mapDiskBytes) {
        this.finder = finder;
        this.probe = finder.probe();
        this.patches = patches;
        this.count = patches.patches().size();
        this.layers = layers;
        this.kept = kept;
        this.mapBudgetBytes = mapBudgetBytes;
        this.room = RunRoom.of(kept, count, mapDiskBytes);
        this.schedule = MapSchedule.best(probe, CircuitDemand.of(finder, layers, count), count, room.mapBytes());
    }

    RunPlan plan(Neuron root, DeadNeurons dead, Stored stored) {
        StoredShare share = StoredShare.of(finder, patches, root, layers, kept, dead, mapBudgetBytes, stored);
        SampleTimes times = new SampleTimes(finder, patches, kept);
        Maps maps = new Maps(share.patches());
        List<RunPlan.Step> steps = new ArrayList<>();
        long backwards = 0;
        long scoreBytes = 0;
        long largest = 0;
        double backwardSeconds = 0;
        for (StoredShare.Step step : share.steps()) {
            Layer lower = step.demand().lower();
            long rays = (long) step.demand().targets() * finder.topPatches();
            long missing = rays - step.rays();
            double seconds = missing == 0
                    ? 0
                    : times.importanceSeconds(step.demand().upper(), lower, step.missingPatches(), missing);
            steps.add(new RunPlan.Step(
                    step.demand().upper(),
                    lower,
                    step.demand().targets(),
                    step.demand().patches(),
                    rays,
                    step.rays(),
                    duration(seconds)));
            maps.add(lower, step.missingPatches());
            long bytes = rays * (lower.shape().channels() + 1L) * Double.BYTES;
            largest = Math.max(largest, bytes + mapBytes(lower));
            scoreBytes += bytes;
            backwards += missing;
            backwardSeconds += seconds;
        }
        long fresh = (long) count - share.patches();
        double passCost = fresh * probe.cost(probe.logits());
        long moved = room.rowsInFiles() ? schedule.bytes(probe.info().precision()) : 0;
        return new RunPlan(
                patches.images().size(),
                count,
                ImmutableList.copyOf(steps),
                fresh + maps.fromPixels(),
                maps.onward,
                share.patches(),
                backwards,
                passBytes() + largest,
                room.rowBytes() + scoreBytes,
                (room.rowsInFiles() ? room.rowBytes() : 0) + moved,
                duration(times.forwardSeconds(passCost + maps.cost)),
                duration(backwardSeconds));
    }

    /** What comes from where, step by step from the top, at the most. */
    private final class Maps {
        /** Patches whose maps are not kept while all patches pass. */
        private final int notKept;

        private long direct;
        private long toKept;
        private long onward;
        private double cost;

        Maps(int storedPatches) {
            int passing = schedule.duringPass() ? Math.min(schedule.patches(), count - storedPatches) : 0;
            notKept = count - passing;
        }

        void add(Layer layer, int wanted) {
            Layer start = null;
            for (Layer candidate : schedule.kept()) {
                start = candidate.index() <= layer.index() ? candidate : start;
            }
            if (start == null) {
                direct += wanted;
                cost += wanted * probe.cost(layer);
                return;
            }
            int pixels = Math.min(wanted, notKept);
            if (schedule.patches() >= count) {
                // There is room for all, so that none comes from the pixels twice.
                pixels = (int) Math.min(pixels, notKept - toKept);
            }
            toKept += pixels;
            cost += pixels * probe.cost(start);
            if (!layer.equals(start)) {
                onward += wanted;
                cost += wanted * (probe.cost(layer) - probe.cost(start));
            }
        }

        long fromPixels() {
            return direct + toKept;
        }
    }

    private long mapBytes(Layer layer) {
        long each = SpilledMaps.bytes(layer, probe.info().precision());
        return each * Math.max(1, Math.min(ImportanceSweep.PATCHES, mapBudgetBytes / each));
    }

    /** Strongest patches, one block of rows, and all rows where there is no file. */
    private long passBytes() {
        long channels =
                kept.stream().mapToLong(layer -> layer.shape().channels()).sum();
        long strongest = channels * (finder.topPatches() + 1L) * (Double.BYTES + Integer.BYTES);
        long block = channels * Math.min(count, PatchActivations.block(probe)) * Double.BYTES;
        return strongest + block + (room.rowsInFiles() ? 0 : room.rowBytes());
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }
}
