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

    private void report() {
        listener.onProgress(new Progress(name, done, total, Duration.ofNanos(System.nanoTime() - start)));
    }
}
