package io.neurflow.core.diff;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.NeuronGroup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What differs between two circuits: of two classes, of a model before and after fine-tuning, of two presets.
 *
 * <pre>{@code
 * CircuitDiff.of(GroupAlignment.byPatches(before, after));
 * }</pre>
 *
 * <p>A circuit carries the sums of Eq. 2 over patches, not the terms for each patch, so nothing in two circuits says how far their
 * weights would vary with other images. {@link WeightDraws} do, where they were recorded: then a difference counts only if its
 * {@linkplain DifferenceInterval interval} excludes 0, and is {@link EdgeChange.Kind#UNCLEAR} otherwise. The intervals are about the
 * weights of the circuits as they are; that other images would also choose other neurons is not in them.
 *
 * @param alignment which groups are the same
 * @param tolerance how far weights may differ and still count as the same
 * @param onlyBefore groups of the compared layers that only the first circuit has
 * @param onlyAfter groups of the compared layers that only the second circuit has
 * @param edges all edges between groups that both have, the largest difference first
 * @param settings options that differ: name to the two values with {@code " | "} between them
 * @param intervals where the intervals of the edges come from, for people; empty if there are none
 */
public record CircuitDiff(
        GroupAlignment alignment,
        double tolerance,
        ImmutableList<NeuronGroup> onlyBefore,
        ImmutableList<NeuronGroup> onlyAfter,
        ImmutableList<EdgeChange> edges,
        ImmutableMap<String, String> settings,
        Optional<String> intervals) {
    /** What is said where there are no intervals. */
    public static final String NO_INTERVALS =
            "no confidence intervals: circuits carry sums over patches, not the scores of each patch; 'neurflow explain --intervals'"
                    + " keeps what they need";

    /** By how much weights may differ by default: a hundredth of the sum of the magnitudes into one semantic group. */
    public static final double TOLERANCE = 0.01;

    /**
     * Compares, with a tolerance of {@value #TOLERANCE}.
     *
     * @param alignment of the two circuits
     * @return the differences
     */
    public static CircuitDiff of(GroupAlignment alignment) {
        return of(alignment, TOLERANCE);
    }

    /**
     * Compares.
     *
     * @param alignment of the two circuits
     * @param tolerance how far weights W may differ and still count as the same, 0 or more
     * @return the differences
     */
    public static CircuitDiff of(GroupAlignment alignment, double tolerance) {
        return of(alignment, tolerance, Optional.empty());
    }

    /**
     * Compares, with intervals.
     *
     * @param alignment of the two circuits
     * @param tolerance how far weights W may differ and still count as the same, 0 or more
     * @param before draws of the first circuit
     * @param after draws of the second one, as many and with the same seed
     * @return the differences
     * @throws IllegalArgumentException if the draws are not of these circuits, or do not go together
     */
    public static CircuitDiff of(GroupAlignment alignment, double tolerance, WeightDraws before, WeightDraws after) {
        return of(alignment, tolerance, Optional.of(new PairedDraws(alignment, before, after)));
    }

    private static CircuitDiff of(GroupAlignment alignment, double tolerance, Optional<PairedDraws> draws) {
        checkArgument(tolerance >= 0, "expected a tolerance of 0 or more, but it is %s", tolerance);
        List<GroupMatch> matches = alignment.matches();
        Map<List<NeuronGroup>, GroupEdge> before = byEnds(alignment.before());
        Map<List<NeuronGroup>, GroupEdge> after = byEnds(alignment.after());
        List<EdgeChange> edges = new ArrayList<>();
        for (GroupMatch parent : matches) {
            for (GroupMatch child : matches) {
                GroupEdge one = before.get(List.of(child.before(), parent.before()));
                GroupEdge other = after.get(List.of(child.after(), parent.after()));
                if (one != null || other != null) {
                    double w = one == null ? 0 : one.weight();
                    double v = other == null ? 0 : other.weight();
                    Optional<DifferenceInterval> interval = draws.flatMap(
                            paired -> paired.interval(Optional.ofNullable(one), Optional.ofNullable(other)));
                    EdgeChange.Kind kind = draws.isPresent()
                                    && interval.map(DifferenceInterval::containsZero)
                                            .orElse(true)
                                    && Math.abs(v - w) > tolerance
                            ? EdgeChange.Kind.UNCLEAR
                            : kind(one != null, other != null, w, v, tolerance);
                    edges.add(new EdgeChange(child, parent, kind, w, v, interval));
                }
            }
        }
        edges.sort(Comparator.comparingDouble((EdgeChange edge) -> -Math.abs(edge.difference())));
        return new CircuitDiff(
                alignment,
                tolerance,
                without(
                        alignment.before(),
                        alignment.layers(),
                        matches.stream().map(GroupMatch::before).toList()),
                without(
                        alignment.after(),
                        alignment.layers(),
                        matches.stream().map(GroupMatch::after).toList()),
                ImmutableList.copyOf(edges),
                settings(alignment.before(), alignment.after()),
                draws.map(PairedDraws::toString));
    }

    private static EdgeChange.Kind kind(boolean one, boolean other, double w, double v, double tolerance) {
        if (Math.abs(v - w) <= tolerance) {
            return EdgeChange.Kind.KEPT;
        }
        return one ? (other ? EdgeChange.Kind.REWEIGHTED : EdgeChange.Kind.LOST) : EdgeChange.Kind.ADDED;
    }

    private static Map<List<NeuronGroup>, GroupEdge> byEnds(ConceptCircuit circuit) {
        ImmutableMap.Builder<List<NeuronGroup>, GroupEdge> edges = ImmutableMap.builder();
        circuit.edges().forEach(edge -> edges.put(List.of(edge.child(), edge.parent()), edge));
        return edges.buildOrThrow();
    }

    private static ImmutableList<NeuronGroup> without(ConceptCircuit circuit, int layers, List<NeuronGroup> matched) {
        return circuit.layers().subList(0, layers).stream()
                .flatMap(layer -> circuit.at(layer).stream())
                .filter(group -> !matched.contains(group))
                .collect(ImmutableList.toImmutableList());
    }

    private static ImmutableMap<String, String> settings(ConceptCircuit one, ConceptCircuit other) {
        Map<String, String> differ = new TreeMap<>();
        Map<String, String> before = described(one);
        Map<String, String> after = described(other);
        TreeMap<String, String> all = new TreeMap<>(before);
        all.putAll(after);
        for (String name : all.keySet()) {
            String w = before.getOrDefault(name, "not said");
            String v = after.getOrDefault(name, "not said");
            if (!w.equals(v)) {
                differ.put(name, w + " | " + v);
            }
        }
        return ImmutableMap.copyOf(differ);
    }

    private static Map<String, String> described(ConceptCircuit circuit) {
        Map<String, String> all = new TreeMap<>(circuit.provenance().options());
        all.put("class neuron", circuit.neurons().root().toString());
        all.put("model", circuit.provenance().model().name());
        all.put("model digest", circuit.provenance().model().digest());
        all.put("images", Integer.toString(circuit.images().size()));
        all.put(
                "layers",
                circuit.layers().stream().map(layer -> layer.name()).toList().toString());
        return all;
    }

    /**
     * The edges that are not the same.
     *
     * @return added, lost and re-weighted, the largest difference first
     */
    public ImmutableList<EdgeChange> changes() {
        return edges.stream()
                .filter(edge -> edge.kind() != EdgeChange.Kind.KEPT && edge.kind() != EdgeChange.Kind.UNCLEAR)
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * The edges of which it cannot be said.
     *
     * @return those whose difference is above the tolerance, with an interval that contains 0 or, though there are draws, none
     */
    public ImmutableList<EdgeChange> unclear() {
        return edges.stream()
                .filter(edge -> edge.kind() == EdgeChange.Kind.UNCLEAR)
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Whether the circuits are the same up to the names of their neurons: every group has its counterpart, and no edge
     * changes by more than the tolerance, clearly or not.
     *
     * @return true if there is nothing to report
     */
    public boolean isEmpty() {
        return onlyBefore.isEmpty()
                && onlyAfter.isEmpty()
                && changes().isEmpty()
                && unclear().isEmpty();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%d groups in both (%s), %d only before, %d only after; of %d edges between them %d differ by more than %.3g",
                alignment.matches().size(),
                alignment.how(),
                onlyBefore.size(),
                onlyAfter.size(),
                edges.size(),
                changes().size(),
                tolerance));
        settings.forEach(
                (name, values) -> text.append("\n").append(name).append(": ").append(values));
        alignment.matches().forEach(match -> text.append("\n").append(match));
        onlyBefore.forEach(group -> text.append("\nonly before: ").append(group));
        onlyAfter.forEach(group -> text.append("\nonly after: ").append(group));
        changes().forEach(change -> text.append("\n").append(change));
        unclear().forEach(change -> text.append("\n").append(change));
        return text.append("\n").append(intervals.orElse(NO_INTERVALS)).toString();
    }
}
