package io.neurflow.core;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The importance scores of all targets of a layer in one pass over the patches of their concepts: the feature map of a patch
 * is computed once and serves every target that has the patch, and no more maps are held than the memory budget allows.
 */
final class ImportanceSweep {
    /** Patches at a time: enough to keep any engine busy. */
    private static final int PATCHES = 64;

    private final CoreConceptFinder finder;
    private final PatchSet patches;
    private final Layer lower;
    private final long budgetBytes;

    /** A row of a target's scores: where the patch of a number stands in the concept of the target. */
    private record Place(int target, int row) {}

    ImportanceSweep(CoreConceptFinder finder, PatchSet patches, Layer lower, long budgetBytes) {
        this.finder = finder;
        this.patches = patches;
        this.lower = lower;
        this.budgetBytes = budgetBytes;
    }

    /** The scores for each concept, in the order given. */
    List<RefinedScores> run(List<NeuronConcept> concepts, Stage progress) {
        Map<Integer, List<Place>> places = new TreeMap<>();
        List<double[][]> values = new ArrayList<>();
        List<double[]> changes = new ArrayList<>();
        List<int[]> steps = new ArrayList<>();
        for (int target = 0; target < concepts.size(); target++) {
            NeuronConcept concept = concepts.get(target);
            values.add(new double[concept.size()][]);
            changes.add(new double[concept.size()]);
            steps.add(new int[concept.size()]);
            for (int row = 0; row < concept.size(); row++) {
                places.computeIfAbsent(concept.patches().get(row), patch -> new ArrayList<>())
                        .add(new Place(target, row));
            }
        }
        ImmutableIntArray union = ImmutableIntArray.copyOf(places.keySet());
        RefiningQuadrature quadrature = new RefiningQuadrature(finder, lower, concepts);
        Batches.forEach(union.length(), patchesAtATime(), batch -> {
            ImmutableIntArray chunk = ImmutableIntArray.copyOf(batch.stream().map(union::get));
            Map<Integer, List<Place>> byTarget = new TreeMap<>();
            Map<Neuron, ImmutableIntArray> rows = rows(concepts, chunk, places, byTarget);
            Tensor maps = finder.forward(patches, lower, chunk);
            Map<Neuron, RefinedScores> scores = quadrature.scores(maps, rows);
            byTarget.forEach((target, its) -> {
                RefinedScores refined =
                        Objects.requireNonNull(scores.get(concepts.get(target).neuron()));
                ImportanceScores part = refined.scores();
                double[][] partValues = part.values();
                for (int i = 0; i < its.size(); i++) {
                    values.get(target)[its.get(i).row()] = partValues[i];
                    changes.get(target)[its.get(i).row()] = part.change(i);
                    steps.get(target)[its.get(i).row()] = refined.steps().get(i);
                }
                progress.advance(its.size());
            });
        });
        List<RefinedScores> results = new ArrayList<>();
        for (int target = 0; target < concepts.size(); target++) {
            results.add(new RefinedScores(
                    new ImportanceScores(concepts.get(target).neuron(), lower, values.get(target), changes.get(target)),
                    ImmutableIntArray.copyOf(steps.get(target))));
        }
        return results;
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
