package io.neurflow.core.debug;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Looks for the smallest mask that changes the prediction for one input: {@link SmallestMask} says how. */
final class MaskSearch {
    /** How many masks are tried to prove that there is no smaller one. */
    private static final long PROOF = 5_000;

    private final ModelProbe probe;
    private final Layer layer;
    private final Tensor activations;
    private final ImmutableList<Neuron> candidates;
    private final int predicted;
    private long tried;

    MaskSearch(ModelProbe probe, Layer layer, Tensor activations, Collection<Neuron> candidates, int predicted) {
        this.probe = probe;
        this.layer = layer;
        this.activations = activations;
        this.candidates = ImmutableList.copyOf(new TreeSet<>(candidates));
        this.predicted = predicted;
    }

    SmallestMask run(Prediction before, int target) {
        List<Neuron> mask = greedy();
        boolean flipped = flips(mask);
        boolean proven = false;
        if (flipped) {
            spare(mask);
            List<Neuron> smaller = List.of();
            int size = 1;
            long left = PROOF;
            while (size < mask.size() && combinations(size) <= left && smaller.isEmpty()) {
                left -= combinations(size);
                smaller = firstOf(size);
                size++;
            }
            proven = size == mask.size() || !smaller.isEmpty();
            mask = smaller.isEmpty() ? mask : smaller;
        }
        double[] logits = logits(List.of(mask))[0];
        Prediction after = Prediction.of(before.image(), before.patch(), target, logits);
        return new SmallestMask(
                new MaskChange(before, after), ImmutableList.copyOf(mask), candidates.size(), proven, tried);
    }

    private List<Neuron> greedy() {
        List<Neuron> mask = new ArrayList<>();
        List<Neuron> left = new ArrayList<>(candidates);
        while (!left.isEmpty()) {
            List<List<Neuron>> masks =
                    left.stream().map(next -> with(mask, next)).toList();
            double[] leads = leads(masks);
            int best = 0;
            for (int i = 1; i < leads.length; i++) {
                best = leads[i] < leads[best] ? i : best;
            }
            mask.add(left.remove(best));
            if (leads[best] < 0) {
                break;
            }
        }
        return mask;
    }

    private static List<Neuron> with(List<Neuron> mask, Neuron next) {
        List<Neuron> more = new ArrayList<>(mask);
        more.add(next);
        return more;
    }

    /** Takes out what is not needed, the first found first, until nothing can be. */
    private void spare(List<Neuron> mask) {
        for (int i = 0; i < mask.size() && mask.size() > 1; ) {
            List<Neuron> fewer = new ArrayList<>(mask);
            fewer.remove(i);
            if (flips(fewer)) {
                mask.remove(i);
                i = 0;
            } else {
                i++;
            }
        }
    }

    private boolean flips(List<Neuron> mask) {
        return leads(List.of(mask))[0] < 0;
    }

    /** The first set of a size, in the order of the candidates, that flips the prediction. */
    private List<Neuron> firstOf(int size) {
        int[] at = new int[size];
        for (int i = 0; i < size; i++) {
            at[i] = i;
        }
        List<List<Neuron>> masks = new ArrayList<>();
        while (true) {
            List<Neuron> mask = new ArrayList<>();
            for (int i : at) {
                mask.add(candidates.get(i));
            }
            masks.add(mask);
            int i = size - 1;
            while (i >= 0 && at[i] == candidates.size() - size + i) {
                i--;
            }
            if (i < 0) {
                break;
            }
            at[i]++;
            for (int j = i + 1; j < size; j++) {
                at[j] = at[j - 1] + 1;
            }
        }
        double[] leads = leads(masks);
        for (int m = 0; m < leads.length; m++) {
            if (leads[m] < 0) {
                return masks.get(m);
            }
        }
        return List.of();
    }

    private long combinations(int size) {
        long count = 1;
        for (int i = 0; i < size; i++) {
            count = count * (candidates.size() - i) / (i + 1);
            if (count > PROOF) {
                return count;
            }
        }
        return count;
    }

    /** How far the predicted class is ahead of the best other one; below 0 it is not predicted any more. */
    private double[] leads(List<List<Neuron>> masks) {
        double[][] logits = logits(masks);
        double[] leads = new double[logits.length];
        for (int m = 0; m < leads.length; m++) {
            double other = Double.NEGATIVE_INFINITY;
            boolean lowerClass = false;
            for (int c = 0; c < logits[m].length; c++) {
                if (c != predicted && logits[m][c] > other) {
                    other = logits[m][c];
                    lowerClass = c < predicted;
                }
            }
            double lead = logits[m][predicted] - other;
            leads[m] = lead == 0 && lowerClass ? -Double.MIN_VALUE : lead;
        }
        return leads;
    }

    private double[][] logits(List<List<Neuron>> masks) {
        tried += masks.size();
        double[][] all = new double[masks.size()][];
        int batch = Math.max(1, probe.preferredBatch());
        for (int from = 0; from < all.length; from += batch) {
            List<Tensor> masked = masks.subList(from, Math.min(all.length, from + batch)).stream()
                    .map(mask -> activations.withoutChannels(
                            mask.stream().map(Neuron::channel).toList()))
                    .toList();
            double[][] rows = MaskedRuns.rows(probe.forward(layer, Tensor.concat(masked), probe.logits()));
            System.arraycopy(rows, 0, all, from, rows.length);
        }
        return all;
    }

    /** Of which image a prediction is, without a mask. */
    static Prediction plain(
            ModelProbe probe, Layer layer, Tensor activations, SourceImage image, int patch, int target) {
        Tensor logits = probe.forwardWithout(layer, activations, Set.of(), probe.logits());
        return Prediction.of(image, patch, target, MaskedRuns.rows(logits)[0]);
    }
}
