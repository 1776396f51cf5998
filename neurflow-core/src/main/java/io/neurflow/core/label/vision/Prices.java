package io.neurflow.core.label.vision;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.core.label.Usage;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What tokens cost. There are no defaults: prices change.
 *
 * @param perMillionIn for a million tokens of questions
 * @param perMillionOut for a million tokens of answers
 */
public record Prices(double perMillionIn, double perMillionOut) {
    /** Checks the range. */
    public Prices {
        checkArgument(
                perMillionIn >= 0 && perMillionOut >= 0,
                "expected prices of 0 or more, but they are %s and %s",
                perMillionIn,
                perMillionOut);
    }

    static Usage usage(VisionReply reply, Optional<Prices> prices) {
        boolean metered =
                reply.inputTokens().isPresent() && reply.outputTokens().isPresent();
        return priced(
                new Usage(
                        1,
                        metered ? 0 : 1,
                        reply.inputTokens().orElse(0),
                        reply.outputTokens().orElse(0),
                        OptionalDouble.empty()),
                prices);
    }

    /** With the cost of its tokens. */
    static Usage priced(Usage usage, Optional<Prices> prices) {
        return new Usage(
                usage.requests(),
                usage.unmetered(),
                usage.inputTokens(),
                usage.outputTokens(),
                prices.map(known -> OptionalDouble.of(
                                (known.perMillionIn * usage.inputTokens() + known.perMillionOut * usage.outputTokens())
                                        / 1e6))
                        .orElse(OptionalDouble.empty()));
    }
}
