package io.neurflow.core.debug;

import java.util.Locale;

/**
 * What a mask does to one input.
 *
 * @param before without the mask
 * @param after with it
 */
public record MaskChange(Prediction before, Prediction after) {
    /**
     * How far the probability of the class falls.
     *
     * @return before less after
     */
    public double probabilityDrop() {
        return before.probability() - after.probability();
    }

    /**
     * How far the logit of the class falls.
     *
     * @return before less after
     */
    public double logitDrop() {
        return before.logit() - after.logit();
    }

    /**
     * Whether the prediction is another one.
     *
     * @return true if the class of the highest logit changes
     */
    public boolean flips() {
        return before.top() != after.top();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: p %.3f -> %.3f, logit %.2f -> %.2f%s",
                before.image().name(),
                before.probability(),
                after.probability(),
                before.logit(),
                after.logit(),
                flips() ? ", class " + before.top() + " -> " + after.top() : "");
    }
}
