package io.neurflow.api;

import java.util.Locale;

/**
 * An edge of the neuron circuit, from a child s to a semantic group of its parent a (Section 3.4).
 *
 * @param group the parent's semantic group V<sub>a,j</sub>
 * @param child s
 * @param importance T(a, s, V<sub>a,j</sub>): Eq. 2 over the patches of the group
 * @param weight w(a, s, V<sub>a,j</sub>) = T / &Sigma;<sub>s'</sub> |T(a, s', V<sub>a,j</sub>)| (Eq. 4), signed; magnitudes
 *     add up to 1 over the core concept neurons, and all are 0 if every T is 0
 */
public record ConceptEdge(SemanticGroup group, Neuron child, double importance, double weight) {
    /**
     * Where the edge leads.
     *
     * @return a
     */
    public Neuron parent() {
        return group.neuron();
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s -> %s/%d  w=%+.3f", child, parent(), group.index(), weight);
    }
}
