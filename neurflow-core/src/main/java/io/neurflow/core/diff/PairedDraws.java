package io.neurflow.core.diff;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.GroupEdge;
import java.util.Optional;

/** Draws of two circuits that go together: as many, with one seed. */
final class PairedDraws {
    private final WeightDraws before;
    private final WeightDraws after;

    PairedDraws(GroupAlignment alignment, WeightDraws before, WeightDraws after) {
        checkArgument(
                before.draws() == after.draws() && before.seed() == after.seed(),
                "expected draws that go together, but there are %s with seed %s and %s with seed %s; make both with the same",
                before.draws(),
                before.seed(),
                after.draws(),
                after.seed());
        check(before, alignment.before(), "first");
        check(after, alignment.after(), "second");
        this.before = before;
        this.after = after;
    }

    private static void check(WeightDraws draws, ConceptCircuit circuit, String which) {
        checkArgument(
                draws.edges().equals(circuit.edges()),
                "expected draws of the %s circuit, but they are of another one; make them when the circuit is built",
                which);
    }

    /** Of the difference; an edge that is not there weighs 0 in every draw. */
    Optional<DifferenceInterval> interval(Optional<GroupEdge> one, Optional<GroupEdge> other) {
        int row = one.map(before::row).orElse(-1);
        int otherRow = other.map(after::row).orElse(-1);
        int images = Math.min(
                row < 0 ? Integer.MAX_VALUE : before.images(row),
                otherRow < 0 ? Integer.MAX_VALUE : after.images(otherRow));
        if (images < 2 || images == Integer.MAX_VALUE) {
            return Optional.empty();
        }
        double[] differences = new double[before.draws()];
        for (int d = 0; d < differences.length; d++) {
            differences[d] = (otherRow < 0 ? 0 : after.weight(otherRow, d)) - (row < 0 ? 0 : before.weight(row, d));
        }
        double observed = other.map(GroupEdge::weight).orElse(0.0)
                - one.map(GroupEdge::weight).orElse(0.0);
        return Optional.of(DifferenceInterval.of(observed, differences, images));
    }

    @Override
    public String toString() {
        return "intervals of 95 % from " + before.draws() + " draws of the images (seed " + before.seed()
                + "), groups and core concept neurons as they are";
    }
}
