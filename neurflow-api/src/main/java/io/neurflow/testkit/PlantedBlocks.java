package io.neurflow.testkit;

import static io.neurflow.testkit.PlantedCircuits.anyOf;
import static io.neurflow.testkit.PlantedCircuits.finish;
import static io.neurflow.testkit.PlantedCircuits.others;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Generators of small networks of which one fact is known: the counterpart of {@link PlantedCircuits} for single blocks. */
public final class PlantedBlocks {
    private PlantedBlocks() {}

    /**
     * P4: one rectified unit over ten detectors. Three have weights near 1 and are rarely shown, seven have weights near 0.4
     * and are often shown: which three matter most for the concept is for brute force to say. The root is the unit itself,
     * at the place of a logit.
     *
     * @param seed of everything random
     * @return the network; of the truth, the edges are all that is wired
     */
    public static PlantedModel weakAndStrong(long seed) {
        NetWriter w = new NetWriter("weak and strong", seed);
        int[] detectors = w.detectors(0);
        w.pooled();
        Kernel kernel = new Kernel(w.channels(), 2, 1);
        for (int n = 0; n < 10; n++) {
            w.plant(kernel, 0, detectors[n], n < 3 ? w.between(0.8, 1.2) : w.between(0.3, 0.5), w.unpooled());
        }
        kernel.bias(0, -0.3);
        kernel.wire(1, detectors[11], w.unpooled());
        w.then(kernel.op());
        w.layer("unit");
        return finish(w, 0, 3, 20, random -> {
            Set<Integer> shown = new HashSet<>();
            for (int n = 0; n < 10 && shown.size() < PlantedPictures.PLACES; n++) {
                if (random.nextDouble() < (n < 3 ? 0.25 : 0.55)) {
                    shown.add(n);
                }
            }
            return shown;
        });
    }

    /**
     * P5: unit 0 is main + 2 max(s - 2 g, 0) - s + 2 h, so that s speaks for it in pictures without g and against it in
     * pictures with g, which are half of them; h is shown with g and makes up for it. {@code truth().edges()}: the three
     * channels that are main, then s, g and h.
     *
     * @param seed of everything random
     * @return the network
     */
    public static PlantedModel cancelling(long seed) {
        NetWriter w = new NetWriter("cancelling", seed);
        int[] detectors = w.detectors(0);
        w.pooled();
        double one = w.unpooled();
        Kernel first = new Kernel(w.channels(), 4, 1);
        for (int n = 0; n < 3; n++) {
            w.plant(first, 0, detectors[n], 0.5, one);
        }
        first.wire(1, detectors[3], one);
        first.wire(2, detectors[3], one).wire(2, detectors[4], -2 * one);
        w.edge(w.unit(0), w.below(detectors[3]), one);
        w.edge(w.unit(0), w.below(detectors[4]), -one);
        w.plant(first, 0, detectors[5], 2, one);
        first.wire(3, detectors[6], one);
        w.then(first.op());
        w.then(new PlantedOp.Rectifier());
        Kernel second = new Kernel(4, 2, 1);
        second.wire(0, 0, 1).wire(0, 1, -1).wire(0, 2, 2).bias(0, 2).wire(1, 3, 1);
        w.then(second.op());
        w.layer("unit");
        return finish(w, 0, 3, 60, random -> {
            Set<Integer> shown = new HashSet<>(Set.of(0, 1, 2, 3));
            if (random.nextBoolean()) {
                shown.addAll(Set.of(4, 5));
            }
            return shown;
        });
    }

    /** Two ways in which two children make one parent. */
    public enum Gate {
        /** max(a, b): each makes up for the other. */
        OR,
        /** min(a, b): neither will do alone. */
        AND
    }

    /**
     * P10: the logit is an OR or an AND of two units that are both on in every picture.
     *
     * @param seed of everything random
     * @param gate which
     * @return the network
     */
    public static PlantedModel gate(long seed, Gate gate) {
        NetWriter w = new NetWriter("gate " + gate, seed);
        int[] detectors = w.detectors(0);
        w.pooled();
        int[] inputs = w.some(2, 6);
        Kernel units = new Kernel(w.channels(), 6, 1);
        for (int unit = 0; unit < 6; unit++) {
            int place = PlantedCircuits.index(inputs, unit);
            int feature = place >= 0 ? place : 2 + unit;
            if (place >= 0) {
                w.plant(units, unit, detectors[feature], 1, w.unpooled());
            } else {
                units.wire(unit, detectors[feature], w.unpooled());
            }
        }
        w.then(units.op());
        w.layer("inputs");
        // max(a, b) = a + max(b - a, 0), min(a, b) = a - max(a - b, 0)
        Kernel parts = new Kernel(6, 2, 1);
        Kernel top = new Kernel(2, 3, 1);
        parts.wire(0, inputs[0], 1);
        double sign = gate == Gate.OR ? 1 : -1;
        parts.wire(1, inputs[1], sign).wire(1, inputs[0], -sign);
        top.wire(1, 0, 1).wire(1, 1, sign);
        w.edge(w.unit(1), w.below(inputs[0]), 1);
        w.edge(w.unit(1), w.below(inputs[1]), 1);
        w.then(parts.op());
        w.then(new PlantedOp.Rectifier());
        w.then(top.op());
        w.layer("logits");
        return finish(w, 1, 2, 20, random -> {
            Set<Integer> shown = new HashSet<>(Set.of(0, 1));
            while (shown.size() < 4) {
                shown.add(4 + random.nextInt(4));
            }
            return shown;
        });
    }

