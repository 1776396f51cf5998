package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.stream.Stream;

/**
 * A neuron group G (Section 3.5): semantic groups of core concept neurons of one layer that stand for the same concept.
 *
 * @param layer where it is
 * @param index number within the layer, by first appearance
 * @param members its semantic groups, by neuron, then by index; a neuron with several concepts can be in several groups
 * @param byDistance the members, nearest to the group's centre first. Distances are compared as fractions of the centre's
 *     length to four digits, and ties keep the order of {@code members}
 */
public record NeuronGroup(
        Layer layer, int index, ImmutableList<SemanticGroup> members, ImmutableList<SemanticGroup> byDistance) {
    /** Checks that the group has members. */
    public NeuronGroup {
        checkArgument(!members.isEmpty(), "a neuron group needs members");
        checkArgument(members.size() == byDistance.size(), "byDistance lists the members in another order, no others");
    }

    /**
     * S<sub>G</sub>: the neurons that have a semantic group here.
     *
     * @return distinct, by channel
     */
    public ImmutableList<Neuron> neurons() {
        return members.stream().map(SemanticGroup::neuron).distinct().sorted().collect(ImmutableList.toImmutableList());
    }

    /**
     * V<sub>G</sub>, the neuron group concept (NGC): the union of the members' patches.
     *
     * @return distinct, ascending
     */
    public ImmutableIntArray concept() {
        return ImmutableIntArray.copyOf(members.stream()
                .flatMapToInt(member -> member.patches().stream())
                .distinct()
                .sorted());
    }

    /**
     * S'<sub>G</sub> of Appendix F: the distinct neurons nearest to the group's centre, each counted by its nearest
     * semantic group.
     *
     * @param most how many at the most; the paper takes 5
     * @return nearest first
     */
    public ImmutableList<Neuron> nearest(int most) {
        Stream<Neuron> neurons = byDistance.stream().map(SemanticGroup::neuron).distinct();
        return neurons.limit(most).collect(ImmutableList.toImmutableList());
    }

    /**
     * A short name such as {@code layer4.2/G3}.
     *
     * @return unique within a circuit
     */
    public String name() {
        return layer.name() + "/G" + index;
    }

    @Override
    public String toString() {
        return name() + ": " + neurons().size() + " neurons, " + concept().length() + " patches";
    }
}
