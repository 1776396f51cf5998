package io.neurflow.api;

import java.util.concurrent.CancellationException;

/**
 * Ends a long computation from another thread. The computation ends with a {@link CancellationException} at its next report
 * of progress: after the batch of inputs, or the piece of importance scores, that is being computed. What is in a store by
 * then stays there.
 *
 * <pre>{@code
 * CancellationToken token = new CancellationToken();
 * CircuitBuilder builder = CircuitBuilder.over(probe).onProgress(token.before(System.out::println));
 * // elsewhere: token.cancel();
 * }</pre>
 */
public final class CancellationToken {
    private volatile boolean cancelled;

    /** A token that has not been used. */
    public CancellationToken() {}

    /** Asks for the end; may be called from any thread, and more than once. */
    public void cancel() {
        cancelled = true;
    }

    /**
     * Whether the end was asked for.
     *
     * @return true from the first {@link #cancel()} on
     */
    public boolean isCancelled() {
        return cancelled;
    }

    /**
     * A listener that ends the computation once this token is cancelled.
     *
     * @param next who is told of progress until then
     * @return the listener
     */
    public ProgressListener before(ProgressListener next) {
        return progress -> {
            if (cancelled) {
                throw new CancellationException(
                        "cancelled in '" + progress.stage() + "' after " + progress.done() + " of " + progress.total());
            }
            next.onProgress(progress);
        };
    }
}
