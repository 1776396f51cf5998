package io.neurflow.core.debug;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** Runs inputs through the model in batches: up to a layer once, and from there once for each mask. */
final class MaskedRuns {
    private final ModelProbe probe;
    private final PatchSet patches;
    private final ImmutableIntArray which;
    private final ProgressListener listener;

    MaskedRuns(ModelProbe probe, PatchSet patches, ImmutableIntArray which, ProgressListener listener) {
        this.probe = probe;
        this.patches = patches;
        this.which = which;
        this.listener = listener;
    }

    /** Predictions [mask][input] for a class; an empty mask gives the plain ones. */
    List<List<Prediction>> predictions(Layer layer, List<ImmutableSet<Neuron>> masks, int target) {
        List<List<Prediction>> results = new ArrayList<>();
        masks.forEach(mask -> results.add(new ArrayList<>()));
        ImmutableList<Patch> all = patches.patches();
        ImmutableList<SourceImage> images = patches.images();
        long start = System.nanoTime();
        long total = (long) masks.size() * which.length();
        long done = 0;
        for (int from = 0; from < which.length(); from += batch()) {
            ImmutableIntArray items = which.subArray(from, Math.min(which.length(), from + batch()));
            Tensor activations = probe.forward(patches.inputs(items), layer);
            for (int m = 0; m < masks.size(); m++) {
                double[][] logits = rows(probe.forwardWithout(layer, activations, masks.get(m), probe.logits()));
                for (int i = 0; i < logits.length; i++) {
                    int patch = items.get(i);
                    SourceImage image = images.get(all.get(patch).image());
                    results.get(m).add(Prediction.of(image, patch, target, logits[i]));
                }
                done += logits.length;
                listener.onProgress(new Progress(
                        "predictions without neurons of " + layer.name(),
                        done,
                        total,
                        Duration.ofNanos(System.nanoTime() - start)));
            }
        }
        return results;
    }

    /** Mean magnitude over the inputs of &phi; of every channel. */
    double[] meanActivations(Layer layer) {
        double[] means = new double[layer.shape().channels()];
        pooled(layer, (patch, row) -> {
            for (int c = 0; c < means.length; c++) {
                means[c] += Math.abs(row[c]) / which.length();
            }
        });
        return means;
    }

    /** Hands out &phi; of every channel, input by input. */
    void pooled(Layer layer, BiConsumer<Integer, double[]> to) {
        long start = System.nanoTime();
        for (int from = 0; from < which.length(); from += batch()) {
            ImmutableIntArray items = which.subArray(from, Math.min(which.length(), from + batch()));
            double[][] rows = probe.pooled(patches.inputs(items), Set.of(layer))
                    .values()
                    .iterator()
                    .next();
            for (int i = 0; i < rows.length; i++) {
                to.accept(items.get(i), rows[i]);
            }
            listener.onProgress(new Progress(
                    "activations of " + layer.name(),
                    (long) from + items.length(),
                    which.length(),
                    Duration.ofNanos(System.nanoTime() - start)));
        }
    }

    private int batch() {
        return Math.max(1, probe.preferredBatch());
    }

    static double[][] rows(Tensor logits) {
        Shape shape = logits.shape();
        double[] values = logits.toDoubles();
        double[][] rows = new double[logits.count()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(values, i * shape.size(), (i + 1) * shape.size());
        }
        return rows;
    }
}
