package io.neurflow.examples;

import io.neurflow.api.NeurflowException;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.store.RunStore;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows progress on standard error: a bar with the time left where there is a terminal, else a line
 * every quarter of a minute. Ctrl-C is
 * turned into a {@link CancellationException} at the next report, and the JVM waits for the computation to end by it.
 */
final class ConsoleProgress implements ProgressListener, AutoCloseable {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(15);
    private static final long PATIENCE_SECONDS = 60;

    private final boolean quiet;
    private final Optional<RunStore> kept;
    /** Since JDK 22 the console may be there without a terminal; then bars are drawn into a file, which does no harm. */
    @SuppressWarnings("SystemConsoleNull")
    private final boolean terminal = System.console() != null;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::cancel, "neurflow-cancel");
    private volatile boolean cancelled;
    private volatile boolean stopped;
    private @Nullable ProgressBar bar;
    private String stage = "";
    private long lastLine = System.nanoTime();

    /**
     * Shows progress from now on.
     *
     * @param quiet shows nothing, and can still cancel
     * @param kept where results are kept when the run is cancelled
     */
    ConsoleProgress(boolean quiet, Optional<RunStore> kept) {
        this.quiet = quiet;
        this.kept = kept;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void cancel() {
        cancelled = true;
        try {
            if (ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS) && stopped) {
                System.err.println("neurflow: cancelled; "
                        + kept.map(ConsoleProgress::left).orElse("nothing was written"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a cancelled run leaves behind. */
    static String left(RunStore store) {
        String size;
        try {
            size = String.format(Locale.ROOT, "%.1f MiB", store.size() / 1048576.0);
        } catch (NeurflowException e) {
            size = "what was computed";
        }
        return "no circuit was written, and the store " + store.folder() + " holds " + size
                + "; start again with the same options to go on from there";
    }

    @Override
    public void onProgress(Progress progress) {
        if (cancelled) {
            closeBar();
            stopped = true;
            throw new CancellationException("cancelled");
        }
        if (quiet) {
            return;
        }
        if (terminal) {
            showBar(progress);
        } else {
            showLine(progress);
        }
        stage = progress.stage();
    }

    private void showBar(Progress progress) {
        if (!progress.stage().equals(stage)) {
            closeBar();
            bar = new ProgressBarBuilder()
                    .setTaskName(progress.stage())
                    .setInitialMax(progress.total())
                    .setStyle(ProgressBarStyle.ASCII)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .build();
        }
        if (bar != null) {
            bar.stepTo(progress.done());
        }
    }

    private void showLine(Progress progress) {
        long now = System.nanoTime();
        if (now - lastLine > BETWEEN_LINES.toNanos() && progress.done() > 0) {
            System.err.println(progress);
            lastLine = now;
        }
    }

    private void closeBar() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    @Override
    public void close() {
        closeBar();
        if (!cancelled) {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
        ended.countDown();
    }
}
