package io.neurflow.api;

import java.util.Locale;

/**
 * An edge of the concept circuit (Section 3.5).
 *
 * @param child G<sub>i</sub>, in the layer below
 * @param parent G<sub>j</sub>
 * @param weight W(G<sub>i</sub>, G<sub>j</sub>): the sum of the weights of Eq. 4 from the neurons of G<sub>i</sub> into the
 *     semantic groups of G<sub>j</sub>, counted as {@link Counting} says; signed
 * @param edgeCount how many edges of the neuron circuit it stands for
 */
public record GroupEdge(NeuronGroup child, NeuronGroup parent, double weight, int edgeCount) {
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%s -> %s  W=%+.3f (%d edges)", child.name(), parent.name(), weight, edgeCount);
    }
}
