package io.neurflow.cuda;

import com.google.common.util.concurrent.Uninterruptibles;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One worker for each device; with one device it is the caller. */
final class Crew implements AutoCloseable {
    private final int size;
    private final ExecutorService threads;

    /** A worker's share of a job. */
    @FunctionalInterface
    interface Job<T> {
        T run(int worker, int start, int end);
    }

    Crew(int size) {
        this.size = size;
        this.threads = Executors.newFixedThreadPool(size, task -> {
            Thread thread = new Thread(task, "neurflow-cuda");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Splits 0..count-1 into shares next to each other, one for each worker, none empty.
     *
     * @return what the workers returned, in order
     */
    <T> List<T> split(int count, Job<T> job) {
        int workers = Math.max(1, Math.min(size, count));
        if (workers == 1) {
            return List.of(job.run(0, 0, count));
        }
        List<Future<T>> running = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            int mine = worker;
            int start = (int) ((long) count * worker / workers);
            int end = (int) ((long) count * (worker + 1) / workers);
            running.add(threads.submit(() -> job.run(mine, start, end)));
        }
        List<T> results = new ArrayList<>();
        RuntimeException failure = null;
        for (Future<T> each : running) {
            // All are waited for, so that no device is still at work when the caller goes on.
            try {
                results.add(Uninterruptibles.getUninterruptibly(each));
            } catch (ExecutionException e) {
                failure = e.getCause() instanceof RuntimeException cause
                        ? cause
                        : new IllegalStateException(e.getCause());
            }
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
