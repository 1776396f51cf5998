package io.neurflow.testkit;

import com.google.common.collect.ImmutableMap;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * Generators of networks whose circuit is known by construction. The lowest layer, {@code detect}, has one detector for each
 * feature of {@link PlantedPictures} at a shuffled place; what is above is wired by hand, among channels that are wired at
 * random and do not reach the root. Every unit of a circuit has {@link PlantedModel#coreNeurons()} planted children.
 *
 * <p>The seed decides places, weights and pictures. Single facts, for which one block is enough, are in
 * {@link PlantedBlocks}.
 */
public final class PlantedCircuits {
    private static final int PICTURES = 120;
    private static final int HELD_OUT = 60;
    private static final int CLASSES = 4;

    private PlantedCircuits() {}

    /**
     * The families that have a whole circuit as their truth, for scoreboards.
     *
     * @return generators by name
     */
    public static ImmutableMap<String, LongFunction<PlantedModel>> families() {
        return ImmutableMap.<String, LongFunction<PlantedModel>>builder()
                .put("chain", PlantedCircuits::chain)
                .put("thresholds", PlantedCircuits::thresholds)
                .put("distractors", PlantedCircuits::distractors)
                .put("inhibition", PlantedCircuits::inhibition)
                .put("polysemantic", seed -> polysemantic(seed, 2))
                .put("redundancy", PlantedCircuits::redundancy)
                .put("skip and concat", PlantedCircuits::skipAndConcat)
                .put("rotated", PlantedBlocks::rotated)
                .buildOrThrow();
    }

    static Function<Random, Set<Integer>> anyOf(int features, double share) {
        return random -> {
            Set<Integer> shown = new HashSet<>();
            for (int f = 0; f < features; f++) {
                if (random.nextDouble() < share && shown.size() < PlantedPictures.PLACES) {
                    shown.add(f);
                }
            }
            return shown;
        };
    }

    static PlantedModel finish(NetWriter w, int root, int tau, int k, Function<Random, Set<Integer>> features) {
        long seed = w.random.nextLong();
        return w.model(
                root,
                tau,
                k,
                PlantedPictures.draw(seed, PICTURES, features),
                PlantedPictures.draw(seed + 1, HELD_OUT, features));
    }

    /**
     * P1: two layers that are linear, without bias, then the logits; each unit of the circuit has three children with
     * weights of either sign.
     *
     * @param seed of everything random
     * @return the network
     */
    public static PlantedModel chain(long seed) {
        return layered("chain", seed, false, 0, 0.5);
    }

    /**
     * P2: as {@link #chain}, of rectified units with thresholds and positive weights.
     *
     * @param seed of everything random
     * @return the network
     */
    public static PlantedModel thresholds(long seed) {
        return layered("thresholds", seed, true, -0.5, 0);
    }

    /**
     * P6: as {@link #chain}, of rectified units in which one child of three inhibits.
     *
     * @param seed of everything random
     * @return the network
     */
    public static PlantedModel inhibition(long seed) {
        return layered("inhibition", seed, true, 0.1, 1);
    }

    private static PlantedModel layered(String family, long seed, boolean rectified, double bias, double negative) {
        NetWriter w = new NetWriter(family, seed);
        int[] detectors = w.detectors(0);
        int[] circuit = w.some(3, 12);
        int[] middle = w.some(6, 12);
        w.pooled();
        Kernel first = new Kernel(w.channels(), 12, 1);
        for (int unit = 0; unit < 12; unit++) {
            boolean planted = contains(middle, unit);
            int[] children = w.some(3, PlantedPictures.FEATURES);
            for (int n = 0; n < 3; n++) {
                double weight = weight(w, n, negative);
                if (planted) {
                    w.plant(first, unit, detectors[children[n]], weight, w.unpooled());
                } else {
                    first.wire(unit, detectors[children[n]], 1.5 * weight * w.unpooled());
                }
            }
            first.bias(unit, bias);
        }
        unit(w, first, rectified, "low");
        Kernel second = new Kernel(12, 12, 1);
        for (int unit = 0; unit < 12; unit++) {
            boolean planted = contains(circuit, unit);
            int[] children = planted ? middle : w.some(12, 12);
            int start = planted ? 2 * index(circuit, unit) : 0;
            for (int n = 0; n < 3; n++) {
                double weight = weight(w, n, negative);
                int child = children[(start + n) % children.length];
                if (planted) {
                    w.plant(second, unit, child, weight, 1);
                } else {
                    second.wire(unit, child, 1.5 * weight);
                }
            }
            second.bias(unit, bias);
        }
        unit(w, second, rectified, "high");
        double[] weights = {w.between(0.8, 1.2), w.between(0.8, 1.2), w.between(0.8, 1.2)};
        w.logits(CLASSES, 1, circuit, weights, others(circuit, 12));
        return finish(w, 1, 3, 20, anyOf(PlantedPictures.FEATURES, 0.35));
    }

    /** The last of three children inhibits as often as asked for. */
    private static double weight(NetWriter w, int n, double negative) {
        double sign = n == 2 && w.random.nextDouble() < negative ? -1 : 1;
        return sign * w.between(0.6, 1.4);
    }

    private static void unit(NetWriter w, Kernel kernel, boolean rectified, String name) {
        w.then(kernel.op());
        if (rectified) {
            w.then(new PlantedOp.Rectifier());
        }
        w.layer(name);
    }

    /**
     * P3: each unit has four children. Six channels beside them are always on and ten times as active, with no weight into
     * any unit; four have three times the weight, but detect what no picture shows.
     *
     * @param seed of everything random
     * @return the network
     */
    public static PlantedModel distractors(long seed) {
        NetWriter w = new NetWriter("distractors", seed);
        int[] detectors = w.detectors(6);
        int seen = PlantedPictures.FEATURES - 4;
        int[] circuit = w.some(4, 8);
        Kernel kernel = new Kernel(w.channels(), 8, 1);
        for (int unit = 0; unit < 8; unit++) {
            for (int child : w.some(4, seen)) {
                double weight = w.between(0.6, 1.4);
                if (contains(circuit, unit)) {
                    w.plant(kernel, unit, detectors[child], weight, 1);
                } else {
                    kernel.wire(unit, detectors[child], weight);
                }
            }
            for (int f = seen; f < PlantedPictures.FEATURES; f++) {
                kernel.wire(unit, detectors[f], 3 * w.between(0.6, 1.4));
            }
            kernel.bias(unit, -0.1);
        }
        unit(w, kernel, true, "units");
        double[] weights = {w.between(0.8, 1.2), w.between(0.8, 1.2), w.between(0.8, 1.2), w.between(0.8, 1.2)};
        w.logits(CLASSES, 2, circuit, weights, others(circuit, 8));
        return finish(w, 2, 4, 20, anyOf(seen, 0.4));
    }

    /**
     * P8: the root sees two units, of which one is the larger of two features that no picture shows together, and the other
     * the sum of two that always come together.
     *
     * @param seed of everything random
     * @param clutter how many other features every picture shows
     * @return the network
     */
    public static PlantedModel polysemantic(long seed, int clutter) {
        NetWriter w = new NetWriter("polysemantic", seed);
        int[] detectors = w.detectors(0);
        int[] channels = w.some(2, 8);
        Kernel split = new Kernel(w.channels(), 9, 1);
        Kernel joined = new Kernel(9, 8, 1);
        // larger of a and b: a + max(b - a, 0), at every position
        split.wire(0, detectors[0], 1);
        split.wire(8, detectors[1], 1).wire(8, detectors[0], -1);
        joined.wire(channels[0], 0, 1).wire(channels[0], 8, 1);
        w.edge(w.unit(channels[0]), w.below(detectors[0]), 1);
        w.edge(w.unit(channels[0]), w.below(detectors[1]), 1);
        split.wire(1, detectors[2], 1).wire(1, detectors[3], 1);
        joined.wire(channels[1], 1, 1);
        w.edge(w.unit(channels[1]), w.below(detectors[2]), 1);
        w.edge(w.unit(channels[1]), w.below(detectors[3]), 1);
        int next = 2;
        for (int other : others(channels, 8)) {
            for (int child : w.some(2, 14)) {
                split.wire(next, detectors[4 + child], w.between(0.6, 1.4));
            }
            joined.wire(other, next++, 1);
        }
        w.then(split.op());
        w.then(new PlantedOp.Rectifier());
        unit(w, joined, true, "units");
        w.logits(CLASSES, 0, channels, new double[] {1, w.between(0.8, 1.2)}, others(channels, 8));
        Set<Integer> pair = Set.of(2, 3);
        return finish(w, 0, 2, 30, random -> {
            int kind = random.nextInt(3);
            Set<Integer> shown = new HashSet<>(kind == 2 ? pair : Set.of(kind));
            while (shown.size() < (kind == 2 ? 2 : 1) + clutter) {
                shown.add(4 + random.nextInt(PlantedPictures.FEATURES - 4));
            }
            return shown;
        });
    }

    /**
     * P9: three times three units say the same of three features, and a unit above them that is full as soon as one of the
     * three speaks; a picture shows the features of one trio.
     *
     * @param seed of everything random
     * @return the network
     */
    public static PlantedModel redundancy(long seed) {
        NetWriter w = new NetWriter("redundancy", seed);
        int[] detectors = w.detectors(0);
        int[] trios = w.some(9, 15);
        int[] tops = w.some(3, 6);
        w.pooled();
        Kernel kernel = new Kernel(w.channels(), 15, 1);
        for (int n = 0; n < 9; n++) {
            double gain = w.between(0.9, 1.1);
            for (int f = 0; f < 3; f++) {
                w.plant(kernel, trios[n], detectors[n / 3 * 3 + f], gain, w.unpooled());
            }
            kernel.bias(trios[n], -0.2);
        }
        for (int other : others(trios, 15)) {
            for (int child : w.some(3, 9)) {
                kernel.wire(other, detectors[9 + child], w.between(0.6, 1.4) * w.unpooled());
            }
        }
        unit(w, kernel, true, "trios");
        // min(z, 1) = z - max(z - 1, 0)
        Kernel sums = new Kernel(15, 12, 1);
        Kernel full = new Kernel(12, 6, 1);
        int[] others = others(trios, 15);
        for (int top = 0; top < 6; top++) {
            boolean planted = contains(tops, top);
            for (int n = 0; n < 3; n++) {
                int child = planted ? trios[3 * index(tops, top) + n] : others[w.random.nextInt(others.length)];
                sums.wire(top, child, 1).wire(6 + top, child, 1);
                if (planted) {
                    w.edge(w.unit(top), w.below(child), 1);
                }
            }
            sums.bias(6 + top, -1);
            full.wire(top, top, 1).wire(top, 6 + top, -1);
        }
        w.then(sums.op());
        w.then(new PlantedOp.Rectifier());
        unit(w, full, true, "tops");
        // equal weights: else the root's concept would be pictures of the heaviest trio alone
        w.logits(CLASSES, 3, tops, new double[] {1, 1, 1}, others(tops, 6));
        return finish(w, 3, 3, 20, random -> {
            int trio = random.nextInt(3);
            Set<Integer> shown = new HashSet<>(Set.of(3 * trio, 3 * trio + 1, 3 * trio + 2));
            while (shown.size() < 5) {
                shown.add(9 + random.nextInt(9));
            }
            return shown;
        });
    }

    /**
     * P11: a block with a skip path, y = x + max(W x, 0), in which a unit's children are its own channel below and another;
     * then two branches, 1x1 and 3x3, one after the other along the channels.
     *
     * @param seed of everything random
     * @return the network
     */
    public static PlantedModel skipAndConcat(long seed) {
        NetWriter w = new NetWriter("skip and concat", seed);
        int[] detectors = w.detectors(0);
        int features = PlantedPictures.FEATURES;
        int start = w.last();
        int[] middle = w.some(4, features);
        Kernel residual = new Kernel(features, features, 1);
        for (int unit = 0; unit < features; unit++) {
            int child = unit;
            while (child == unit) {
                child = detectors[w.random.nextInt(features)];
            }
            double weight = w.between(0.6, 1.4);
            residual.wire(unit, child, weight);
            if (contains(middle, unit)) {
                w.edge(w.unit(unit), w.below(unit), 1);
                w.edge(w.unit(unit), w.below(child), weight);
            }
        }
        w.then(residual.op());
        int way = w.then(new PlantedOp.Rectifier());
        w.then(new PlantedOp.Sum(), way, start);
        w.layer("skip");
        int low = w.last();
        Kernel narrow = new Kernel(features, 8, 1);
        Kernel wide = new Kernel(features, 6, 3);
        int one = w.random.nextInt(8);
        int other = w.random.nextInt(6);
        for (int n = 0; n < 2; n++) {
            w.plant(narrow, one, middle[n], w.between(0.6, 1.4), 1);
            double weight = w.between(0.6, 1.4);
            for (int i = 0; i < 9; i++) {
                wide.wire(other, middle[2 + n], i / 3, i % 3, weight / 5);
            }
            // a kernel of nine taps passes 49 of 81 pairs of positions on a 3x3 map
            w.edge(w.unit(8 + other), w.below(middle[2 + n]), weight / 5 * 49 / 9);
            for (int unit = 0; unit < 8; unit++) {
                if (unit != one) {
                    narrow.wire(unit, w.random.nextInt(features), w.between(0.6, 1.4));
                }
                if (unit < 6 && unit != other) {
                    wide.wire(unit, w.random.nextInt(features), n, 1 - n, w.between(0.6, 1.4));
                }
            }
        }
        int left = w.then(narrow.op(), low);
        int right = w.then(wide.op(), low);
        w.then(new PlantedOp.Concatenation(), left, right);
        w.then(new PlantedOp.Rectifier());
        w.layer("concat");
        int[] ends = {one, 8 + other};
        w.logits(CLASSES, 1, ends, new double[] {1, w.between(0.8, 1.2)}, others(ends, 14));
        return finish(w, 1, 2, 20, anyOf(features, 0.35));
    }

    static boolean contains(int[] values, int value) {
        return index(values, value) >= 0;
    }

    static int index(int[] values, int value) {
        return IntStream.range(0, values.length)
                .filter(i -> values[i] == value)
                .findFirst()
                .orElse(-1);
    }

    static int[] others(int[] taken, int of) {
        return IntStream.range(0, of).filter(i -> !contains(taken, i)).toArray();
    }
}
