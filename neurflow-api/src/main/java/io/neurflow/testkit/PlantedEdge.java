package io.neurflow.testkit;

/**
 * An edge of a planted circuit: the child is wired into the parent.
 *
 * @param parent the upper unit
 * @param child a unit of the layer below
 * @param weight by how much the parent's pre-activation changes with the child's value, where the way between them is open;
 *     negative where the child inhibits
 */
public record PlantedEdge(PlantedUnit parent, PlantedUnit child, double weight) {
    @Override
    public String toString() {
        return child + " -> " + parent + " " + weight;
    }
}
