package io.neurflow.core.samediff;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableLongArray;
import java.util.Optional;

/**
 * Which axis of a variable holds the neurons. All other axes but the batch are positions, and a neuron's activation is the
 * mean over them: the spatial mean of a feature map, generalised. Axes are counted as SameDiff does, with the batch as axis
 * 0, or from the end with -1 as the last. Immutable.
 */
public final class UnitAxis {
    private static final UnitAxis USUAL = new UnitAxis(Optional.empty(), 0);

    private final Optional<Integer> axis;
    /** How many neurons the axis is divided into; 0 for one each. */
    private final int groups;

    private UnitAxis(Optional<Integer> axis, int groups) {
        this.axis = axis;
        this.groups = groups;
    }

    /**
     * The axis that mostly holds them: 1 of [batch, units] and of [batch, channels, rows, columns], the last of [batch,
     * tokens, units] and of everything else.
     *
     * @return the default
     */
    public static UnitAxis usual() {
        return USUAL;
    }

    /**
     * One axis: 1 for the heads of [batch, heads, tokens, values], say.
     *
     * @param axis not 0, which is the batch; negative ones count from the end
     * @return that axis
     */
    public static UnitAxis of(int axis) {
        checkArgument(axis != 0, "expected an axis of neurons, but axis 0 is the batch; -1 is the last axis");
        return new UnitAxis(Optional.of(axis), 0);
    }

    /**
     * The last axis: hidden units of transformers, channels of [batch, rows, columns, channels].
     *
     * @return axis -1
     */
    public static UnitAxis last() {
        return of(-1);
    }

    /**
     * The same axis, divided into neurons of several consecutive entries each, which become positions: a hidden axis that
     * holds heads one after the other, say.
     *
     * @param groups how many neurons; it must divide the axis's extent
     * @return a changed copy
     */
    public UnitAxis inGroups(int groups) {
        checkArgument(groups > 0, "expected 1 group or more, but it is %s", groups);
        return new UnitAxis(axis, groups);
    }

    boolean isUsual() {
        return axis.isEmpty();
    }

    boolean isLast() {
        return axis.filter(a -> a == -1).isPresent();
    }

    /** Lays out the values of a variable; {@code shape} has the batch in front. */
    UnitLayout layout(String variable, ImmutableLongArray shape) {
        int rank = shape.length();
        int wanted = axis.orElse(rank == 4 ? 1 : rank - 1);
        int chosen = wanted < 0 ? rank + wanted : wanted;
        checkArgument(
                rank >= 2 && chosen > 0 && chosen < rank,
                "expected axis %s of '%s' to hold neurons, but its shape is %s with the batch as axis 0; name another axis",
                wanted,
                variable,
                shape);
        int extent = Math.toIntExact(shape.get(chosen));
        int units = groups == 0 ? extent : groups;
        checkArgument(
                extent % units == 0,
                "expected %s groups to divide axis %s of '%s', but its extent is %s; take a divisor of it",
                units,
                wanted,
                variable,
                extent);
        return new UnitLayout(variable, shape, chosen, units);
    }

    @Override
    public String toString() {
        return axis.map(a -> "axis " + a).orElse("the usual axis") + (groups == 0 ? "" : " in " + groups + " groups");
    }
}
