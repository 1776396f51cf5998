package io.neurflow.core;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import io.neurflow.core.store.StoreKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The importance scores of all targets of a layer in one pass over the patches of their concepts: the feature map of a patch
 * is computed once and serves every target that has the patch, and no more maps are held than the memory budget allows.
 */
final class ImportanceSweep {
    /** Patches at a time: enough to keep any engine busy. */
    static final int PATCHES = 64;

    private final CoreConceptFinder finder;
    private final FeatureMapSource source;
    private final Layer lower;
    private final long budgetBytes;
    private final Stored stored;

    /** A row of a target's scores: where the patch of a number stands in the concept of the target. */
    private record Place(int target, int row) {}

    ImportanceSweep(CoreConceptFinder finder, FeatureMapSource source, Layer lower, long budgetBytes, Stored stored) {
        this.finder = finder;
        this.source = source;
        this.lower = lower;
        this.budgetBytes = budgetBytes;
        this.stored = stored;
    }

    /** The scores for each concept, in the order given. */
    List<ImportanceScores> run(List<NeuronConcept> concepts, Stage progress) {
        Map<Integer, List<Place>> places = new TreeMap<>();
        List<double[][]> values = new ArrayList<>();
        List<double[]> changes = new ArrayList<>();
        for (int target = 0; target < concepts.size(); target++) {
            NeuronConcept concept = concepts.get(target);
            values.add(new double[concept.size()][]);
            changes.add(new double[concept.size()]);
            for (int row = 0; row < concept.size(); row++) {
                places.computeIfAbsent(concept.patches().get(row), patch -> new ArrayList<>())
                        .add(new Place(target, row));
            }
        }
        ImmutableIntArray union = ImmutableIntArray.copyOf(places.keySet());
        Batches.forEach(union.length(), patchesAtATime(), batch -> {
            ImmutableIntArray chunk = ImmutableIntArray.copyOf(batch.stream().map(union::get));
            Map<Integer, List<Place>> byTarget = new TreeMap<>();
            Map<Neuron, ImmutableIntArray> rows = rows(concepts, chunk, places, byTarget);
            Stored.Result result = stored.get(() -> key(chunk, rows), () -> compute(chunk, rows));
            if (result.reused()) {
                source.skip(lower, chunk);
            }
            int next = 0;
            for (Map.Entry<Integer, List<Place>> entry : byTarget.entrySet()) {
                int target = entry.getKey();
                List<Place> its = entry.getValue();
                double[][] partValues = result.matrices().get(next++);
                double[][] partChanges = result.matrices().get(next++);
                for (int i = 0; i < its.size(); i++) {
                    values.get(target)[its.get(i).row()] = partValues[i];
                    changes.get(target)[its.get(i).row()] = partChanges[0][i];
                }
                if (result.reused()) {
                    progress.reuse(its.size());
                } else {
                    progress.advance(its.size());
                }
            }
        });
        List<ImportanceScores> results = new ArrayList<>();
        for (int target = 0; target < concepts.size(); target++) {
            results.add(new ImportanceScores(
                    concepts.get(target).neuron(), lower, values.get(target), changes.get(target)));
        }
        return results;
    }

    /** For each target in the order of {@code rows} its scores, and its changes as one row. */
    private List<double[][]> compute(ImmutableIntArray chunk, Map<Neuron, ImmutableIntArray> rows) {
        Tensor maps = source.maps(lower, chunk);
        ImmutableMap<Neuron, ImportanceScores> scores =
                finder.probe().importance(lower, maps, rows, finder.quadrature());
        List<double[][]> matrices = new ArrayList<>();
        for (Neuron neuron : rows.keySet()) {
            ImportanceScores part = Objects.requireNonNull(scores.get(neuron));
            matrices.add(part.values());
            matrices.add(new double[][] {
                IntStream.range(0, part.patches()).mapToDouble(part::change).toArray()
            });
        }
        return matrices;
    }

    /** All targets of the chunk are one entry: computed together, they may round otherwise than each alone. */
    private StoreKey key(ImmutableIntArray chunk, Map<Neuron, ImmutableIntArray> rows) {
        return Stored.key("importance", finder.probe(), source.patches(), chunk)
                .with("start", source.start())
                .with("below", lower.name())
                .with("quadrature", finder.quadrature())
                .with("targets", rows);
    }

    /** For each target the items of a chunk that are its own; and where their scores belong. */
    private static Map<Neuron, ImmutableIntArray> rows(
            List<NeuronConcept> concepts,
            ImmutableIntArray chunk,
            Map<Integer, List<Place>> places,
            Map<Integer, List<Place>> byTarget) {
        Map<Integer, ImmutableIntArray.Builder> items = new TreeMap<>();
        for (int item = 0; item < chunk.length(); item++) {
            for (Place place : Objects.requireNonNull(places.get(chunk.get(item)))) {
                byTarget.computeIfAbsent(place.target(), target -> new ArrayList<>())
                        .add(place);
                items.computeIfAbsent(place.target(), target -> ImmutableIntArray.builder())
                        .add(item);
            }
        }
        Map<Neuron, ImmutableIntArray> rows = new LinkedHashMap<>();
        items.forEach((target, its) -> rows.put(concepts.get(target).neuron(), its.build()));
        return rows;
    }

    private int patchesAtATime() {
        long bytesEach = (long) lower.shape().size()
                * (finder.probe().info().precision() == Precision.FLOAT32 ? Float.BYTES : Double.BYTES);
        return (int) Math.max(1, Math.min(PATCHES, budgetBytes / bytesEach));
    }
}
