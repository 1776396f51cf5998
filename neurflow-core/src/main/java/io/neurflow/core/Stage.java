package io.neurflow.core;

import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import java.time.Duration;

/** One stage of a computation that reports its progress. */
final class Stage {
    private final ProgressListener listener;
    private final String name;
    private final long total;
    private final long start = System.nanoTime();
    private long done;
    private long reused;

    Stage(ProgressListener listener, String name, long total) {
        this.listener = listener;
        this.name = name;
        this.total = total;
        report();
    }

    void advance(long units) {
        done += units;
        report();
    }

    /** Units that were computed earlier. */
    void reuse(long units) {
        reused += units;
        advance(units);
    }

    /** Says that it is going on, so that a listener can end it between units. */
    void report() {
        listener.onProgress(new Progress(name, done, total, reused, Duration.ofNanos(System.nanoTime() - start)));
    }
}
