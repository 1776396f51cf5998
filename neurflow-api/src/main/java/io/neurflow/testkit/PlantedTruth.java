package io.neurflow.testkit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ImmutableSortedSet;
import java.util.Comparator;

/**
 * What is known of a planted network by construction.
 *
 * @param root the logit whose circuit is planted
 * @param edges the whole circuit of the root, each edge once
 * @param features for each unit of the circuit, the features that can drive it, numbered as in
 *     {@link PlantedPictures#shown}; units of a layer with the same features stand for the same concept
 */
public record PlantedTruth(
        PlantedUnit root, ImmutableList<PlantedEdge> edges, ImmutableSetMultimap<PlantedUnit, Integer> features) {

    /**
     * The units of the circuit.
     *
     * @return the root and all children
     */
    public ImmutableSortedSet<PlantedUnit> units() {
        ImmutableSortedSet.Builder<PlantedUnit> units = ImmutableSortedSet.naturalOrder();
        units.add(root);
        edges.forEach(edge -> units.add(edge.child()));
        return units.build();
    }

    /**
     * The edges into a unit.
     *
     * @param parent the unit
     * @return strongest first
     */
    public ImmutableList<PlantedEdge> into(PlantedUnit parent) {
        return edges.stream()
                .filter(edge -> edge.parent().equals(parent))
                .sorted(Comparator.comparingDouble((PlantedEdge edge) -> -Math.abs(edge.weight())))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * The units wired into a unit.
     *
     * @param parent the unit
     * @return its planted parents' channels, as the paper's core concept neurons should be
     */
    public ImmutableSet<PlantedUnit> childrenOf(PlantedUnit parent) {
        return into(parent).stream().map(PlantedEdge::child).collect(ImmutableSet.toImmutableSet());
    }
}
