package io.neurflow.core.debug;

/** Which channels random masks are drawn from. Where a pool has fewer than twice as many as the mask, the next one is taken. */
public enum ControlPool {
    /**
     * The default: channels that are no neurons of the circuit in this layer. Null hypothesis of the test: the mask matters
     * no more than channels of the same activation that the circuit leaves out.
     */
    OUTSIDE_CIRCUIT,
    /**
     * All channels but those of the mask, other groups of the circuit included: harder to beat, the more so the smaller the
     * layer. Null hypothesis: the mask matters no more than any other channels of the same activation.
     */
    OUTSIDE_MASK,
    /** All channels. For masks so large that too few others are left; the comparison then says little. */
    WHOLE_LAYER
}
