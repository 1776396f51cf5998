package io.neurflow.core.ray;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import java.util.Optional;
import java.util.stream.IntStream;

/** What the targets of a layer that come about by the same way share: the values of gates at x = 0, the middle convolution. */
final class Stage {
    /** A way between two values; -1 where there is no gate, or no middle convolution. */
    record Key(int from, int source, int u, int gate, int middle, double slope) {
        static Key of(int from, Route route) {
            return route.gated()
                    .map(g -> new Key(
                            from,
                            g.source(),
                            g.u(),
                            g.gate(),
                            g.middle().map(Route.Middle::node).orElse(NONE),
                            g.middle().map(Route.Middle::slope).orElse(0.0)))
                    .orElse(new Key(from, from, NONE, NONE, NONE, 0));
        }
    }

    private static final int NONE = Integer.MIN_VALUE;

    final NetworkGraph graph;
    final Numerics numerics;
    final Key key;
    /** u(0); empty without gates. */
    final float[] c;

    final Optional<MiddleStage> middle;
    /** What is between the source and the first gate, if it is simple. */
    final Optional<Pointwise> pointwise;

    private final float[] bias;

    Stage(NetworkGraph graph, Numerics numerics, Key key) {
        this.graph = graph;
        this.numerics = numerics;
        this.key = key;
        this.c = key.u() == NONE ? new float[0] : prefix(new float[size(key.source())], 1);
        if (key.middle() == NONE) {
            pointwise = key.u() == NONE ? Optional.empty() : Pointwise.of(graph, key.source(), key.u());
            middle = Optional.empty();
            bias = new float[0];
            return;
        }
        pointwise = Optional.empty();
        Op.Conv conv = (Op.Conv) graph.nodes().get(key.middle()).op();
        float slope = (float) slope(key.gate());
        bias = conv.bias().map(b -> b.toFloats()).orElse(new float[conv.outChannels()]);
        float[] gated = new float[c.length];
        for (int i = 0; i < c.length; i++) {
            gated[i] = c[i] > 0 ? c[i] : slope * c[i];
        }
        float[] atZero = numerics.forward(key.gate(), key.middle(), gated, 1);
        ImmutableIntArray in = graph.dimensions(key.gate());
        middle = Optional.of(new MiddleStage(conv, key.slope(), in.get(1), in.get(2), atZero));
    }

    /** u for items of the source. */
    float[] prefix(float[] source, int count) {
        return key.source() == key.u() ? source.clone() : numerics.forward(key.source(), key.u(), source, count);
    }

    /** The transposed way back from u to the source. */
    float[] pullback(float[] cotangents, int count) {
        return key.source() == key.u() ? cotangents : numerics.pullback(key.source(), key.u(), cotangents, count);
    }

    /** The linear part of the middle convolution for values of u that the gates at x = 0 let through. */
    float[] slopes(float[] d, int count) {
        float slope = (float) slope(key.gate());
        float[] gated = new float[d.length];
        IntStream.range(0, count).parallel().forEach(item -> {
            for (int i = 0, at = item * c.length; i < c.length; i++, at++) {
                gated[at] = c[i] > 0 ? d[at] : slope * d[at];
            }
        });
        float[] out = numerics.forward(key.gate(), key.middle(), gated, count);
        int positions = size(key.middle()) / bias.length;
        IntStream.range(0, count * bias.length).parallel().forEach(map -> {
            float shift = bias[map % bias.length];
            for (int at = map * positions; at < (map + 1) * positions; at++) {
                out[at] -= shift;
            }
        });
        return out;
    }

    double slope(int gate) {
        Op.Elementwise function = (Op.Elementwise) graph.nodes().get(gate).op();
        return function.function() == Op.Elementwise.Function.LEAKY_RELU ? function.a() : 0;
    }

    /** The size of the largest value that is held for each pair of a patch and a target. */
    int largest() {
        int largest = Math.max(c.length, size(key.source()));
        return key.middle() == NONE ? largest : Math.max(largest, size(key.middle()));
    }

    int size(int value) {
        return graph.dimensions(value).stream().reduce(1, Math::multiplyExact);
    }

    int channels(int value) {
        return graph.dimensions(value).get(0);
    }
}
