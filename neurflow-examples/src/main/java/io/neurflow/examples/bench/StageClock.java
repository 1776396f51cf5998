package io.neurflow.examples.bench;

import io.neurflow.api.ModelProbe;
import io.neurflow.api.ProgressListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Says where the time of a long computation goes: how long each stage takes that it reports, and how much of that is spent in
 * the model, by method of the probe. What comes after a stage is done, and before the next begins, is a stage of its own.
 * Used by one thread.
 */
public final class StageClock {
    private static final double NANOS = 1e9;
    private static final double WORTH_A_LINE = 0.01;

    private final Map<String, Spent> stages = new LinkedHashMap<>();
    private final long start = System.nanoTime();
    private String stage;
    private long since = start;

    /** Nanoseconds in a stage, and in each method of the probe within it. */
    private static final class Spent {
        private long nanos;
        private final Map<String, Long> inModel = new TreeMap<>();
    }

    /**
     * Starts.
     *
     * @param first what is being done now
     */
    public StageClock(String first) {
        this.stage = first;
    }

    /**
     * Begins a stage; the one before ends.
     *
     * @param name what is being done from now on
     */
    public void enter(String name) {
        long now = System.nanoTime();
        here().nanos += now - since;
        since = now;
        stage = name;
    }

    private Spent here() {
        return stages.computeIfAbsent(stage, name -> new Spent());
    }

    /**
     * Listens to progress and passes it on.
     *
     * @param next who else is told; may cancel
     * @return the listener
     */
    public ProgressListener before(ProgressListener next) {
        return progress -> {
            if (!progress.stage().equals(stage)) {
                enter(progress.stage());
            }
            if (progress.done() >= progress.total()) {
                enter("after " + progress.stage());
            }
            next.onProgress(progress);
        };
    }

    /**
     * A probe that does what another does, and notes how long it takes.
     *
     * @param probe what computes
     * @return the same answers
     */
    public ModelProbe timed(ModelProbe probe) {
        return (ModelProbe) Proxy.newProxyInstance(
                ModelProbe.class.getClassLoader(),
                new Class<?>[] {ModelProbe.class},
                (proxy, method, arguments) -> call(probe, method, arguments));
    }

    private @Nullable Object call(ModelProbe probe, Method method, Object @Nullable [] arguments) throws Throwable {
        long called = System.nanoTime();
        try {
            return method.invoke(probe, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        } finally {
            here().inModel.merge(method.getName(), System.nanoTime() - called, Long::sum);
        }
    }

    /**
     * What has been measured so far.
     *
     * @return lines: seconds and stage, with the methods of the probe that took part of them, the total, and the most resident
     *     memory where the system tells
     */
    public String table() {
        enter("after all");
        StringBuilder table = new StringBuilder();
        stages.forEach((name, spent) -> {
            if (spent.nanos >= WORTH_A_LINE * NANOS) {
                table.append(line(spent.nanos, name + inModel(spent)));
            }
        });
        table.append(line(since - start, "in all"));
        PeakMemory.bytes()
                .ifPresent(bytes -> table.append(
                        String.format(Locale.ROOT, "%10.2f GiB resident at the peak%n", bytes / (double) (1L << 30))));
        return table.toString();
    }

    private static String line(long nanos, String what) {
        return String.format(Locale.ROOT, "%10.2f s  %s%n", nanos / NANOS, what);
    }

    private static String inModel(Spent spent) {
        StringBuilder parts = new StringBuilder();
        spent.inModel.forEach((method, nanos) -> {
            if (nanos >= WORTH_A_LINE * NANOS) {
                parts.append(parts.isEmpty() ? " (" : ", ")
                        .append(String.format(Locale.ROOT, "%s %.2f s", method, nanos / NANOS));
            }
        });
        return parts.isEmpty() ? "" : parts + ")";
    }
}