    /**
     * P12: the logit of class 0 adds up three features of the thing and, with the largest weight, a watermark. Pictures show
     * the thing, nearly all of them with the watermark; held-out pictures show the things of class 1 with the watermark, which
     * the network takes for class 0.
     *
     * @param seed of everything random
     * @return the network; feature 12 is the watermark, child {@code truth().into(root).get(0)} its unit
     */
    public static PlantedModel shortcut(long seed) {
        NetWriter w = new NetWriter("shortcut", seed);
        int[] detectors = w.detectors(0);
        w.pooled();
        int[] units = w.some(8, 12);
        Kernel kernel = new Kernel(w.channels(), 12, 1);
        for (int n = 0; n < 7; n++) {
            w.plant(kernel, units[n], detectors[n], 1, w.unpooled());
        }
        w.plant(kernel, units[7], detectors[12], 1, w.unpooled());
        for (int other : others(units, 12)) {
            kernel.wire(other, detectors[13 + w.random.nextInt(5)], w.unpooled());
        }
        w.then(kernel.op());
        w.then(new PlantedOp.Rectifier());
        w.layer("units");
        Kernel logits = new Kernel(12, 2, 1);
        for (int n = 0; n < 3; n++) {
            w.plant(logits, 0, units[n], 1, 1);
            logits.wire(1, units[3 + n], 1);
        }
        w.plant(logits, 0, units[7], 5, 1);
        w.then(logits.op());
        w.layer("logits");
        long pictures = w.random.nextLong();
        return w.model(
                0,
                4,
                30,
                PlantedPictures.draw(pictures, 120, random -> {
                    Set<Integer> shown = new HashSet<>(Set.of(0, 1, 2));
                    if (random.nextDouble() < 0.7) {
                        shown.add(12);
                    }
                    shown.add(13 + random.nextInt(5));
                    return shown;
                }),
                PlantedPictures.draw(pictures + 1, 60, random -> {
                    Set<Integer> shown = new HashSet<>(Set.of(3, 4, 5));
                    if (random.nextBoolean()) {
                        shown.add(12);
                    }
                    shown.add(13 + random.nextInt(5));
                    return shown;
                }));
    }

    /**
     * P13: nothing to find. Every detector is wired into the logit with the same weight, and all features are equally likely: no
     * set of channels is better than another of its size but by the luck of the pictures.
     *
     * @param seed of everything random
     * @return the network; the truth has no edges
     */
    public static PlantedModel alike(long seed) {
        NetWriter w = new NetWriter("alike", seed);
        int[] detectors = w.detectors(0);
        w.pooled();
        Kernel logits = new Kernel(w.channels(), 2, 1);
        for (int detector : detectors) {
            logits.wire(0, detector, w.unpooled()).wire(1, detector, 1);
        }
        w.then(logits.op());
        w.layer("logits");
        return finish(w, 0, 4, 20, anyOf(PlantedPictures.FEATURES, 0.3));
    }

    /**
     * P14: one linear unit over four detectors, and pictures of which many come from one image.
     *
     * @param seed of everything random
     * @param images how many images
     * @param perImage pictures of each
     * @return the network
     */
    public static PlantedModel duplicates(long seed, int images, int perImage) {
        // the network is the same for every seed: only the pictures are drawn again
        NetWriter w = new NetWriter("duplicates", 1);
        int[] detectors = w.detectors(0);
        w.pooled();
        Kernel kernel = new Kernel(w.channels(), 2, 1);
        double[] weights = {1, 0.8, 0.6, -0.5};
        for (int n = 0; n < 4; n++) {
            w.plant(kernel, 0, detectors[n], weights[n], w.unpooled());
        }
        kernel.wire(1, detectors[5], w.unpooled());
        w.then(kernel.op());
        w.layer("unit");
        return w.model(
                0,
                4,
                images * perImage,
                PlantedPictures.draw(seed, images, perImage, anyOf(8, 0.5)),
                PlantedPictures.draw(seed + 1_000_000, images, perImage, anyOf(8, 0.5)));
    }

