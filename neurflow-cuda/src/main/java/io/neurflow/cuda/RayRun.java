package io.neurflow.cuda;

import com.google.common.primitives.Floats;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import io.neurflow.api.Quadrature;
import io.neurflow.core.graph.NetworkGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Eq. 2 for targets of one value, densely: steps x patches go up in one batch, steps x pairs of a target and a patch come down
 * in one; gradients are summed over the steps on the device, and only matrices of scores leave it.
 */
final class RayRun {
    private static final int MOST_STEPS = 64;

    /**
     * A target and where its numbers go.
     *
     * @param channel of the plan's top
     * @param rows its patches
     * @param scores [patch][channel of the layer below]
     * @param changes for each patch
     */
    record Target(int channel, ImmutableIntArray rows, List<double[]> scores, List<Double> changes) {
        static Target of(int channel, ImmutableIntArray rows) {
            List<double[]> scores = new ArrayList<>();
            List<Double> changes = new ArrayList<>();
            for (int i = 0; i < rows.length(); i++) {
                scores.add(new double[0]);
                changes.add(0.0);
            }
            return new Target(channel, rows, scores, changes);
        }
    }

    /** A target, which of its patches, and where that patch is in the chunk at hand. */
    private record Pair(Target target, int row, int patch) {}

    private final DeviceEngine engine;
    private final Kit kit;
    private final NetworkGraph graph;
    private final RayPlan plan;
    private final float[] alphas;
    private final float[] weights;

    RayRun(DeviceEngine engine, RayPlan plan, Quadrature quadrature) {
        this.engine = engine;
        this.kit = engine.kit();
        this.graph = engine.graph();
        this.plan = plan;
        this.alphas = Floats.toArray(quadrature.nodes().asList());
        this.weights = Floats.toArray(quadrature.weights().asList());
    }

    /**
     * Computes the targets' numbers.
     *
     * @param x [any number, values of the plan's {@code from}]
     */
    void run(float[] x, List<Target> targets) {
        kit.driver().use();
        TreeSet<Integer> used = new TreeSet<>();
        targets.forEach(target -> used.addAll(target.rows().asList()));
        List<Integer> rows = List.copyOf(used);
        int start = 0;
        while (start < rows.size()) {
            int rays = engine.rays(plan);
            int steps = steps(rays);
            int atOnce = Math.max(1, rays / steps);
            int end = Math.min(rows.size(), start + atOnce);
            try {
                chunk(x, rows.subList(start, end), targets, steps, atOnce);
                start = end;
            } catch (OutOfDeviceMemoryException e) {
                engine.halveRays(rays, e);
            }
        }
    }

    /** Steps at a time, as even as may be. */
    private int steps(int rays) {
        int most = Math.min(Math.min(alphas.length, MOST_STEPS), rays);
        int pieces = (alphas.length + most - 1) / most;
        return (alphas.length + pieces - 1) / pieces;
    }

