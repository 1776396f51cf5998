package io.neurflow.core.image;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Multiset;
import com.google.common.collect.TreeMultiset;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** One pass over a source in search of the images of a class; see {@link ClassImages#select}. */
final class ClassSearch {
    private final ModelProbe probe;
    private final ImageSource source;
    private final int classIndex;
    private final int maxImages;
    private final ProgressListener listener;
    private final ImageSet.Builder found;
    private final Multiset<Integer> otherClasses = TreeMultiset.create();
    private final List<ImageProblem> unreadable = new ArrayList<>();
    private final List<Candidate> batch = new ArrayList<>();

    /** An image that can be decoded, and how many could not before it. */
    private record Candidate(Item item, Item.Loaded loaded, int unreadableBefore) {}

    ClassSearch(ModelProbe probe, ImageSource source, int classIndex, int maxImages, ProgressListener listener) {
        this.probe = probe;
        this.source = source;
        this.classIndex = classIndex;
        this.maxImages = maxImages;
        this.listener = listener;
        this.found = source.builder();
    }

    ClassImages run() {
        Stopwatch watch = Stopwatch.createStarted();
        ImmutableList<Item> items = source.items();
        for (int i = 0; i < items.size() && found.count() < maxImages; i++) {
            try {
                batch.add(new Candidate(items.get(i), items.get(i).load(), unreadable.size()));
            } catch (UnusableImageException e) {
                unreadable.add(e.problemOf(items.get(i)));
            }
            if (batch.size() == Math.max(1, probe.preferredBatch()) || i == items.size() - 1) {
                examine();
                listener.onProgress(
                        new Progress("images of class " + classIndex, i + 1, items.size(), watch.elapsed()));
            }
        }
        unreadable.forEach(found::addProblem);
        if (found.count() == 0) {
            throw noneFound();
        }
        int examined = found.count() + otherClasses.size();
        return new ClassImages(found.build(), examined, otherClasses.size(), ImmutableList.copyOf(unreadable));
    }

    private void examine() {
        if (batch.isEmpty()) {
            return;
        }
        double[][] logits = probe.forward(inputs(), probe.logits()).spatialMeans();
        for (int i = 0; i < batch.size() && found.count() < maxImages; i++) {
            Candidate candidate = batch.get(i);
            int assigned = highest(logits[i], candidate.item().name);
            if (assigned == classIndex) {
                found.add(candidate.item(), candidate.loaded());
                if (found.count() == maxImages) {
                    // What follows in this batch was never asked for.
                    unreadable
                            .subList(candidate.unreadableBefore(), unreadable.size())
                            .clear();
                }
            } else {
                otherClasses.add(assigned);
            }
        }
        batch.clear();
    }

    private Tensor inputs() {
        Preprocessing preprocessing = source.preprocessing();
        PatchCutter cutter = new PatchCutter(preprocessing);
        float[] values = new float[Math.multiplyExact(batch.size(), preprocessing.cropBytes())];
        for (int i = 0; i < batch.size(); i++) {
            cutter.cut(batch.get(i).loaded().crop, 0, 0, preprocessing.side(), values, i * preprocessing.cropBytes());
        }
        return Tensor.ofFloats(batch.size(), preprocessing.shape(), values);
    }

    private static int highest(double[] logits, String name) {
        int best = 0;
        for (int c = 0; c < logits.length; c++) {
            if (Double.isNaN(logits[c])) {
                throw new NeurflowException("expected finite logits, but that of class " + c + " is NaN for " + name
                        + "; check the model and the preprocessing");
            }
            if (logits[c] > logits[best]) {
                best = c;
            }
        }
        return best;
    }

    private NeurflowException noneFound() {
        if (otherClasses.isEmpty()) {
            return new NeurflowException("expected images of class " + classIndex + ", but none of " + unreadable.size()
                    + " files can be decoded, the first: " + unreadable.get(0) + "; convert them to JPEG or PNG");
        }
        String assigned = otherClasses.entrySet().stream()
                .sorted(Comparator.comparing((Multiset.Entry<Integer> e) -> -e.getCount())
                        .thenComparing(Multiset.Entry::getElement))
                .limit(3)
                .map(e -> e.getElement() + " (" + e.getCount() + ")")
                .collect(Collectors.joining(", "));
        Layer logits = probe.logits();
        return new NeurflowException("expected images of class " + classIndex + ", but the model assigns none of "
                + otherClasses.size() + " examined images to it, most often " + assigned
                + " instead; check the class number (0 to "
                + (logits.shape().channels() - 1) + ") and the preprocessing (" + source.preprocessing() + ")");
    }
}
