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
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Definition 2 for many sets: feature maps of the lower layer are computed once for all patches, and each set costs one pass from
 * there to the upper layer, whatever the number of targets, of those patches to which it makes a difference: where the maps of
 * all its channels are zero anyway, everything stays as it was.
 */
final class KnockOuts {
    /** Few enough for memory, many enough for speed where only some of them are needed. */
    private static final int BATCHES = 4;

    private final ModelProbe probe;
    private final LayerPair pair;
    private final List<Tensor> maps = new ArrayList<>();
    /** For each channel the patches whose map is not zero. */
    private final BitSet[] seen;

    private final int patches;
    private final int batch;

    KnockOuts(ModelProbe probe, LayerPair pair, PatchSet patches) {
        this.probe = probe;
        this.pair = pair;
        this.patches = patches.patches().size();
        this.seen = Stream.generate(BitSet::new)
                .limit(pair.below().shape().channels())
                .toArray(BitSet[]::new);
        int once = Math.max(1, probe.preferredBatch());
        batch = BATCHES * once;
        for (int start = 0; start < this.patches; start += batch) {
            List<Tensor> parts = new ArrayList<>();
            for (int from = start; from < Math.min(this.patches, start + batch); from += once) {
                ImmutableIntArray items =
                        ImmutableIntArray.copyOf(IntStream.range(from, Math.min(this.patches, from + once)));
                parts.add(probe.forward(patches.inputs(items), pair.below()));
            }
            Tensor together = Tensor.concat(parts);
            maps.add(together);
            see(together, start);
        }
    }

    private void see(Tensor together, int start) {
        int positions = together.shape().positions();
        for (int item = 0; item < together.count(); item++) {
            double[] values = together.slice(item, item + 1).toDoubles();
            for (int i = 0; i < values.length; i++) {
                if (values[i] != 0) {
                    seen[i / positions].set(start + item);
                }
            }
        }
    }

    /** Feature maps of some patches. */
    Tensor maps(ImmutableIntArray which) {
        List<Tensor> parts = new ArrayList<>();
        which.forEach(v -> parts.add(maps.get(v / batch).slice(v % batch, v % batch + 1)));
        return Tensor.concat(parts);
    }

    /** The way to the targets: a narrow one if an engine for it is known. */
    TargetMeans means(List<NeuronConcept> targets, Optional<NarrowEngine> engine) {
        return engine.map(narrow -> TargetMeans.narrow(narrow, pair, targets))
                .orElseGet(() -> TargetMeans.whole(probe, pair, targets));
    }

    /** &phi; of each target for each patch: [target][patch]. */
    double[][] before(TargetMeans way) {
        List<double[]> rows = new ArrayList<>();
        maps.forEach(together -> rows.addAll(Arrays.asList(way.of(together))));
        return IntStream.range(0, rows.get(0).length)
                .mapToObj(t -> rows.stream().mapToDouble(row -> row[t]).toArray())
                .toArray(double[][]::new);
    }

    /** The same without some channels of the lower layer. */
    double[][] without(Collection<Integer> channels, TargetMeans way, double[][] before) {
        BitSet touched = new BitSet();
        channels.forEach(channel -> touched.or(seen[channel]));
        double[][] values = Arrays.stream(before).map(double[]::clone).toArray(double[][]::new);
        for (int i = 0; i < maps.size(); i++) {
            int start = i * batch;
            Tensor together = maps.get(i);
            ImmutableIntArray items = ImmutableIntArray.copyOf(
                    IntStream.range(0, together.count()).filter(v -> touched.get(start + v)));
            if (items.isEmpty()) {
                continue;
            }
            Tensor some = items.length() == together.count() ? together : together.select(items);
            double[][] rows = way.of(some.withoutChannels(channels));
            for (int r = 0; r < rows.length; r++) {
                for (int t = 0; t < values.length; t++) {
                    values[t][start + items.get(r)] = rows[r][t];
                }
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
