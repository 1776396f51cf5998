package io.neurflow.cuda;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The bent values of some patches at some points of their rays. The points asked for last stay, for those who ask again. */
final class RayForward implements AutoCloseable {
    private final Kit kit;
    private final DeviceMemory.Scope scope;
    private final RayPlan plan;
    private final Map<Integer, Memory> zeros;
    private final Map<Integer, Memory> ends;
    private final int patches;
    private final float[] alphas;
    private int start = -1;
    private int end = -1;
    private @Nullable ForwardPass last;

    /**
     * Computes nothing yet.
     *
     * @param zeros the front at 0
     * @param ends the front at x, for each patch
     * @param alphas all points
     */
    RayForward(
            Kit kit,
            DeviceMemory.Scope scope,
            RayPlan plan,
            Map<Integer, Memory> zeros,
            Map<Integer, Memory> ends,
            int patches,
            float[] alphas) {
        this.kit = kit;
        this.scope = scope;
        this.plan = plan;
        this.zeros = zeros;
        this.ends = ends;
        this.patches = patches;
        this.alphas = alphas;
    }

    /** Values at the points from..to-1, [patches, points]. */
    ForwardPass at(int from, int to) {
        ForwardPass pass = last;
        if (pass != null && from == start && to == end) {
            return pass;
        }
        close();
        int steps = to - from;
        int n = Math.multiplyExact(patches, steps);
        pass = new ForwardPass(kit, scope, plan.bent(), n, plan.kept(), true);
        last = pass;
        Memory alpha = scope.floats(Arrays.copyOfRange(alphas, from, to));
        for (int value : plan.front()) {
            int size = Extent.size(plan.bent().graph().dimensions(value));
            Memory y = scope.take((long) n * size);
            pass.put(value, y);
            kit.run(
                    new Kernel(Kind.RAY, plan.bent().fusedInto(value)),
                    n * size,
                    y,
                    Objects.requireNonNull(zeros.get(value)),
                    Objects.requireNonNull(ends.get(value)),
                    alpha,
                    steps,
                    size);
        }
        scope.give(alpha);
        start = from;
        end = to;
        return pass.run();
    }

    @Override
    public void close() {
        if (last != null) {
            last.release();
            last = null;
        }
    }
}
