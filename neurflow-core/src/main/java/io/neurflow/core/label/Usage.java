package io.neurflow.core.label;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What answers took.
 *
 * @param requests how many were answered
 * @param unmetered how many answers did not say how many tokens they took; tokens and cost are then too low
 * @param inputTokens tokens of questions and pictures
 * @param outputTokens tokens of answers
 * @param cost in the currency of the prices; absent if there were none
 */
public record Usage(int requests, int unmetered, long inputTokens, long outputTokens, OptionalDouble cost) {
    /** Nothing. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, OptionalDouble.empty());

    /**
     * The sum.
     *
     * @param other more
     * @return both together; the cost is absent if neither has one
     */
    public Usage plus(Usage other) {
        OptionalDouble sum = cost.isEmpty() && other.cost.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(cost.orElse(0) + other.cost.orElse(0));
        return new Usage(
                requests + other.requests,
                unmetered + other.unmetered,
                inputTokens + other.inputTokens,
                outputTokens + other.outputTokens,
                sum);
    }

    @Override
    public String toString() {
        return requests + " requests, " + inputTokens + " tokens in, " + outputTokens + " out"
                + (unmetered == 0 ? "" : " (" + unmetered + " answers did not say how many)")
                + (cost.isPresent() ? String.format(Locale.ROOT, ", cost %.4f", cost.getAsDouble()) : "");
    }
}
