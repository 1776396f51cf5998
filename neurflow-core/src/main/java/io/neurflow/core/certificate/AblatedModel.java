package io.neurflow.core.certificate;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The root's activation on held-out patches when some channels of each layer are as they are, and all others ablated. */
final class AblatedModel {
    private final ModelProbe probe;
    private final Neuron root;
    /** From the lowest up. */
    private final List<Layer> layers;

    private final List<Tensor> lowest;
    private final ImmutableIntArray images;
    private final Map<Layer, double[]> means;
    private final Map<Layer, List<Tensor>> others;
    private final ImmutableIntArray strongest;

    AblatedModel(ModelProbe probe, Neuron root, List<Layer> layers, PatchSet patches, long seed) {
        this.probe = probe;
        this.root = root;
        this.layers = layers;
        int count = patches.patches().size();
        this.images = ImmutableIntArray.copyOf(patches.patches().stream().mapToInt(patch -> patch.image()));
        Map<Layer, List<Tensor>> clean = new HashMap<>();
        layers.forEach(layer -> clean.put(layer, new ArrayList<>()));
        int batch = Math.max(1, probe.preferredBatch());
        for (int start = 0; start < count; start += batch) {
            Tensor inputs =
                    patches.inputs(ImmutableIntArray.copyOf(IntStream.range(start, Math.min(count, start + batch))));
            probe.forward(inputs, Set.copyOf(layers)).forEach((layer, x) -> Objects.requireNonNull(clean.get(layer))
                    .add(x));
        }
        this.lowest = ImmutableList.copyOf(Objects.requireNonNull(clean.get(layers.get(0))));
        Map<Layer, double[]> channelMeans = new HashMap<>();
        clean.forEach((layer, batches) -> channelMeans.put(layer, means(batches)));
        this.means = channelMeans;
        this.others = shuffled(clean, count, new Random(seed));
        Set<Neuron> all = layers.stream()
                .flatMap(layer -> IntStream.range(0, layer.shape().channels()).mapToObj(layer::neuron))
                .collect(Collectors.toSet());
        double[] whole = perImage(all, Ablation.ZERO);
        this.strongest = ImmutableIntArray.copyOf(IntStream.range(0, whole.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer image) -> -whole[image]))
                .limit((whole.length + 1) / 2)
                .mapToInt(Integer::intValue));
    }

    private static double[] means(List<Tensor> batches) {
        double[] sums = new double[batches.get(0).shape().channels()];
        int count = 0;
        for (Tensor batch : batches) {
            for (double[] row : batch.spatialMeans()) {
                count++;
                for (int c = 0; c < sums.length; c++) {
                    sums[c] += row[c];
                }
            }
        }
        double all = count;
        return Arrays.stream(sums).map(sum -> sum / all).toArray();
    }

    /** The same other patch in every layer, so that what it brings fits together. */
    private static Map<Layer, List<Tensor>> shuffled(Map<Layer, List<Tensor>> clean, int count, Random random) {
        int[] order = random.ints(count, 0, count).toArray();
        Map<Layer, List<Tensor>> result = new HashMap<>();
        clean.forEach((layer, batches) -> {
            Tensor all = Tensor.concat(batches);
            List<Tensor> parts = new ArrayList<>();
            int start = 0;
            for (Tensor batch : batches) {
                parts.add(
                        all.select(ImmutableIntArray.copyOf(Arrays.copyOfRange(order, start, start + batch.count()))));
                start += batch.count();
            }
            result.put(layer, parts);
        });
        return result;
    }

    /** The mean of the root over the half of the images for which it is strongest in the model as it is. */
    double strongHalf(Set<Neuron> kept, Ablation ablation) {
        double[] values = perImage(kept, ablation);
        return strongest.stream().mapToDouble(image -> values[image]).average().orElseThrow();
    }

    /** The mean of the root for each held-out image, in the order of images. */
    double[] perImage(Set<Neuron> kept, Ablation ablation) {
        double[] values = new double[images.length()];
        int at = 0;
        for (int b = 0; b < lowest.size(); b++) {
            Tensor now = lowest.get(b);
            for (int l = 0; l < layers.size(); l++) {
                Layer layer = layers.get(l);
                Layer next = l + 1 < layers.size() ? layers.get(l + 1) : root.layer();
                now = probe.forward(layer, ablated(now, layer, b, kept, ablation), next);
            }
            for (double[] row : now.spatialMeans()) {
                values[at++] = row[root.channel()];
            }
        }
        return images.stream()
                .distinct()
                .sorted()
                .mapToDouble(image -> IntStream.range(0, values.length)
                        .filter(v -> images.get(v) == image)
                        .mapToDouble(v -> values[v])
                        .average()
                        .orElseThrow())
                .toArray();
    }

    private Tensor ablated(Tensor x, Layer layer, int batch, Set<Neuron> kept, Ablation ablation) {
        double[] values = x.toDoubles();
        double[] filler = ablation == Ablation.RESAMPLE
                ? Objects.requireNonNull(others.get(layer)).get(batch).toDoubles()
                : new double[0];
        int positions = layer.shape().positions();
        int channels = layer.shape().channels();
        for (int c = 0; c < channels; c++) {
            if (kept.contains(layer.neuron(c))) {
                continue;
            }
            double mean = ablation == Ablation.MEAN ? Objects.requireNonNull(means.get(layer))[c] : 0;
            for (int item = 0; item < x.count(); item++) {
                int start = (item * channels + c) * positions;
                for (int p = start; p < start + positions; p++) {
                    values[p] = ablation == Ablation.RESAMPLE ? filler[p] : mean;
                }
            }
        }
        return Tensor.of(x.count(), x.shape(), values, x.precision());
    }

    int imageCount() {
        return (int) images.stream().distinct().count();
    }
}
