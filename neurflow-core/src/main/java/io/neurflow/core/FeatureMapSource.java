package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Feature maps of patches for the sweeps of a circuit, computed from the pixels or from what a {@link MapSchedule} keeps in
 * temporary files. Which of the two changes no bit where the engine gives an item the same answer in any batch and by any
 * cut, as {@code SameDiffProbe} does for layers with positions; with other engines it may change the rounding.
 */
final class FeatureMapSource implements AutoCloseable {
    private final ModelProbe probe;
    private final PatchSet patches;
    /** By layer, from the bottom up. */
    private final Map<Layer, SpilledMaps> files = new LinkedHashMap<>();

    private final boolean duringPass;
    private final int room;
    private int kept;

    FeatureMapSource(ModelProbe probe, PatchSet patches, MapSchedule schedule) {
        this.probe = probe;
        this.patches = patches;
        this.duringPass = schedule.duringPass();
        this.room = schedule.patches();
        for (Layer layer : schedule.kept()) {
            files.put(layer, new SpilledMaps(layer, probe.info().precision(), room));
        }
    }

    /** The patches. */
    PatchSet patches() {
        return patches;
    }

    /** The layers whose maps to hand over while all patches pass through the model: none if there is no more room. */
    ImmutableSet<Layer> wantedDuringPass() {
        return duringPass && kept < room ? ImmutableSet.copyOf(files.keySet()) : ImmutableSet.of();
    }

    /** Takes maps that were computed while all patches pass. */
    void keepDuringPass(ImmutableIntArray which, Map<Layer, Tensor> maps) {
        keep(maps, which);
        kept += which.length();
    }

    /** Each layer has a file of its own; to hand it gigabytes takes a processor longer than to compute half of them. */
    private void keep(Map<Layer, Tensor> maps, ImmutableIntArray which) {
        maps.entrySet().parallelStream().forEach(entry -> Objects.requireNonNull(files.get(entry.getKey()))
                .write(which, entry.getValue()));
    }

    /**
     * The maps of some patches, [n, shape of the layer].
     *
     * @param afterBatch is run after each batch
     */
    Tensor maps(Layer layer, ImmutableIntArray which, Runnable afterBatch) {
        Optional<Layer> start = files.keySet().stream()
                .filter(file -> file.index() <= layer.index())
                .reduce((lower, higher) -> higher);
        ImmutableList.Builder<Tensor> parts = ImmutableList.builder();
        Batches.forEach(which.length(), probe.preferredBatch(), batch -> {
            ImmutableIntArray some = ImmutableIntArray.copyOf(batch.stream().map(which::get));
            parts.add(start.map(from -> onward(from, start(from, some), layer))
                    .orElseGet(() -> probe.forward(patches.inputs(some), layer)));
            afterBatch.run();
        });
        return Tensor.concat(parts.build());
    }

    private Tensor onward(Layer from, Tensor maps, Layer to) {
        return from.equals(to) ? maps : probe.forward(from, maps, to);
    }

    /** Maps of a kept layer: from its file, or computed and kept. */
    private Tensor start(Layer layer, ImmutableIntArray which) {
        SpilledMaps file = Objects.requireNonNull(files.get(layer));
        ImmutableIntArray known = ImmutableIntArray.copyOf(which.stream().filter(file::has));
        if (known.length() == which.length()) {
            return file.read(which);
        }
        ImmutableIntArray fresh = ImmutableIntArray.copyOf(which.stream().filter(patch -> !file.has(patch)));
        Tensor computed = compute(layer, fresh);
        if (known.isEmpty()) {
            return computed;
        }
        ImmutableIntArray.Builder order = ImmutableIntArray.builder();
        int old = 0;
        int next = known.length();
        // What was computed is kept by now, so that the file cannot tell any more.
        for (int patch : which.asList()) {
            order.add(known.contains(patch) ? old++ : next++);
        }
        return Tensor.concat(ImmutableList.of(file.read(known), computed)).select(order.build());
    }

    private Tensor compute(Layer layer, ImmutableIntArray which) {
        ImmutableSet<Layer> wanted = files.entrySet().stream()
                .filter(entry -> entry.getKey().equals(layer)
                        || (entry.getKey().index() < layer.index()
                                && entry.getValue().hasRoom()))
                .map(Map.Entry::getKey)
                .collect(ImmutableSet.toImmutableSet());
        ImmutableMap<Layer, Tensor> maps = probe.forward(patches.inputs(which), wanted);
        keep(maps, which);
        return Objects.requireNonNull(maps.get(layer));
    }

    @Override
    public void close() {
        files.values().forEach(SpilledMaps::close);
    }
}
