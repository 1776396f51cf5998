package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Feature maps of patches for the sweeps of one circuit, layer after layer from the top. Computing them from the pixels each
 * time would be most of the work of a large circuit: the maps of one layer in between are kept in a temporary file, and those
 * of higher layers start there. Which layer that is depends on nothing but the model, the circuit and the room there is.
 */
final class FeatureMapSource implements AutoCloseable {
    /** With fewer patches than this it is not worth a file. */
    private static final int FEW = 256;

    private final ModelProbe probe;
    private final PatchSet patches;
    private final Optional<Layer> waypoint;
    private final Optional<SpilledMaps> spilled;
    /** With which others a patch goes to the file, settled when it is first asked for, computed or not. */
    private final Map<Integer, ImmutableIntArray> together = new HashMap<>();

    /**
     * A source.
     *
     * @param layers all layers whose maps will be asked for
     * @param diskBytes room for the file
     */
    FeatureMapSource(ModelProbe probe, PatchSet patches, ImmutableList<Layer> layers, long diskBytes) {
        this.probe = probe;
        this.patches = patches;
        this.waypoint =
                waypoint(probe, layers, patches.patches().size(), Math.min(diskBytes, SpilledMaps.usableBytes() / 2));
        this.spilled = waypoint.map(layer -> new SpilledMaps(layer, probe.info().precision()));
    }

    /** The layer from which the maps of all others cost least; empty if none saves anything. */
    static Optional<Layer> waypoint(ModelProbe probe, ImmutableList<Layer> layers, int patches, long diskBytes) {
        if (patches < FEW) {
            return Optional.empty();
        }
        int width = probe.info().precision() == Precision.FLOAT32 ? Float.BYTES : Double.BYTES;
        double least = layers.stream().mapToDouble(probe::cost).sum();
        Optional<Layer> best = Optional.empty();
        for (Layer candidate : layers) {
            double start = probe.cost(candidate);
            double total = start;
            for (Layer layer : layers) {
                double cost = probe.cost(layer);
                total += layer.index() >= candidate.index() ? cost - start : cost;
            }
            boolean fits = (double) candidate.shape().size() * width * patches <= diskBytes;
            if (fits && total < least) {
                least = total;
                best = Optional.of(candidate);
            }
        }
        return best;
    }

    /** The maps of some patches, [n, shape of the layer]. */
    Tensor maps(Layer layer, ImmutableIntArray which) {
        if (waypoint.isEmpty() || layer.index() < waypoint.get().index()) {
            return inBatches(which, batch -> probe.forward(patches.inputs(batch), layer));
        }
        return inBatches(which, batch -> {
            Tensor start = start(batch);
            return layer.equals(waypoint.get()) ? start : probe.forward(waypoint.get(), start, layer);
        });
    }

    private Tensor start(ImmutableIntArray batch) {
        SpilledMaps file = spilled.orElseThrow();
        settle(batch);
        batch.forEach(patch -> {
            if (!file.has(patch)) {
                ImmutableIntArray group = Objects.requireNonNull(together.get(patch));
                file.write(group, probe.forward(patches.inputs(group), waypoint.orElseThrow()));
            }
        });
        return file.read(batch);
    }

    /** Sums may round otherwise in another batch, so that batches must not depend on what was found in a store. */
    private void settle(ImmutableIntArray batch) {
        ImmutableIntArray fresh =
                ImmutableIntArray.copyOf(batch.stream().filter(patch -> !together.containsKey(patch)));
        fresh.forEach(patch -> together.put(patch, fresh));
    }

    /** To be told instead of {@link #maps} where its results are known, so that later maps are the same bit for bit. */
    void skip(Layer layer, ImmutableIntArray which) {
        if (waypoint.isPresent() && layer.index() >= waypoint.get().index()) {
            Batches.forEach(
                    which.length(),
                    probe.preferredBatch(),
                    batch -> settle(ImmutableIntArray.copyOf(batch.stream().map(which::get))));
        }
    }

    /** The patches. */
    PatchSet patches() {
        return patches;
    }

    /** Where maps are computed from, other than the pixels: rounding may depend on it, and it on the room on the disk. */
    String start() {
        return waypoint.map(Layer::name).orElse("");
    }

    private interface Batch {
        Tensor run(ImmutableIntArray patches);
    }

    private Tensor inBatches(ImmutableIntArray which, Batch action) {
        ImmutableList.Builder<Tensor> parts = ImmutableList.builder();
        Batches.forEach(
                which.length(),
                probe.preferredBatch(),
                batch -> parts.add(
                        action.run(ImmutableIntArray.copyOf(batch.stream().map(which::get)))));
        return Tensor.concat(parts.build());
    }

    @Override
    public void close() {
        spilled.ifPresent(SpilledMaps::close);
    }
}
