package io.neurflow.core.ray;

import com.google.common.collect.Lists;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
 *   <li>the same, plus a channel of ReLU(u) itself;
 *   <li>the same, plus a row of a 1x1 convolution on ReLU(convolution of ReLU(u)) (bottlenecks).
 * </ul>
 */
public final class RayEngine {
    /** Stages that are kept. */
    private static final int STAGES = 8;
    /** Pairs of a patch and a target that are worked on at a time. */
    private static final int PAIRS = 48;
    /** The most values of all pairs of a piece in one array. */
    private static final int FLOATS = 1 << 24;

    private final NetworkGraph graph;
    private final Numerics numerics;
    private final EventCost cost;
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
     * @param dense multiply-adds of a convolution by {@code numerics} in the time of one in a loop of Java: about 9 where both
     *     run on the same processors, hundreds where convolutions run on a GPU
     */
    public RayEngine(NetworkGraph graph, Numerics numerics, double dense) {
        this.graph = graph;
        this.numerics = numerics;
        this.cost = new EventCost(dense);
    }

    /**
     * Computes the scores of all targets whose channel comes about in a way that the engine knows, and for which events take less
     * time than a gradient at each point.
     *
     * @param from value that the rays end in
     * @param to value above
     * @param x [patch, dimensions of {@code from}]; read where it stands
     * @param targets channels of {@code to}, and the patches of each
     * @param quadrature nodes and weights
     * @return the scores of each target that was computed, one row for each of its patches
     */
    public Map<Integer, Scores> run(
            int from, int to, Tensor x, Map<Integer, ImmutableIntArray> targets, Quadrature quadrature) {
        Map<Integer, Scores> results = new TreeMap<>();
        Map<Stage.Key, List<Target>> groups = new LinkedHashMap<>();
        int channels = graph.dimensions(from).get(0);
        Points points = new Points(quadrature);
        targets.forEach((channel, patches) -> {
            Optional<Route> route = Route.of(graph, from, to, channel);
            if (route.isPresent() && suits(route.get(), quadrature)) {
                Scores scores = new Scores(patches.length(), channels);
                results.put(channel, scores);
                groups.computeIfAbsent(Stage.Key.of(from, route.get()), key -> new ArrayList<>())
                        .add(new Target(route.get(), patches, scores));
            }
        });
        Map<Stage, Map<Integer, List<Pair>>> single = new LinkedHashMap<>();
        groups.forEach((key, group) -> {
            Stage stage = stage(key);
            if (PatchSweep.suits(stage)) {
                single.put(stage, byPatch(group));
            } else {
                sweep(stage, byPatch(group), x, points);
            }
        });
        new PatchSweep(x, points, single).run();
        return results;
    }

    private boolean suits(Route route, Quadrature quadrature) {
        if (quadrature.isExact()) {
            return route.isExact();
        }
        return cost.pays(route, quadrature.steps()) && !(atZero(quadrature) && route.picks());
    }

    /** Where all of x is 0, which maximum a pool takes is not what it takes everywhere else on the ray. */
    private static boolean atZero(Quadrature quadrature) {
        return quadrature.nodes().get(0) == 0;
    }

    /**
     * What stands against the integral itself for a channel.
     *
     * @param from value that the rays end in
     * @param to value above
     * @param channel of {@code to}
     * @return the operator that is not piecewise linear, or that reads gated values and is gated again
     */
    public String obstacle(int from, int to, int channel) {
        Optional<Integer> middle = Route.of(graph, from, to, channel)
                .flatMap(Route::gated)
                .flatMap(Route.Gated::middle)
                .map(Route.Middle::node);
        if (middle.isPresent()) {
            return named(graph.nodes().get(middle.get())) + " stands between two gates";
        }
        return graph.between(from, List.of(to)).stream()
                .filter(node -> !Route.isPiecewiseLinear(node.op()))
                .findFirst()
                .map(node -> named(node) + " is not piecewise linear")
                .orElseGet(() -> "the way to " + named(graph.nodes().get(to)) + " has gates or pools behind gates");
    }

    private static String named(Node node) {
        return node.op().kind() + " '" + node.name() + "'";
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

    private static Map<Integer, List<Pair>> byPatch(List<Target> group) {
        Map<Integer, List<Pair>> byPatch = new TreeMap<>();
        for (Target target : group) {
            for (int row = 0; row < target.patches().length(); row++) {
                byPatch.computeIfAbsent(target.patches().get(row), patch -> new ArrayList<>())
                        .add(new Pair(target, row));
            }
        }
        return byPatch;
    }

    private static void sweep(Stage stage, Map<Integer, List<Pair>> byPatch, Tensor x, Points points) {
        Map<Integer, List<Pair>> piece = new LinkedHashMap<>();
        int most = Math.max(1, Math.min(PAIRS, FLOATS / stage.largest()));
        int pairs = 0;
        for (Map.Entry<Integer, List<Pair>> entry : byPatch.entrySet()) {
            for (List<Pair> part : Lists.partition(entry.getValue(), most)) {
                if (pairs + part.size() > most && pairs > 0) {
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
    record Pair(Target target, int row) {
        double[] scores() {
            return target.scores().values()[row];
        }

        void change(double change) {
            target.scores().changes()[row] = change;
        }

        /** For a patch that has values which are none: a gate that is never seen to open would hide them. */
        void isNotANumber() {
            Arrays.fill(scores(), Double.NaN);
            change(Double.NaN);
        }
    }
}
