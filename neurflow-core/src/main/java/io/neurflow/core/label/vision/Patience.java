package io.neurflow.core.label.vision;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How to deal with servers that are slow or say no for now.
 *
 * @param attempts how often to ask the same before giving up, 1 or more
 * @param firstWait before the second attempt; doubled before each one after that
 * @param longestWait never wait longer between two attempts, unless the server says so
 * @param longestRetryAfter give up if the server wants us to wait longer than that
 * @param betweenRequests the least time from one request to the next; 60 s / n for n requests a minute
 */
public record Patience(
        int attempts, Duration firstWait, Duration longestWait, Duration longestRetryAfter, Duration betweenRequests) {
    /** Six attempts with waits of 1, 2, 4, 8 and 16 s, or as long as the server says up to 5 minutes; no pause between requests. */
    public static final Patience STANDARD =
            new Patience(6, Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofMinutes(5), Duration.ZERO);

    /** Checks the ranges. */
    public Patience {
        checkArgument(attempts >= 1, "expected 1 attempt or more, but it is %s", attempts);
        checkArgument(
                !firstWait.isNegative()
                        && !longestWait.isNegative()
                        && !longestRetryAfter.isNegative()
                        && !betweenRequests.isNegative(),
                "expected waits of 0 s or more, but one is negative");
    }

    /**
     * Keeps to a rate.
     *
     * @param most 1 or more
     * @return the same with a pause between requests
     */
    public Patience requestsPerMinute(int most) {
        checkArgument(most >= 1, "expected 1 request a minute or more, but it is %s", most);
        return new Patience(
                attempts,
                firstWait,
                longestWait,
                longestRetryAfter,
                Duration.ofMinutes(1).dividedBy(most));
    }

    /** The wait after a failed attempt, counted from 1. */
    Duration after(int attempt) {
        Duration wait = firstWait;
        for (int i = 1; i < attempt && wait.compareTo(longestWait) < 0; i++) {
            wait = wait.multipliedBy(2);
        }
        return wait.compareTo(longestWait) < 0 ? wait : longestWait;
    }
}
