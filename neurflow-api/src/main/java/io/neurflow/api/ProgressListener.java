package io.neurflow.api;

/** Is told how far a long computation has come, from the thread that computes. */
@FunctionalInterface
public interface ProgressListener {
    /** Hears nothing. */
    ProgressListener NONE = progress -> {};

    /**
     * Takes note of progress. May throw {@link java.util.concurrent.CancellationException} to end the computation;
     * {@link CancellationToken} does so on demand.
     *
     * @param progress how far it has come
     */
    void onProgress(Progress progress);
}
