package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Definition 2 for many sets: feature maps of the lower layer are computed once for all patches, and each set costs one pass from
 * there to the upper layer, whatever the number of targets.
 */
final class KnockOuts {
    private final ModelProbe probe;
    private final LayerPair pair;
    private final List<Tensor> maps = new ArrayList<>();
    private final int patches;

    KnockOuts(ModelProbe probe, LayerPair pair, PatchSet patches) {
        this.probe = probe;
        this.pair = pair;
        this.patches = patches.patches().size();
        int batch = Math.max(1, probe.preferredBatch());
        for (int start = 0; start < this.patches; start += batch) {
            ImmutableIntArray items =
                    ImmutableIntArray.copyOf(IntStream.range(start, Math.min(this.patches, start + batch)));
            maps.add(probe.forward(patches.inputs(items), pair.below()));
        }
    }

    /** Feature maps of some patches. */
    Tensor maps(ImmutableIntArray which) {
        int batch = maps.get(0).count();
        List<Tensor> parts = new ArrayList<>();
        which.forEach(v -> parts.add(maps.get(v / batch).slice(v % batch, v % batch + 1)));
        return Tensor.concat(parts);
    }

    /** &phi; of each target for each patch, without some channels of the lower layer: [target][patch]. */
    double[][] without(Collection<Integer> channels, List<NeuronConcept> targets) {
        double[][] values = new double[targets.size()][patches];
        int at = 0;
        for (Tensor batch : maps) {
            Tensor rest = channels.isEmpty() ? batch : batch.withoutChannels(channels);
            for (double[] row : probe.forward(pair.below(), rest, pair.above()).spatialMeans()) {
                for (int t = 0; t < values.length; t++) {
                    values[t][at] = row[targets.get(t).neuron().channel()];
                }
                at++;
            }
        }
        return values;
    }

    /** Eq. 2 for all targets, whose concepts share patches. */
    Map<Neuron, ImportanceScores> scores(List<NeuronConcept> targets, Quadrature quadrature) {
        ImmutableIntArray union = union(targets);
        return scores(probe, pair, maps(union), union, targets, quadrature);
    }

    /** All patches of some concepts, ascending. */
    static ImmutableIntArray union(List<NeuronConcept> targets) {
        return ImmutableIntArray.copyOf(targets.stream()
                .flatMapToInt(concept -> concept.patches().stream())
                .distinct()
                .sorted());
    }

    /** The same from feature maps of the union's patches. */
    static Map<Neuron, ImportanceScores> scores(
            ModelProbe probe,
            LayerPair pair,
            Tensor maps,
            ImmutableIntArray union,
            List<NeuronConcept> targets,
            Quadrature quadrature) {
        Map<Integer, Integer> place = new HashMap<>();
        union.forEach(v -> place.put(v, place.size()));
        ImmutableMap.Builder<Neuron, ImmutableIntArray> rows = ImmutableMap.builder();
        for (NeuronConcept concept : targets) {
            rows.put(
                    concept.neuron(),
                    ImmutableIntArray.copyOf(
                            concept.patches().stream().map(v -> Objects.requireNonNull(place.get(v)))));
        }
        return probe.importance(pair.below(), maps, rows.buildOrThrow(), quadrature);
    }

    /** |V without S &cap; V| / |V|: 1 where nothing changed. */
    static double overlap(NeuronConcept concept, double[] after) {
        Set<Integer> before = new HashSet<>(concept.patches().asList());
        long shared = IntStream.range(0, after.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer v) -> after[v]).reversed())
                .limit(concept.size())
                .filter(before::contains)
                .count();
        return (double) shared / concept.size();
    }

    /** By how much the mean of the target over its concept falls. */
    static double drop(NeuronConcept concept, double[] before, double[] after) {
        return concept.patches().stream()
                .mapToDouble(v -> before[v] - after[v])
                .average()
                .orElseThrow();
    }

    /** A change of the target in units of its standard deviation over all patches. */
    static double inDeviations(double change, double[] before) {
        double mean = Arrays.stream(before).average().orElseThrow();
        double squares = Arrays.stream(before)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow();
        return squares == 0 ? Double.NaN : change / Math.sqrt(squares);
    }
}
