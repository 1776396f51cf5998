package io.neurflow.core;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.Precision;
import io.neurflow.core.store.StoreKey;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
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
    List<RefinedScores> run(List<NeuronConcept> concepts, Stage progress) {
        List<double[][]> values = new ArrayList<>();
        List<double[]> changes = new ArrayList<>();
        List<int[]> steps = new ArrayList<>();
        for (int target = 0; target < concepts.size(); target++) {
            NeuronConcept concept = concepts.get(target);
            values.add(new double[concept.size()][]);
            changes.add(new double[concept.size()]);
            steps.add(new int[concept.size()]);
        }
        Map<Integer, List<Place>> places = places(concepts);
        ImmutableIntArray union = ImmutableIntArray.copyOf(places.keySet());
        RefiningQuadrature quadrature = new RefiningQuadrature(finder, lower, concepts);
        Batches.forEach(union.length(), patchesAtATime(), batch -> {
            ImmutableIntArray chunk = ImmutableIntArray.copyOf(batch.stream().map(union::get));
            Map<Integer, List<Place>> byTarget = new TreeMap<>();
            Map<Neuron, ImmutableIntArray> rows = rows(concepts, chunk, places, byTarget);
            Stored.Result result =
                    stored.get(() -> key(chunk, rows, concepts), () -> compute(chunk, rows, quadrature, progress));
            int next = 0;
            for (Map.Entry<Integer, List<Place>> entry : byTarget.entrySet()) {
                int target = entry.getKey();
                List<Place> its = entry.getValue();
                double[][] partValues = result.matrices().get(next++);
                double[][] changesAndSteps = result.matrices().get(next++);
                for (int i = 0; i < its.size(); i++) {
                    values.get(target)[its.get(i).row()] = partValues[i];
                    changes.get(target)[its.get(i).row()] = changesAndSteps[0][i];
                    steps.get(target)[its.get(i).row()] = (int) changesAndSteps[1][i];
                }
                if (result.reused()) {
                    progress.reuse(its.size());
                } else {
                    progress.advance(its.size());
                }
            }
        });
        List<RefinedScores> results = new ArrayList<>();
        for (int target = 0; target < concepts.size(); target++) {
            results.add(new RefinedScores(
                    new ImportanceScores(concepts.get(target).neuron(), lower, values.get(target), changes.get(target)),
                    ImmutableIntArray.copyOf(steps.get(target))));
            // Copied: all at once would be there twice.
            values.set(target, new double[0][]);
        }
        return results;
    }

    private static Map<Integer, List<Place>> places(List<NeuronConcept> concepts) {
        Map<Integer, List<Place>> places = new TreeMap<>();
        for (int target = 0; target < concepts.size(); target++) {
            NeuronConcept concept = concepts.get(target);
            for (int row = 0; row < concept.size(); row++) {
                places.computeIfAbsent(concept.patches().get(row), patch -> new ArrayList<>())
                        .add(new Place(target, row));
            }
        }
        return places;
    }

    /** What a store holds: patches in all, those of chunks that are missing, and integrals that are there. */
    record Share(int patches, int missingPatches, long storedRays) {}

    /** What {@link #run} would find. */
    Share share(List<NeuronConcept> concepts) {
        Map<Integer, List<Place>> places = places(concepts);
        ImmutableIntArray union = ImmutableIntArray.copyOf(places.keySet());
        int[] missing = new int[1];
        long[] rays = new long[1];
        Batches.forEach(union.length(), patchesAtATime(), batch -> {
            ImmutableIntArray chunk = ImmutableIntArray.copyOf(batch.stream().map(union::get));
            Map<Neuron, ImmutableIntArray> rows = rows(concepts, chunk, places, new TreeMap<>());
            if (stored.has(() -> key(chunk, rows, concepts))) {
                rays[0] += rows.values().stream()
                        .mapToInt(ImmutableIntArray::length)
                        .sum();
            } else {
                missing[0] += chunk.length();
            }
        });
        return new Share(union.length(), missing[0], rays[0]);
    }

    /** For each target in the order of {@code rows} its scores; its changes and its numbers of steps as two rows. */
    private List<double[][]> compute(
            ImmutableIntArray chunk,
            Map<Neuron, ImmutableIntArray> rows,
            RefiningQuadrature quadrature,
            Stage progress) {
        Map<Neuron, RefinedScores> scores = quadrature.scores(source.maps(lower, chunk, progress::report), rows);
        List<double[][]> matrices = new ArrayList<>();
        for (Neuron neuron : rows.keySet()) {
            RefinedScores refined = Objects.requireNonNull(scores.get(neuron));
            ImportanceScores part = refined.scores();
            matrices.add(part.values());
            matrices.add(new double[][] {
                IntStream.range(0, part.patches()).mapToDouble(part::change).toArray(),
                refined.steps().stream().asDoubleStream().toArray()
            });
        }
        return matrices;
    }

    /**
     * All targets of the chunk are one entry: computed together, they may round otherwise than each alone. What is refined
     * depends on how far the target's activations reach over its whole concept.
     */
    private StoreKey key(ImmutableIntArray chunk, Map<Neuron, ImmutableIntArray> rows, List<NeuronConcept> concepts) {
        StoreKey key = Stored.key("importance", finder.probe(), source.patches(), chunk)
                .with("below", lower.name())
                .with("quadrature", finder.quadrature())
                .with("targets", rows);
        return finder.refinement()
                .map(refinement -> key.with("refinement", refinement)
                        .with(
                                "reach",
                                concepts.stream().map(ImportanceSweep::reach).toList()))
                .orElse(key);
    }

    private static String reach(NeuronConcept concept) {
        DoubleSummaryStatistics reach = concept.activations().stream().summaryStatistics();
        return concept.neuron() + " " + reach.getMin() + " " + reach.getMax();
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