    /**
     * P15: the second layer holds sixteen features in a random rotation, so that each channel says a little of every one; the
     * logit reads one feature out of it. The edges say what is wired, but four children are far from all: nothing that names
     * four channels can be right.
     *
     * @param seed of everything random
     * @return the network
     */
    public static PlantedModel rotated(long seed) {
        NetWriter w = new NetWriter("rotated", seed);
        int[] detectors = w.detectors(0);
        w.pooled();
        double[][] rotation = rotation(w, 16);
        Kernel mixed = new Kernel(w.channels(), 16, 1);
        for (int unit = 0; unit < 16; unit++) {
            for (int f = 0; f < 16; f++) {
                w.plant(mixed, unit, detectors[f], rotation[unit][f], w.unpooled());
            }
        }
        w.then(mixed.op());
        w.layer("mixed");
        Kernel logits = new Kernel(16, 2, 1);
        for (int unit = 0; unit < 16; unit++) {
            w.plant(logits, 0, unit, rotation[unit][0], 1);
            logits.wire(1, unit, rotation[unit][1]);
        }
        w.then(logits.op());
        w.layer("logits");
        return finish(w, 0, 4, 20, anyOf(PlantedPictures.FEATURES, 0.35));
    }

    /** Rows are orthonormal, by Gram and Schmidt. */
    private static double[][] rotation(NetWriter w, int n) {
        double[][] rows = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                rows[i][j] = w.random.nextGaussian();
            }
            for (int before = 0; before < i; before++) {
                double along = dot(rows[i], rows[before]);
                for (int j = 0; j < n; j++) {
                    rows[i][j] -= along * rows[before][j];
                }
            }
            double length = Math.sqrt(dot(rows[i], rows[i]));
            for (int j = 0; j < n; j++) {
                rows[i][j] /= length;
            }
        }
        return rows;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * P17: the same network with the channels of every layer but the logits in another order.
     *
     * @param model whose layers come out of convolutions and rectifiers alone, as those of {@link PlantedCircuits#chain} and
     *     {@link PlantedCircuits#thresholds}
     * @param seed of the order
     * @return the network with its truth in the new order, and the same pictures
     */
    public static PlantedModel permuted(PlantedModel model, long seed) {
        java.util.Random random = new java.util.Random(seed);
        List<PlantedNet.Step> steps = new ArrayList<>();
        List<int[]> orders = new ArrayList<>();
        int[] below = {0, 1, 2};
        int logits = model.net().layers().size() - 1;
        for (PlantedNet.Step step : model.net().steps()) {
            PlantedOp op = step.op();
            if (op instanceof PlantedOp.Convolution conv) {
                int[] here = orders.size() == logits ? new int[0] : shuffled(conv.out(), random);
                if (here.length == 0) {
                    here = java.util.stream.IntStream.range(0, conv.out()).toArray();
                }
                op = permuted(conv, below, here);
                below = here;
                orders.add(here);
            }
            steps.add(new PlantedNet.Step(op, step.inputs()));
        }
        PlantedTruth truth = model.truth();
        ImmutableSetMultimap.Builder<PlantedUnit, Integer> features = ImmutableSetMultimap.builder();
        truth.features().asMap().forEach((unit, some) -> features.putAll(moved(unit, orders), some));
        return new PlantedModel(
                model.family(),
                model.seed(),
                new PlantedNet(
                        model.net().name() + ", permuted by " + seed,
                        model.net().input(),
                        ImmutableList.copyOf(steps),
                        ImmutableSortedMap.copyOf(model.net().layers())),
                new PlantedTruth(
                        truth.root(),
                        truth.edges().stream()
                                .map(e -> new PlantedEdge(
                                        moved(e.parent(), orders), moved(e.child(), orders), e.weight()))
                                .collect(ImmutableList.toImmutableList()),
                        features.build()),
                model.topPatches(),
                model.coreNeurons(),
                model.pictures(),
                model.heldOut());
    }

    private static PlantedUnit moved(PlantedUnit unit, List<int[]> orders) {
        return new PlantedUnit(unit.layer(), orders.get(unit.layer())[unit.channel()]);
    }

    private static int[] shuffled(int count, java.util.Random random) {
        List<Integer> all = new ArrayList<>(
                java.util.stream.IntStream.range(0, count).boxed().toList());
        java.util.Collections.shuffle(all, random);
        return all.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Input channel i is found at {@code in[i]} now, output channel o goes to {@code out[o]}. */
    private static PlantedOp.Convolution permuted(PlantedOp.Convolution conv, int[] in, int[] out) {
        int taps = conv.size() * conv.size();
        double[] weights = new double[conv.weights().length()];
        double[] bias = new double[conv.out()];
        for (int o = 0; o < conv.out(); o++) {
            bias[out[o]] = conv.bias().get(o);
            for (int i = 0; i < conv.in(); i++) {
                for (int t = 0; t < taps; t++) {
                    weights[(out[o] * conv.in() + in[i]) * taps + t] =
                            conv.weights().get((o * conv.in() + i) * taps + t);
                }
            }
        }
        return new PlantedOp.Convolution(
                conv.in(),
                conv.out(),
                conv.size(),
                ImmutableDoubleArray.copyOf(weights),
                ImmutableDoubleArray.copyOf(bias));
    }
}
