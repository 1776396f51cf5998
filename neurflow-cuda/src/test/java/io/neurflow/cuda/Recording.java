package io.neurflow.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Launches of kernels as the engine makes them, a few of each: the arrays before, and what the Java twin made of them. */
final class Recording {
    private static final int LARGEST = 20_000;

    /**
     * One launch.
     *
     * @param arguments float[] for memory, Integer and Float
     * @param results float[] for memory, after the launch; empty for memory that was passed before
     */
    record Launch(Kernel kernel, int threads, List<Object> arguments, List<Object> results) {}

    private final int most;
    private final Map<Kernel, List<Launch>> launches = new HashMap<>();

    /** Keeps so many launches of each kernel. */
    Recording(int most) {
        this.most = most;
    }

    void run(Kernel kernel, int threads, Object... arguments) {
        List<Launch> known = launches.computeIfAbsent(kernel, k -> new ArrayList<>());
        boolean wanted = known.size() < most && threads <= LARGEST;
        List<Object> before = wanted ? copies(arguments) : List.of();
        HostKernels.run(kernel, threads, arguments);
        if (wanted) {
            List<Object> after = copies(arguments);
            for (int i = 0; i < arguments.length; i++) {
                if (Arrays.asList(arguments).indexOf(arguments[i]) < i && arguments[i] instanceof Memory) {
                    after.set(i, new float[0]); // the same memory as an earlier one
                }
            }
            known.add(new Launch(kernel, threads, before, after));
        }
    }

    private static List<Object> copies(Object... arguments) {
        List<Object> copies = new ArrayList<>();
        for (Object argument : arguments) {
            copies.add(argument instanceof Memory memory ? ((float[]) memory.handle()).clone() : argument);
        }
        return copies;
    }

    Map<Kernel, List<Launch>> launches() {
        return launches;
    }
}
