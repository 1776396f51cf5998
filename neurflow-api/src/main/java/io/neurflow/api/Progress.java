package io.neurflow.api;

import java.time.Duration;
import java.util.Locale;

/**
 * How far a long computation has come.
 *
 * @param stage what is being done, such as {@code core concept neurons of layer4.2}
 * @param done units of work done in this stage
 * @param total units of work of this stage
 * @param reused how many of {@code done} were taken from earlier results, and say nothing about the pace
 * @param elapsed time since the stage began
 */
public record Progress(String stage, long done, long total, long reused, Duration elapsed) {
    /**
     * Progress where nothing was reused.
     *
     * @param stage what is being done
     * @param done units of work done
     * @param total units of work of this stage
     * @param elapsed time since the stage began
     */
    public Progress(String stage, long done, long total, Duration elapsed) {
        this(stage, done, total, 0, elapsed);
    }

    /**
     * The time that the rest of the stage will take at the pace so far.
     *
     * @return zero when nothing has been computed yet
     */
    public Duration remaining() {
        long computed = done - reused;
        return computed <= 0
                ? Duration.ZERO
                : elapsed.multipliedBy(total - done).dividedBy(computed);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %d of %d, %d s left",
                stage,
                done,
                total,
                remaining().toSeconds());
    }
}
