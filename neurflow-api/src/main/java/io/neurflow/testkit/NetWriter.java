package io.neurflow.testkit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.Ints;
import io.neurflow.api.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** Writes a network and, edge by edge, the truth about it. */
final class NetWriter {
    final Random random;

    private final String family;
    private final long seed;
    private final List<PlantedNet.Step> steps = new ArrayList<>();
    private final ImmutableSortedMap.Builder<Integer, String> layers = ImmutableSortedMap.naturalOrder();
    private final List<Shape> shapes = new ArrayList<>(List.of(PlantedPictures.INPUT));
    private final Map<List<PlantedUnit>, Double> edges = new LinkedHashMap<>();
    private final Map<PlantedUnit, Set<Integer>> features = new LinkedHashMap<>();
    private int layer = -1;

    NetWriter(String family, long seed) {
        this.family = family;
        this.seed = seed;
        this.random = new Random(seed);
    }

    int last() {
        return steps.size();
    }

    int channels() {
        return shapes.get(last()).channels();
    }

    /** Adds a step; without inputs it reads the last value. */
    int then(PlantedOp op, int... inputs) {
        List<Integer> from = inputs.length == 0 ? List.of(last()) : Ints.asList(inputs);
        shapes.add(PlantedArithmetic.shape(op, from.stream().map(shapes::get).toList()));
        steps.add(new PlantedNet.Step(op, ImmutableList.copyOf(from)));
        return last();
    }

    /** Makes the last value a layer. */
    NetWriter layer(String name) {
        layers.put(last(), name);
        layer++;
        return this;
    }

    /** A unit of the layer that is being written, or of the one below it. */
    PlantedUnit unit(int channel) {
        return new PlantedUnit(layer + 1, channel);
    }

    PlantedUnit below(int channel) {
        return new PlantedUnit(layer, channel);
    }

    /**
     * The lowest layer: a detector for each feature, and channels that are always on, at shuffled places.
     *
     * @return channels of the features, then those that are always on
     */
    int[] detectors(int loud) {
        int count = PlantedPictures.FEATURES + loud;
        int[] places = some(count, count);
        Kernel kernel = new Kernel(PlantedPictures.INPUT.channels(), count, 3);
        for (int f = 0; f < PlantedPictures.FEATURES; f++) {
            for (int i = 0; i < 9; i++) {
                kernel.wire(places[f], Glyphs.colour(f), i / 3, i % 3, Glyphs.GAIN * Glyphs.kernel(f, i));
            }
            kernel.bias(places[f], -Glyphs.GAIN * Glyphs.THRESHOLD);
        }
        for (int n = PlantedPictures.FEATURES; n < count; n++) {
            for (int colour = 0; colour < 3; colour++) {
                kernel.wire(places[n], colour, random.nextDouble());
            }
            kernel.bias(places[n], 2 + 2 * random.nextDouble());
        }
        then(kernel.op());
        then(new PlantedOp.Rectifier());
        then(new PlantedOp.MaxPool(4));
        layer("detect");
        for (int f = 0; f < PlantedPictures.FEATURES; f++) {
            features.put(below(places[f]), Set.of(f));
        }
        return places;
    }

    /** Takes the mean over positions, so that units above it see what is anywhere in a picture. */
    void pooled() {
        then(new PlantedOp.GlobalAverage());
    }

    /** What turns the mean of a detector's map back into about 1 for one glyph. */
    double unpooled() {
        return PlantedPictures.PLACES;
    }

    /** An edge of the truth; the parent answers to whatever the child answers to. */
    void edge(PlantedUnit parent, PlantedUnit child, double weight) {
        // as the kernel has it, in single precision
        edges.merge(List.of(parent, child), (double) (float) weight, Double::sum);
        if (weight > 0) {
            features.computeIfAbsent(parent, p -> new LinkedHashSet<>()).addAll(features.getOrDefault(child, Set.of()));
        }
    }

    /** Wires a child through the middle of the kernel and says so in the truth. */
    void plant(Kernel kernel, int parent, int child, double weight, double scale) {
        kernel.wire(parent, child, weight * scale);
        edge(unit(parent), below(child), weight * scale);
    }

    /** Distinct channels at random. */
    int[] some(int count, int of) {
        List<Integer> all = new ArrayList<>(IntStream.range(0, of).boxed().toList());
        Collections.shuffle(all, random);
        return Ints.toArray(all.subList(0, count));
    }

    /** Uniform between two values. */
    double between(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    double sign() {
        return random.nextBoolean() ? 1 : -1;
    }

    /** A linear layer of logits from the mean over positions. */
    void logits(int classes, int root, int[] children, double[] weights, int[] others) {
        if (shapes.get(last()).positions() > 1) {
            pooled();
        }
        Kernel kernel = new Kernel(channels(), classes, 1);
        for (int c = 0; c < classes; c++) {
            for (int n = 0; n < children.length; n++) {
                if (c == root) {
                    plant(kernel, c, children[n], weights[n], 1);
                } else {
                    kernel.wire(c, others[random.nextInt(others.length)], between(0.5, 1.5));
                }
            }
        }
        then(kernel.op());
        layer("logits");
    }

    /** The circuit below the root: only edges from which a way leads up to it. */
    PlantedModel model(int root, int tau, int k, PlantedPictures pictures, PlantedPictures heldOut) {
        PlantedUnit top = new PlantedUnit(layer, root);
        Set<PlantedUnit> reached = new LinkedHashSet<>(Set.of(top));
        ImmutableList.Builder<PlantedEdge> circuit = ImmutableList.builder();
        for (int upper = layer; upper > 0; upper--) {
            int here = upper;
            edges.forEach((ends, weight) -> {
                if (ends.get(0).layer() == here && reached.contains(ends.get(0))) {
                    reached.add(ends.get(1));
                    circuit.add(new PlantedEdge(ends.get(0), ends.get(1), weight));
                }
            });
        }
        ImmutableSetMultimap.Builder<PlantedUnit, Integer> drivers = ImmutableSetMultimap.builder();
        features.forEach((unit, some) -> {
            if (reached.contains(unit)) {
                drivers.putAll(unit, some);
            }
        });
        PlantedNet net = new PlantedNet(
                family + " " + seed, PlantedPictures.INPUT, ImmutableList.copyOf(steps), layers.buildOrThrow());
        return new PlantedModel(
                family, seed, net, new PlantedTruth(top, circuit.build(), drivers.build()), k, tau, pictures, heldOut);
    }
}
