package io.neurflow.core;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The importance scores of the targets of one layer, with more points where {@link Refinement} asks for them. */
final class RefiningQuadrature {
    private final ModelProbe probe;
    private final Quadrature quadrature;
    private final Optional<Refinement> refinement;
    private final Layer lower;
    private final Map<Neuron, NeuronConcept> concepts = new HashMap<>();
    /** The largest residual of each target that is accepted; empty until feature maps are seen. */
    private final Map<Neuron, Double> accepted = new HashMap<>();

    RefiningQuadrature(CoreConceptFinder finder, Layer lower, List<NeuronConcept> concepts) {
        this.probe = finder.probe();
        this.quadrature = finder.quadrature();
        this.refinement = finder.refinement();
        this.lower = lower;
        concepts.forEach(concept -> this.concepts.put(concept.neuron(), concept));
    }

    /** What is known of one target. */
    private static final class Rows {
        final ImmutableIntArray items;
        final double[][] values;
        final double[] changes;
        final int[] steps;

        Rows(ImmutableIntArray items) {
            this.items = items;
            values = new double[items.length()][];
            changes = new double[items.length()];
            steps = new int[items.length()];
        }

        void put(int row, ImportanceScores scores, double[][] scoreValues, int at, int points) {
            values[row] = scoreValues[at];
            changes[row] = scores.change(at);
            steps[row] = points;
        }
    }

    /**
     * Computes them.
     *
     * @param maps x, in any order and number
     * @param targets for each of the targets the items of {@code maps} that are wanted
     * @return for each target a row for each of its items
     */
    Map<Neuron, RefinedScores> scores(Tensor maps, Map<Neuron, ImmutableIntArray> targets) {
        Map<Neuron, Rows> all = new LinkedHashMap<>();
        Map<Neuron, ImmutableIntArray> open = new LinkedHashMap<>();
        targets.forEach((target, items) -> {
            all.put(target, new Rows(items));
            open.put(target, ImmutableIntArray.copyOf(IntStream.range(0, items.length())));
        });
        Quadrature rule = quadrature;
        Map<Neuron, ImmutableIntArray> pending = pass(maps, all, open, rule);
        while (!pending.isEmpty()) {
            int most = refinement.orElseThrow().mostSteps();
            rule = rule.withSteps((int) Math.min(2L * rule.steps(), most));
            pending = pass(maps, all, pending, rule);
        }
        Map<Neuron, RefinedScores> results = new LinkedHashMap<>();
        all.forEach((target, rows) -> results.put(
                target,
                new RefinedScores(
                        new ImportanceScores(target, lower, rows.values, rows.changes),
                        ImmutableIntArray.copyOf(rows.steps))));
        return results;
    }

    /** Computes some rows with one rule; gives back those that want more points. */
    private Map<Neuron, ImmutableIntArray> pass(
            Tensor maps, Map<Neuron, Rows> all, Map<Neuron, ImmutableIntArray> open, Quadrature rule) {
        // Only the maps that are wanted are handed on: an engine may work on every map it is given.
        TreeSet<Integer> wanted = new TreeSet<>();
        open.forEach((target, rows) ->
                rows.forEach(row -> wanted.add(rows(all, target).items.get(row))));
        ImmutableIntArray some = ImmutableIntArray.copyOf(wanted);
        Map<Neuron, ImmutableIntArray> items = new LinkedHashMap<>();
        open.forEach((target, rows) ->
                items.put(target, ImmutableIntArray.copyOf(rows.stream().map(row -> {
                    return Arrays.binarySearch(
                            some.toArray(), rows(all, target).items.get(row));
                }))));
        Tensor x = some.length() == maps.count() ? maps : maps.select(some);
        ImmutableMap<Neuron, ImportanceScores> parts = probe.importance(lower, x, items, rule);
        boolean more = refinement.isPresent()
                && !rule.isExact()
                && rule.steps() < refinement.get().mostSteps();
        Map<Neuron, ImmutableIntArray> pending = new LinkedHashMap<>();
        open.forEach((target, rows) -> {
            ImportanceScores part = Objects.requireNonNull(parts.get(target));
            double[][] values = part.values();
            ImmutableIntArray.Builder again = ImmutableIntArray.builder();
            for (int i = 0; i < rows.length(); i++) {
                rows(all, target).put(rows.get(i), part, values, i, rule.steps());
                if (more && Math.abs(part.residual(i)) > accepted(target, maps)) {
                    again.add(rows.get(i));
                }
            }
            ImmutableIntArray rest = again.build();
            if (!rest.isEmpty()) {
                pending.put(target, rest);
            }
        });
        return pending;
    }

    private static Rows rows(Map<Neuron, Rows> all, Neuron target) {
        return Objects.requireNonNull(all.get(target));
    }

    private double accepted(Neuron target, Tensor maps) {
        if (accepted.isEmpty()) {
            double[] atZero = probe.forward(lower, maps.slice(0, 1).scaled(0), target.layer())
                    .spatialMeans()[0];
            double share = refinement.orElseThrow().above();
            concepts.forEach((neuron, concept) ->
                    accepted.put(neuron, share * largestChange(concept.activations(), atZero[neuron.channel()])));
        }
        return Objects.requireNonNull(accepted.get(target));
    }

    private static double largestChange(ImmutableDoubleArray activations, double atZero) {
        return activations.stream().map(value -> Math.abs(value - atZero)).max().orElse(0);
    }
}
