package io.neurflow.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.graph.Op.Padding;
import io.neurflow.core.graph.Op.Window;
import io.neurflow.core.graph.Weights;
import io.neurflow.core.reference.ReferenceProbe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One operator at a time, between two layers: values and gradients of CudaProbe against those of the reference probe. */
class EveryCudaOperatorTest {
    private static final long SEED = 20261122;
    private static final double TOLERANCE = 1e-5;

    /** An operator on values of some shapes; the first is the layer's, the others are made from it. */
    record Case(String name, Op op, Shape shape, int inputs) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        List<Case> all = new ArrayList<>();
        all.add(conv("1x1", 6, 5, 1, window(1, 1, 1, 1, Padding.NONE)));
        all.add(conv("1x1 stride 2", 6, 5, 1, window(1, 1, 2, 1, Padding.NONE)));
        all.add(conv("3x3 padded", 6, 5, 1, window(3, 3, 1, 1, new Padding(1, 1, 1, 1))));
        all.add(conv("3x3 stride 2 padded", 6, 5, 1, window(3, 3, 2, 1, new Padding(1, 1, 1, 1))));
        all.add(conv("5x3 stride 3", 6, 4, 1, window(5, 3, 3, 1, new Padding(2, 1, 2, 1))));
        all.add(conv("1x7", 6, 4, 1, window(1, 7, 1, 1, new Padding(0, 3, 0, 3))));
        all.add(conv("3x3 padded on two sides", 6, 5, 1, window(3, 3, 2, 1, new Padding(0, 0, 1, 1))));
        all.add(conv("3x3 padded unevenly", 6, 5, 1, window(3, 3, 1, 1, new Padding(2, 0, 1, 3))));
        all.add(conv("3x3 dilated", 6, 5, 1, window(3, 3, 1, 2, new Padding(2, 2, 2, 2))));
        all.add(conv("3x3 dilated stride 2", 6, 5, 1, window(3, 3, 2, 2, new Padding(2, 2, 2, 2))));
        all.add(conv("two groups", 6, 4, 2, window(3, 3, 1, 1, new Padding(1, 1, 1, 1))));
        all.add(conv("two groups stride 2", 6, 8, 2, window(3, 3, 2, 1, new Padding(1, 1, 1, 1))));
        all.add(conv("depthwise", 6, 6, 6, window(3, 3, 1, 1, new Padding(1, 1, 1, 1))));
        all.add(conv("depthwise stride 2", 6, 6, 6, window(3, 3, 2, 1, new Padding(1, 1, 1, 1))));
        all.add(conv("depthwise uneven, two each", 6, 12, 6, window(3, 3, 2, 1, new Padding(0, 1, 1, 0))));
        Op.Conv unbiased = new Op.Conv(window(2, 2, 2, 1, Padding.NONE), 1, 6, 3, random(72), Optional.empty());
        all.add(map("Conv without bias", unbiased));
        all.add(map("Affine per channel", new Op.Affine(random(6), random(6))));
        all.add(map("Affine for all", new Op.Affine(random(1), random(1))));
        for (Function f : Function.values()) {
            double a = f == Function.CLIP ? -0.4 : 0.2;
            all.add(map(f.name(), new Op.Elementwise(f, a, f == Function.CLIP ? 0.7 : 0.5)));
        }
        all.add(map("CLIP from below", new Op.Elementwise(Function.CLIP, 0.1, Double.POSITIVE_INFINITY)));
        pools(all);
        all.add(map("GlobalAveragePool", new Op.GlobalAveragePool()));
        all.add(map("GlobalMaxPool", new Op.GlobalMaxPool()));
        all.add(new Case("Dense", new Op.Dense(9, 4, random(36), Optional.of(random(4))), Shape.units(9), 1));
        all.add(new Case("Dense without bias", new Op.Dense(9, 4, random(36), Optional.empty()), Shape.units(9), 1));
        all.add(new Case("Add", new Op.Add(), new Shape(6, 9, 8), 2));
        all.add(new Case("Mul", new Op.Mul(), new Shape(6, 9, 8), 2));
        all.add(new Case("Concat", new Op.Concat(), new Shape(6, 9, 8), 3));
        all.add(map("Pad", new Op.Pad(new Padding(1, 0, 2, 3), 0.7)));
        all.add(map("SelectChannels", new Op.SelectChannels(ImmutableIntArray.of(4, 1, 1, 5))));
        all.add(new Case(
                "SelectChannels of a flat value",
                new Op.SelectChannels(ImmutableIntArray.of(3, 0, 3)),
                Shape.units(9),
                1));
        all.add(map("Reshape to flat", new Op.Reshape(ImmutableIntArray.of(432))));
        all.add(map("Reshape to another map", new Op.Reshape(ImmutableIntArray.of(9, 6, 8))));
        all.add(map("Lrn of odd size", new Op.Lrn(5, 0.9, 0.75, 1)));
        all.add(map("Lrn of even size", new Op.Lrn(4, 0.9, 0.6, 2)));
        all.add(new Case("Softmax", new Op.Softmax(), Shape.units(9), 1));
        return all.stream();
    }

    private static void pools(List<Case> all) {
        Window plain = window(3, 3, 2, 1, Padding.NONE);
        Window same = window(3, 3, 1, 1, new Padding(1, 1, 1, 1));
        Window uneven = window(3, 2, 2, 1, new Padding(0, 0, 1, 1));
        Window ceil = new Window(3, 3, 2, 2, 1, 1, Padding.NONE, true);
        Window ceilPadded = new Window(3, 2, 3, 3, 1, 1, new Padding(1, 1, 1, 0), true);
        all.add(map("MaxPool", new Op.MaxPool(plain)));
        all.add(map("MaxPool padded", new Op.MaxPool(same)));
        all.add(map("MaxPool padded unevenly", new Op.MaxPool(uneven)));
        all.add(map("MaxPool with ceiling", new Op.MaxPool(ceil)));
        all.add(map("MaxPool padded with ceiling", new Op.MaxPool(ceilPadded)));
        all.add(map("MaxPool dilated", new Op.MaxPool(window(2, 2, 1, 2, Padding.NONE))));
        for (boolean counts : new boolean[] {false, true}) {
            String how = counts ? ", padding counts" : "";
            all.add(map("AveragePool" + how, new Op.AveragePool(plain, counts)));
            all.add(map("AveragePool padded" + how, new Op.AveragePool(same, counts)));
            all.add(map("AveragePool padded unevenly" + how, new Op.AveragePool(uneven, counts)));
            all.add(map("AveragePool with ceiling" + how, new Op.AveragePool(ceil, counts)));
            all.add(map("AveragePool padded with ceiling" + how, new Op.AveragePool(ceilPadded, counts)));
        }
    }

    private static Case map(String name, Op op) {
        return new Case(name, op, new Shape(6, 9, 8), 1);
    }

    private static Case conv(String name, int in, int out, int groups, Window window) {
        int weights = out * (in / groups) * window.height() * window.width();
        return map("Conv " + name, new Op.Conv(window, groups, in, out, random(weights), Optional.of(random(out))));
    }

    private static Window window(int height, int width, int stride, int dilation, Padding padding) {
        return new Window(height, width, stride, stride, dilation, dilation, padding, false);
    }

    private static Weights random(int count) {
        return SmallNets.weights(new Random(SEED + count), count, 0.5);
    }

    static GraphLayers graph(Case c) {
        NetworkGraph.Builder builder = NetworkGraph.builder(c.name, "none", c.shape);
        int layer = builder.add("in", "in", "", new Op.Affine(Weights.of(1), Weights.of(0)), NetworkGraph.INPUT);
        if (c.shape.positions() == 1) {
            ImmutableIntArray flat = ImmutableIntArray.of(c.shape.channels());
            layer = builder.add("flat", "flat", "", new Op.Reshape(flat), layer);
        }
        int[] inputs = new int[c.inputs];
        inputs[0] = layer;
        for (int i = 1; i < c.inputs; i++) {
            inputs[i] = builder.add("s" + i, "s" + i, "", new Op.Affine(random(6), random(6)), inputs[0]);
        }
        int out = builder.add("out", "out", "", c.op, inputs);
        // A layer above a softmax, so that it is not taken off as the one that follows the logits.
        int top = builder.add("top", "top", "", new Op.Affine(Weights.of(2), Weights.of(0)), out);
        return GraphLayers.of(builder.build(top), ImmutableMap.of("below", layer));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void valuesAndGradientsAreThoseOfTheReference(Case c) {
        GraphLayers layers = graph(c);
        float[] values = random(3 * c.shape.size()).toFloats();
        Tensor x = Tensor.ofFloats(3, c.shape, values);
        try (CudaProbe fast = CudaProbe.on(layers, "on the host", List.of(HostDriver.large()));
                ReferenceProbe slow = ReferenceProbe.open(layers)) {
            Layer from = fast.layers().get(0);
            Layer to = fast.logits();
            close(slow.forward(from, x, to), fast.forward(from, x, to), c + ": value");
            Quadrature rule = Quadrature.gaussLegendre(5);
            close(
                    scores(slow.importance(from, x, to.neuron(0), rule)),
                    scores(fast.importance(from, x, to.neuron(0), rule)),
                    c + ": scores");
            for (int channel = 0; channel < to.shape().channels(); channel += 3) {
                close(
                        slow.gradient(from, x, to.neuron(channel)),
                        fast.gradient(from, x, to.neuron(channel)),
                        c + ": gradient of channel " + channel);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsOfAFewMixedChannelsAreThoseOfTheReference(Case c) {
        // A pointwise mixture on top: the whole operator is needed, not one row of it.
        GraphLayers plain = graph(c);
        NetworkGraph.Builder builder = NetworkGraph.builder(c.name, "none", c.shape);
        plain.graph()
                .nodes()
                .forEach(n -> builder.add(
                        n.name(),
                        n.value(),
                        "",
                        n.op(),
                        n.inputs().stream().mapToInt(i -> i).toArray()));
        int top = plain.graph().output().index();
        Shape shape = plain.graph().shape(top);
        int size = shape.size();
        int flat = builder.add("flatten", "flatten", "", new Op.Reshape(ImmutableIntArray.of(size)), top);
        int mixed = builder.add("mix", "mix", "", new Op.Dense(size, 2, random(2 * size), Optional.empty()), flat);
        GraphLayers layers = GraphLayers.of(
                builder.build(mixed), ImmutableMap.of("below", plain.values().get(0)));
        Tensor x = Tensor.ofFloats(2, c.shape, random(2 * c.shape.size()).toFloats());
        try (CudaProbe fast = CudaProbe.on(layers, "on the host", List.of(HostDriver.large()));
                ReferenceProbe slow = ReferenceProbe.open(layers)) {
            Layer from = fast.layers().get(0);
            close(
                    slow.gradient(from, x, fast.logits().neuron(1)),
                    fast.gradient(from, x, fast.logits().neuron(1)),
                    c + ": gradient of a mixture");
        }
    }

    private static Tensor scores(ImportanceScores scores) {
        double[] all =
                Arrays.stream(scores.values()).flatMapToDouble(Arrays::stream).toArray();
        return Tensor.ofDoubles(scores.patches(), Shape.units(all.length / scores.patches()), all);
    }

    private static void close(Tensor expected, Tensor actual, String what) {
        double[] e = expected.toDoubles();
        double[] a = actual.toDoubles();
        double largest = Arrays.stream(e).map(Math::abs).max().orElse(0);
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        for (int i = 0; i < e.length; i++) {
            assertThat(a[i])
                    .as("%s, at %s of %s", what, i, expected.shape())
                    .isCloseTo(e[i], Offset.offset(TOLERANCE * Math.max(largest, 1e-6)));
        }
    }
}
