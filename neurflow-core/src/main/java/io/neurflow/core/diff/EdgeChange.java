package io.neurflow.core.diff;

import java.util.Locale;

/**
 * An edge between groups that both circuits have.
 *
 * @param child where it starts, in both circuits
 * @param parent where it ends, in both circuits
 * @param kind what became of it
 * @param before its weight in the first circuit, 0 if it is not there
 * @param after its weight in the second circuit, 0 if it is not there
 */
public record EdgeChange(GroupMatch child, GroupMatch parent, Kind kind, double before, double after) {
    /** What became of an edge. */
    public enum Kind {
        /** Only in the second circuit, and heavier than the tolerance. */
        ADDED,
        /** Only in the first circuit, and heavier than the tolerance. */
        LOST,
        /** In both, with weights that differ by more than the tolerance. */
        REWEIGHTED,
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
                "%s %s -> %s: W %+.3f -> %+.3f",
                kind.name().toLowerCase(Locale.ROOT),
                child.before().name(),
                parent.before().name(),
                before,
                after);
    }
}
