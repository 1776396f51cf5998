package io.neurflow.core;

/** The layer whose pooled activations place a neuron's semantic groups when neurons are clustered (Section 3.5). */
public enum GroupSpace {
    /** The neurons' own layer: r<sub>s,j</sub> of Section 3.5 as printed. */
    OWN_LAYER,
    /** The next lower layer that the probe knows, or the own one if there is none: the authors' code. */
    LAYER_BELOW
}
