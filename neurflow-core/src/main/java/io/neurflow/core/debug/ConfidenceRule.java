package io.neurflow.core.debug;

import io.neurflow.core.Preset;

/** How M(v, S<sub>G</sub>, D) is computed: the paper's formula, the authors' code, and what is meant to be shown to people. */
public enum ConfidenceRule {
    /**
     * The default: the geometric mean of min(1, max(&phi;<sub>s</sub>(v), 0) / (|max<sub>D</sub> &phi;<sub>s</sub>| +
     * &epsilon;) + &epsilon;). A negative activation is not evidence, and no value is above 1.
     */
    RELU_CLIPPED,
    /**
     * The formula as printed: the geometric mean of |&phi;<sub>s</sub>(v) / max<sub>D</sub> &phi;<sub>s</sub>|, with no
     * &epsilon;, so that one silent neuron gives 0. A strongly negative activation counts as a strong one, and a value can be
     * above 1 on images outside D.
     */
    ABS,
    /**
     * The authors' code: the geometric mean of max(&phi;<sub>s</sub>(v), 0) / (|mean of &phi;<sub>s</sub> over the patches
     * of the semantic group| + &epsilon;) + &epsilon;. A neuron with two semantic groups in the group counts twice, and values
     * above 1 are common.
     */
    MEAN_OF_GROUP,
    /**
     * The arithmetic mean of the terms of {@link #RELU_CLIPPED} without the lowest and the highest fifth of them, rounded
     * down (one each of five): one silent neuron does not decide.
     */
    TRIMMED_MEAN;

    /**
     * The rule that belongs to a preset.
     *
     * @param preset as for the circuit
     * @return {@link #ABS}, {@link #MEAN_OF_GROUP} or {@link #RELU_CLIPPED}
     */
    public static ConfidenceRule of(Preset preset) {
        return switch (preset) {
            case PAPER -> ABS;
            case AUTHORS_CODE -> MEAN_OF_GROUP;
            case RECOMMENDED -> RELU_CLIPPED;
        };
    }
}
