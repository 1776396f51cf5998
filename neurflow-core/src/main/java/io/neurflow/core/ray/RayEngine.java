package io.neurflow.core.ray;

import com.google.common.collect.Lists;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Quadrature;
import io.neurflow.core.graph.NetworkGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Importance scores by events: along the ray from 0 to x a gate on an affine value changes at most once, at a point that is
 * known beforehand, so that sums over the points of a quadrature are kept up to date instead of being computed anew at each
 * point. The work is about that of one convolution for each patch and target, whatever the number of points, and the numbers
 * are those of the plain way up to rounding.
 *
 * <p>It knows channels that are made in one of these ways (LeakyReLU will do for ReLU), and says so if it does not:
 *
 * <ul>
 *   <li>a row of a convolution or dense operator, or the channel itself, of x or of what pooling makes of x, summed, with or
 *       without a ReLU behind;
 *   <li>the same, plus a row of a convolution on ReLU(u), u affine in x (basic residual blocks, Inception's branches);
 *   <li>the same, plus a row of a 1x1 convolution on ReLU(convolution of ReLU(u)) (bottlenecks).
 * </ul>
 */
public final class RayEngine {
    /** Stages that are kept. */
    private static final int STAGES = 8;
    /** Pairs of a patch and a target that are worked on at a time. */
    private static final int PAIRS = 48;

    private final NetworkGraph graph;
    private final Numerics numerics;
    private final Map<Stage.Key, Stage> stages = new LinkedHashMap<>(STAGES, 0.75f, true);

    /** The scores of one target. */
    public static final class Scores {
        private final double[][] values;
        private final double[] changes;

        Scores(int patches, int channels) {
            values = new double[patches][channels];
            changes = new double[patches];
        }

        /**
         * The scores.
         *
         * @return [patch][channel of the layer below]; not a copy
         */
        public double[][] values() {
            return values;
        }

        /**
         * The change of the target along the ray of each patch.
         *
         * @return [patch]; not a copy
         */
        public double[] changes() {
            return changes;
        }
    }

    /**
     * An engine for a graph.
     *
     * @param graph the network
     * @param numerics computes its affine parts
     */
    public RayEngine(NetworkGraph graph, Numerics numerics) {
        this.graph = graph;
        this.numerics = numerics;
    }

    /**
     * Computes the scores of all targets whose channel comes about in a way that the engine knows.
     *
     * @param from value that the rays end in
     * @param to value above
     * @param x [patch, dimensions of {@code from}]
     * @param targets channels of {@code to}, and the patches of each
     * @param quadrature nodes and weights
     * @return the scores of each target that is known, one row for each of its patches
     */
    public Map<Integer, Scores> run(
            int from, int to, float[] x, Map<Integer, ImmutableIntArray> targets, Quadrature quadrature) {
        Map<Integer, Scores> results = new TreeMap<>();
        Map<Stage.Key, List<Target>> groups = new LinkedHashMap<>();
        int channels = graph.dimensions(from).get(0);
        Points points = new Points(quadrature);
        targets.forEach((channel, patches) -> {
            Optional<Route> route = Route.of(graph, from, to, channel);
            if (route.isPresent() && !(atZero(quadrature) && route.get().picks())) {
                Scores scores = new Scores(patches.length(), channels);
                results.put(channel, scores);
                groups.computeIfAbsent(Stage.Key.of(from, route.get()), key -> new ArrayList<>())
                        .add(new Target(route.get(), patches, scores));
            }
        });
        groups.forEach((key, group) -> sweep(stage(key), group, x, points));
        int size = x.length == 0 ? 0 : graph.dimensions(from).stream().reduce(1, Math::multiplyExact);
        results.forEach((channel, scores) -> spread(x, size, Objects.requireNonNull(targets.get(channel)), scores));
        return results;
    }

    /** A gate that is never seen to open would hide what is not a number: then nothing of the patch is. */
    private static void spread(float[] x, int size, ImmutableIntArray patches, Scores scores) {
        for (int row = 0; row < patches.length(); row++) {
            int first = patches.get(row) * size;
            if (!IntStream.range(first, first + size).allMatch(i -> Float.isFinite(x[i]))) {
                Arrays.fill(scores.values()[row], Double.NaN);
                scores.changes()[row] = Double.NaN;
            }
        }
    }

    /** Where all of x is 0, which maximum a pool takes is not what it takes everywhere else on the ray. */
    private static boolean atZero(Quadrature quadrature) {
        return quadrature.nodes().get(0) == 0;
    }

    /** Forgets what is kept from one call to the next. */
    public void clear() {
        stages.clear();
    }

    private Stage stage(Stage.Key key) {
        Stage stage = stages.get(key);
        if (stage == null) {
            stage = new Stage(graph, numerics, key);
            if (stages.size() >= STAGES) {
                stages.remove(stages.keySet().iterator().next());
            }
            stages.put(key, stage);
        }
        return stage;
    }

    private static void sweep(Stage stage, List<Target> group, float[] x, Points points) {
        Map<Integer, List<Pair>> byPatch = new TreeMap<>();
        for (Target target : group) {
            for (int row = 0; row < target.patches().length(); row++) {
                byPatch.computeIfAbsent(target.patches().get(row), patch -> new ArrayList<>())
                        .add(new Pair(target, row));
            }
        }
        Map<Integer, List<Pair>> piece = new LinkedHashMap<>();
        int pairs = 0;
        for (Map.Entry<Integer, List<Pair>> entry : byPatch.entrySet()) {
            for (List<Pair> part : Lists.partition(entry.getValue(), PAIRS)) {
                if (pairs + part.size() > PAIRS && pairs > 0) {
                    new Piece(stage, points, x, piece).run();
                    piece.clear();
                    pairs = 0;
                }
                piece.put(entry.getKey(), part);
                pairs += part.size();
            }
        }
        if (pairs > 0) {
            new Piece(stage, points, x, piece).run();
        }
    }

    /** A channel to be explained. */
    record Target(Route route, ImmutableIntArray patches, Scores scores) {}

    /** A target on one of its patches. */
    record Pair(Target target, int row) {}
}
