package io.neurflow.core;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Tensor;
import io.neurflow.core.store.StoreKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One pass of all patches through the model, block by block; no more than one block is held. */
final class PatchPass {
    private final ModelProbe probe;
    private final PatchSet patches;
    private final ImmutableSet<Layer> layers;
    private final ProgressListener listener;
    private final Stored stored;

    PatchPass(
            ModelProbe probe, PatchSet patches, ImmutableSet<Layer> layers, ProgressListener listener, Stored stored) {
        this.probe = probe;
        this.patches = patches;
        this.layers = layers;
        this.listener = listener;
        this.stored = stored;
    }

    /** Adds the rows of all patches, in ascending order. */
    void run(PatchActivations into) {
        int count = patches.patches().size();
        checkArgument(count > 0, "expected patches, but there are none; cut some images first");
        Stage stage = new Stage(listener, "activations of the patches", count);
        Batches.forEach(count, PatchActivations.block(probe), block -> {
            Stored.Result result = stored.get(() -> key(block), () -> compute(block, into, stage));
            int next = 0;
            for (Layer layer : layers) {
                into.add(layer, result.matrices().get(next++));
            }
            if (result.reused()) {
                stage.reuse(block.length());
            }
        });
    }

    /** How many patches the store holds. */
    int storedPatches() {
        int[] there = new int[1];
        int count = patches.patches().size();
        Batches.forEach(count, PatchActivations.block(probe), block -> {
            if (stored.has(() -> key(block))) {
                there[0] += block.length();
            }
        });
        return there[0];
    }

    private StoreKey key(ImmutableIntArray block) {
        return Stored.key("activations", probe, patches, block).with("wanted", Stored.names(layers));
    }

    private List<double[][]> compute(ImmutableIntArray block, PatchActivations into, Stage stage) {
        List<double[][]> results = new ArrayList<>();
        layers.forEach(layer -> results.add(new double[block.length()][]));
        Batches.forEach(block.length(), probe.preferredBatch(), batch -> {
            ImmutableIntArray which = block.subArray(batch.get(0), batch.get(0) + batch.length());
            ImmutableMap<Layer, double[][]> part = pooled(which, into);
            int next = 0;
            for (Layer layer : layers) {
                double[][] rows = Objects.requireNonNull(part.get(layer), () -> "no activations of " + layer);
                double[][] all = results.get(next++);
                for (int i = 0; i < rows.length; i++) {
                    all[batch.get(i)] = checkFinite(rows[i], layer, which.get(i));
                }
            }
            stage.advance(batch.length());
        });
        return results;
    }

    private ImmutableMap<Layer, double[][]> pooled(ImmutableIntArray which, PatchActivations into) {
        ImmutableSet<Layer> whole =
                into.maps().map(FeatureMapSource::wantedDuringPass).orElse(ImmutableSet.of());
        Tensor inputs = patches.inputs(which);
        if (whole.isEmpty()) {
            return probe.pooled(inputs, layers);
        }
        Map<Layer, Tensor> maps = new LinkedHashMap<>();
        ImmutableMap<Layer, double[][]> means = probe.pooled(inputs, layers, whole, maps::put);
        into.maps().ifPresent(source -> source.keepDuringPass(which, maps));
        return means;
    }

    private static double[] checkFinite(double[] row, Layer layer, int patch) {
        for (int c = 0; c < row.length; c++) {
            if (!Double.isFinite(row[c])) {
                throw new NeurflowException("expected finite activations, but " + layer.neuron(c) + " is " + row[c]
                        + " for patch " + patch + "; check the model's weights and the preprocessing");
            }
        }
        return row;
    }
}
