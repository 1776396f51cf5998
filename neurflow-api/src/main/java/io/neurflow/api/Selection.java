package io.neurflow.api;

/** What ranks the channels of the layer below when the core concept neurons are chosen (Algorithm 1). */
public enum Selection {
    /** |&Sigma;<sub>v</sub> T[v, c]|: Eq. 2, the paper. A channel that helps here and hinders there cancels out. */
    ABS_OF_SUM,
    /** The mean over v of |T[v, c]|: the authors' code, and what the published figures were made with. */
    MEAN_ABS
}
