package io.neurflow.core.label.vision;

import io.neurflow.api.NeurflowException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;

/** Asks until there is an answer, as long as {@link Patience} says. */
final class PatientModel {
    private final VisionModel model;
    private final Patience patience;
    private final Clock clock;
    private long notBefore = Long.MIN_VALUE;

    /** Time, which tests make up. */
    interface Clock {
        /** Nanoseconds from some moment on. */
        long now();

        void sleep(Duration time) throws InterruptedException;

        /** The machine's. */
        static Clock real() {
            LongSupplier nanos = System::nanoTime;
            return new Clock() {
                private final long start = nanos.getAsLong();

                @Override
                public long now() {
                    return nanos.getAsLong() - start;
                }

                @Override
                public void sleep(Duration time) throws InterruptedException {
                    Thread.sleep(time.toMillis() + 1);
                }
            };
        }
    }

    PatientModel(VisionModel model, Patience patience, Clock clock) {
        this.model = model;
        this.patience = patience;
        this.clock = clock;
    }

    /**
     * Lets through that the model declined; all other exceptions end the run.
     *
     * <p>Synchronized, so that several threads keep to the rate together.
     */
    synchronized VisionReply ask(VisionQuestion question) {
        for (int attempt = 1; ; attempt++) {
            long early = notBefore - clock.now();
            if (notBefore != Long.MIN_VALUE && early > 0) {
                sleep(Duration.ofNanos(early));
            }
            notBefore = clock.now() + patience.betweenRequests().toNanos();
            try {
                return model.ask(question);
            } catch (VisionException e) {
                if (e.kind() == VisionException.Kind.REFUSED) {
                    throw e;
                }
                sleep(waitOrGiveUp(e, attempt));
            }
        }
    }

    private Duration waitOrGiveUp(VisionException e, int attempt) {
        if (!e.kind().again()) {
            throw new NeurflowException("expected an answer from " + model.name() + ", but " + e.getMessage());
        }
        if (attempt >= patience.attempts()) {
            throw new NeurflowException("expected an answer from " + model.name() + ", but at the last of " + attempt
                    + " attempts " + e.getMessage()
                    + "; try again later (with a cache, what was answered is not asked again)");
        }
        Duration wait = e.retryAfter().orElse(patience.after(attempt));
        if (wait.compareTo(patience.longestRetryAfter()) > 0 && e.retryAfter().isPresent()) {
            throw new NeurflowException("expected an answer from " + model.name() + ", but it wants us to wait for "
                    + wait.toSeconds() + " s, longer than "
                    + patience.longestRetryAfter().toSeconds()
                    + " s (" + e.getMessage()
                    + "); try again later (with a cache, what was answered is not asked again)");
        }
        return wait;
    }

    private void sleep(Duration time) {
        try {
            clock.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for " + model.name());
        }
    }
}
