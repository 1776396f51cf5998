package io.neurflow.core;

/** The layer whose pooled activations place a neuron's semantic groups when neurons are clustered (Section 3.5). */
public enum GroupSpace {
    /** The neurons' own layer: r<sub>s,j</sub> of Section 3.5 as printed. */
    OWN_LAYER,
    /**
     * The next lower layer that the probe knows: the authors' code. The lowest layer of the probe has none; its neurons are
     * placed by their own layer, and the provenance of the circuit warns of it.
     */
    LAYER_BELOW
}
