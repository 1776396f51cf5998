package io.neurflow.core.diff;

import java.util.Locale;
import java.util.Optional;

/**
 * An edge between groups that both circuits have.
 *
 * @param child where it starts, in both circuits
 * @param parent where it ends, in both circuits
 * @param kind what became of it
 * @param before its weight in the first circuit, 0 if it is not there
 * @param after its weight in the second circuit, 0 if it is not there
 * @param interval how far the difference would vary with other images; empty if the circuits' {@link WeightDraws} are not known, or
 *     the parent's concept comes from one image
 */
public record EdgeChange(
        GroupMatch child,
        GroupMatch parent,
        Kind kind,
        double before,
        double after,
        Optional<DifferenceInterval> interval) {
    /** What became of an edge. */
    public enum Kind {
        /** Only in the second circuit, and heavier than the tolerance. */
        ADDED,
        /** Only in the first circuit, and heavier than the tolerance. */
        LOST,
        /** In both, with weights that differ by more than the tolerance. */
        REWEIGHTED,
        /** The weights differ by more than the tolerance, but other images might have said that they do not. */
        UNCLEAR,
        /** The same within the tolerance. */
        KEPT
    }

    /**
     * The change.
     *
     * @return after less before
     */
    public double difference() {
        return after - before;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s %s -> %s: W %+.3f -> %+.3f%s",
                kind.name().toLowerCase(Locale.ROOT),
                child.before().name(),
                parent.before().name(),
                before,
                after,
                interval.map(i -> ", difference in " + i).orElse(""));
    }
}
