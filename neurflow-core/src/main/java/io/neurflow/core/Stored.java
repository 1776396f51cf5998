package io.neurflow.core;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.PatchSet;
import io.neurflow.core.store.RunStore;
import io.neurflow.core.store.StoreKey;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Matrices from the store, or computed and stored; without a store just computed. What is asked for never depends on what
 * the store holds, so that a continued run makes the same calls, or takes what the same calls gave.
 */
final class Stored {
    private final Optional<RunStore> store;

    Stored(Optional<RunStore> store) {
        this.store = store;
    }

    /** What came out, and whether it was there before. */
    record Result(List<double[][]> matrices, boolean reused) {}

    /** Whether it is there, and whole. */
    boolean has(Supplier<StoreKey> key) {
        return store.isPresent() && store.get().get(key.get()).isPresent();
    }

    Result get(Supplier<StoreKey> key, Supplier<List<double[][]>> compute) {
        if (store.isEmpty()) {
            return new Result(compute.get(), false);
        }
        StoreKey what = key.get();
        Optional<List<double[][]>> known = store.get().get(what);
        if (known.isPresent()) {
            return new Result(known.get(), true);
        }
        List<double[][]> fresh = compute.get();
        store.get().put(what, fresh);
        return new Result(fresh, false);
    }

    /**
     * Everything that results over some patches depend on, whatever they are. All layers are named since an engine may
     * compute differently between other cuts, and the batch since sums may round differently.
     */
    static StoreKey key(String kind, ModelProbe probe, PatchSet patches, ImmutableIntArray which) {
        return StoreKey.of(kind)
                .with("library", LibraryVersion.current())
                .with("model", probe.info().digest())
                .with("engine", probe.info().engine())
                .with("precision", probe.info().precision())
                .with("input", probe.inputShape())
                .with("layers", names(probe.layers()))
                .with("batch", probe.preferredBatch())
                .with("patches", patches.digest(which));
    }

    static String names(Collection<Layer> layers) {
        return layers.stream()
                .map(layer -> layer.name() + "|" + layer.kind() + "|" + layer.shape())
                .collect(Collectors.joining("\n"));
    }
}
