package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;

/**
 * The concept V<sub>a</sub> of a neuron (Definition 1): the k patches that activate it most.
 *
 * @param neuron a
 * @param patches indices of the patches, strongest first, the lower index first on ties
 * @param activations &phi;<sub>a</sub> of those patches, and after them, where D is larger than k, that of the first patch
 *     left out: it shows by how much the last one made it
 */
public record NeuronConcept(Neuron neuron, ImmutableIntArray patches, ImmutableDoubleArray activations) {
    /** Checks the lengths. */
    public NeuronConcept {
        int more = activations.length() - patches.length();
        checkArgument(
                more == 0 || more == 1,
                "expected %s activations or one more, but there are %s",
                patches.length(),
                activations.length());
    }

    /**
     * The number of patches, k.
     *
     * @return k, or the size of D if that is smaller
     */
    public int size() {
        return patches.length();
    }

    /**
     * Whether the neuron has the same activation for every patch that it was shown, so that its concept says nothing.
     *
     * @return true if all {@link #activations()} are equal
     */
    public boolean isDead() {
        return activations.length() > 1 && activations.get(0) == activations.get(activations.length() - 1);
    }

    /**
     * L(S, a) = |V<sub>a</sub><sup>S</sup> &cap; V<sub>a</sub>| / |V<sub>a</sub>| (Section 4): the share of the concept that
     * is still there after a knock-out. 1 means that nothing changed, a low value that the knocked-out neurons matter.
     *
     * @param knockedOut the concept of the same neuron after the knock-out
     * @return between 0 and 1
     */
    public double conceptOverlap(NeuronConcept knockedOut) {
        checkArgument(
                neuron.equals(knockedOut.neuron),
                "expected a concept of %s, but it is one of %s",
                neuron,
                knockedOut.neuron);
        long shared = patches.stream().filter(knockedOut.patches::contains).count();
        return (double) shared / patches.length();
    }

    @Override
    public String toString() {
        return neuron + ": " + patches.length() + " patches, " + patches;
    }
}