    private void chunk(float[] x, List<Integer> rows, List<Target> targets, int steps, int atOnce) {
        int size = size(plan.from());
        Map<Integer, Integer> places = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            places.put(rows.get(i), i);
        }
        List<Pair> pairs = new ArrayList<>();
        for (Target target : targets) {
            for (int i = 0; i < target.rows().length(); i++) {
                Integer patch = places.get(target.rows().get(i));
                if (patch != null) {
                    pairs.add(new Pair(target, i, patch));
                }
            }
        }
        try (DeviceMemory.Scope scope = kit.memory().scope()) {
            Map<Integer, Memory> zeros = started(scope, kit.weights().zeros(size), 1);
            float[] points = new float[rows.size() * size];
            for (int i = 0; i < rows.size(); i++) {
                System.arraycopy(x, rows.get(i) * size, points, i * size, size);
            }
            Memory input = scope.floats(points);
            Map<Integer, Memory> ends = started(scope, input, rows.size());
            float[] before = tops(scope, zeros, zeros, 1);
            float[] after = tops(scope, zeros, ends, rows.size());
            int channels = channels(plan.top());
            for (Pair pair : pairs) {
                int channel = pair.target().channel();
                pair.target()
                        .changes()
                        .set(pair.row(), (double) after[pair.patch() * channels + channel] - before[channel]);
            }
            try (RayForward forward = new RayForward(kit, scope, plan, zeros, ends, rows.size(), alphas)) {
                for (int start = 0; start < pairs.size(); start += atOnce) {
                    pairs(scope, forward, input, pairs.subList(start, Math.min(pairs.size(), start + atOnce)), steps);
                }
            }
        }
    }

    /** The values of the front. They, and nothing else, stay taken. */
    private Map<Integer, Memory> started(DeviceMemory.Scope scope, Memory input, int n) {
        ForwardPass pass = new ForwardPass(kit, scope, plan.affine(), n, plan.front(), false);
        int size = n * size(plan.from());
        Memory own = scope.take(size);
        kit.run(Kernel.of(Kind.COPY), size, own, input, size, 0, 0, 0, 0);
        pass.put(plan.from(), own);
        pass.run();
        Map<Integer, Memory> front = new HashMap<>();
        plan.front().forEach(value -> front.put(value, pass.value(value)));
        return front;
    }

    /** Means of the top at the ends of rays, [n, channels]. */
    private float[] tops(DeviceMemory.Scope scope, Map<Integer, Memory> zeros, Map<Integer, Memory> ends, int n) {
        try (RayForward forward = new RayForward(kit, scope, plan, zeros, ends, n, new float[] {1})) {
            Memory top = forward.at(0, 1).value(plan.top());
            Memory means = DeviceEngine.means(kit, scope, top, n, graph, plan.top());
            float[] result = new float[n * channels(plan.top())];
            kit.driver().download(means, result.length, result, 0);
            scope.give(means);
            return result;
        }
    }

    private void pairs(DeviceMemory.Scope outer, RayForward forward, Memory input, List<Pair> pairs, int steps) {
        int count = pairs.size();
        Memory map = outer.ints(Ints.toArray(pairs.stream().map(Pair::patch).toList()));
        Memory chan = outer.ints(
                Ints.toArray(pairs.stream().map(pair -> pair.target().channel()).toList()));
        Map<Integer, Gradient> sums = new HashMap<>();
        if (!plan.isStraight()) {
            for (int start = 0; start < alphas.length; start += steps) {
                int end = Math.min(alphas.length, start + steps);
                down(outer, forward.at(start, end), new Items(count, end - start, map, chan), start, end, sums);
            }
        }
        BackwardPass back = new BackwardPass(kit, outer, plan.affine(), null, new Items(count, 1, map, chan));
        if (plan.isStraight()) {
            float sum = 0;
            for (float weight : weights) {
                sum += weight;
            }
            back.start(plan.top(), sum);
        }
        sums.forEach(back::add);
        float[] scores = new float[count * channels(plan.from())];
        back.run((value, gradient, function, gate) -> {
            Memory whole = back.whole(value, gradient).memory();
            Memory t = outer.take(scores.length);
            int channels = channels(plan.from());
            int positions = size(plan.from()) / channels;
            kit.run(Kernel.of(Kind.SCORES), scores.length, t, input, whole, map, channels, positions);
            kit.driver().download(t, scores.length, scores, 0);
            outer.give(t);
            outer.give(whole);
        });
        write(pairs, scores);
        outer.give(map);
        outer.give(chan);
    }

    private void write(List<Pair> pairs, float[] scores) {
        int channels = channels(plan.from());
        for (int i = 0; i < pairs.size(); i++) {
            double[] row = new double[channels];
            for (int c = 0; c < channels; c++) {
                row[c] = scores[i * channels + c];
            }
            pairs.get(i).target().scores().set(pairs.get(i).row(), row);
        }
    }

    /** One batch of steps down, added to the sums. */
    private void down(
            DeviceMemory.Scope outer,
            ForwardPass values,
            Items items,
            int start,
            int end,
            Map<Integer, Gradient> sums) {
        try (DeviceMemory.Scope scope = kit.memory().scope()) {
            float[] shares = new float[end - start];
            System.arraycopy(weights, start, shares, 0, shares.length);
            Memory weight = scope.floats(shares);
            BackwardPass back = new BackwardPass(kit, scope, plan.bent(), values, items);
            back.start(plan.top(), 1);
            back.run((value, gradient, function, gate) -> {
                int cells = cells(value, gradient.one());
                int size = items.pairs() * cells;
                Gradient sum = sums.get(value);
                if (sum == null) {
                    sum = new Gradient(outer.take(size), gradient.one());
                    kit.driver().zero(sum.memory(), size);
                    sums.put(value, sum);
                }
                kit.run(
                        new Kernel(Kind.ACCUMULATE, function),
                        size,
                        sum.memory(),
                        gradient.memory(),
                        gate == null ? gradient.memory() : gate,
                        items.map(),
                        weight,
                        items.steps(),
                        cells);
                scope.give(gradient.memory());
            });
        }
    }

    private int cells(int value, boolean one) {
        return one ? size(value) / channels(value) : size(value);
    }

    private int size(int value) {
        return Extent.size(graph.dimensions(value));
    }

    private int channels(int value) {
        return Extent.channels(graph.dimensions(value));
    }
}
