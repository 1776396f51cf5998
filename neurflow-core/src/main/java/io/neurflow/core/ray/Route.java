package io.neurflow.core.ray;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How one channel comes about from a lower layer, if it does so in a way that the engine knows: a sum of rows of
 * convolutions, under at most one gate, where at most one row reads gated values
 *
 * <p>y = gate(&Sigma; affine rows of sources + row of [gate(] middle convolution of [)] gate(u)), u affine in a source.
 *
 * <p>A source is the lower layer itself, or what pooling and zero padding make of each of its channels: a positively
 * homogeneous function channel by channel, so that (Euler) the scores of the layer's channel are those of the source's.
 */
final class Route {
    /** A row of a convolution or of a dense operator on a value. */
    static final class Row {
        final int input;
        /** [channel of the input][tap]. */
        final float[] weights;

        final float bias;
        final Taps taps;

        Row(int input, float[] weights, float bias, Taps taps) {
            this.input = input;
            this.weights = weights;
            this.bias = bias;
            this.taps = taps;
        }

        int channels() {
            return weights.length / taps.size;
        }
    }

    /** A channel of a source, added as it is. */
    record Direct(int source, int channel) {}

    /** A convolution between two gates. */
    record Middle(int node, Op.Conv conv, double slope) {}

    /** What reads gated values. */
    record Gated(int source, int u, int gate, double slope, Optional<Middle> middle, Row row) {}

    private static final Op.Window POINT = new Op.Window(1, 1, 1, 1, 1, 1, Op.Padding.NONE, false);
    /** Positions of the largest flattened map that a row may read. */
    private static final int MOST_TAPS = 256;
    /** Terms of a sum; a file can add a value to itself so often that there are more than anybody can count. */
    private static final int MOST_TERMS = 256;

    private final NetworkGraph graph;
    private final int from;
    private @Nullable Double topSlope;
    private final ImmutableList.Builder<Direct> directs = ImmutableList.builder();
    private final ImmutableList.Builder<Row> rows = ImmutableList.builder();
    private @Nullable Gated gated;

    /** The values above {@code from} that are sources, by their distance from it. */
    private final BitSet sources = new BitSet();
    /** Of the values that are affine functions of one source: which. */
    private final Map<Integer, Integer> affine = new HashMap<>();

    private Route(NetworkGraph graph, int from, int to) {
        this.graph = graph;
        this.from = from;
        affine.put(from, from);
        for (Node node : graph.nodes().subList(from + 1, to + 1)) {
            boolean isSource = isChannelwise(node) && isSource(node.inputs().get(0));
            Integer source = isSource ? Integer.valueOf(node.index()) : common(node);
            if (source != null) {
                affine.put(node.index(), source);
                sources.set(node.index() - from, isSource);
            }
        }
    }

    /**
     * Looks for one.
     *
     * @return empty if the channel comes about in another way
     */
    static Optional<Route> of(NetworkGraph graph, int from, int to, int channel) {
        Route route = new Route(graph, from, to);
        return route.top(to, channel) ? Optional.of(route) : Optional.empty();
    }

    /** Whether a source picks maxima. */
    boolean picks() {
        return Stream.concat(
                        directs().stream().map(Direct::source),
                        Stream.concat(
                                rows().stream().map(row -> row.input),
                                gated().stream().map(Gated::source)))
                .anyMatch(this::picks);
    }

    private boolean picks(int source) {
        for (int value = source;
                value != from;
                value = graph.nodes().get(value).inputs().get(0)) {
            Op op = graph.nodes().get(value).op();
            if (op instanceof Op.MaxPool || op instanceof Op.GlobalMaxPool) {
                return true;
            }
        }
        return false;
    }

    /** Whether the integral itself can be had: not where a convolution stands between two gates. */
    boolean isExact() {
        return gated == null || gated.middle().isEmpty();
    }

    Optional<Double> topSlope() {
        return Optional.ofNullable(topSlope);
    }

    ImmutableList<Direct> directs() {
        return directs.build();
    }

    ImmutableList<Row> rows() {
        return rows.build();
    }

    Optional<Gated> gated() {
        return Optional.ofNullable(gated);
    }

    private boolean top(int highest, int highestChannel) {
        int value = highest;
        int channel = highestChannel;
        while (!isSource(value)) {
            Node node = graph.nodes().get(value);
            if (node.op() instanceof Op.Concat) {
                for (int branch : node.inputs()) {
                    value = branch;
                    int channels = graph.dimensions(branch).get(0);
                    if (channel < channels) {
                        break;
                    }
                    channel -= channels;
                }
            } else if (node.op() instanceof Op.GlobalAveragePool) {
                // The target is the mean over the positions in any case.
                value = node.inputs().get(0);
            } else {
                topSlope = slope(node.op());
                return sum(topSlope == null ? value : node.inputs().get(0), channel);
            }
        }
        return term(value, channel);
    }

    private boolean sum(int value, int channel) {
        Deque<Integer> open = new ArrayDeque<>();
        open.push(value);
        for (int terms = 0; !open.isEmpty(); ) {
            int part = open.pop();
            if (!isSource(part) && isAdd(part)) {
                graph.nodes().get(part).inputs().reverse().forEach(open::push);
            } else if (++terms > MOST_TERMS || !term(part, channel)) {
                return false;
            }
        }
        return true;
    }

    private boolean isAdd(int value) {
        return value > from && graph.nodes().get(value).op() instanceof Op.Add;
    }

    private boolean term(int value, int channel) {
        if (isSource(value)) {
            directs.add(new Direct(value, channel));
            return true;
        }
        Node node = graph.nodes().get(value);
        if (slope(node.op()) != null) {
            return gated == null && gated(value, itself(value, channel));
        }
        Optional<Row> row = row(node, channel);
        if (row.isEmpty()) {
            return false;
        }
        int input = row.get().input;
        if (isSource(input)) {
            rows.add(row.get());
            return true;
        }
        return gated == null && gated(input, row.get());
    }

    private boolean gated(int value, Row row) {
        Node gate = graph.nodes().get(value);
        Double slope = slope(gate.op());
        if (slope == null) {
            return false;
        }
        int u = gate.inputs().get(0);
        Optional<Integer> source = source(u);
        if (source.isPresent()) {
            gated = new Gated(source.get(), u, value, slope, Optional.empty(), row);
            return true;
        }
        // The middle convolution's rows are kept position by position, which a wider row would mix.
        Node middle = graph.nodes().get(u);
        if (!(middle.op() instanceof Op.Conv conv) || conv.groups() != 1 || !row.taps.isPointwise()) {
            return false;
        }
        int first = middle.inputs().get(0);
        Double firstSlope =
                isSource(first) ? null : slope(graph.nodes().get(first).op());
        if (firstSlope == null) {
            return false;
        }
        int firstU = graph.nodes().get(first).inputs().get(0);
        source(firstU)
                .ifPresent(s ->
                        gated = new Gated(s, firstU, first, firstSlope, Optional.of(new Middle(u, conv, slope)), row));
        return gated != null;
    }

    /** The row that reads one channel as it is. */
    private Row itself(int value, int channel) {
        ImmutableIntArray in = graph.dimensions(value);
        float[] weights = new float[in.get(0)];
        weights[channel] = 1;
        return new Row(value, weights, 0, in.length() == 3 ? Taps.of(POINT, in.get(1), in.get(2)) : Taps.single());
    }

    /** What a dense operator reads when its input is a map that was flattened: a window as large as the map. */
    private Optional<Row> flattened(Op.Dense dense, int input, int channel) {
        if (isSource(input) || input < from || !(graph.nodes().get(input).op() instanceof Op.Reshape)) {
            return Optional.empty();
        }
        int map = graph.nodes().get(input).inputs().get(0);
        ImmutableIntArray in = graph.dimensions(map);
        if (in.length() != 3 || in.get(1) * in.get(2) > MOST_TAPS) {
            return Optional.empty();
        }
        Op.Window whole = new Op.Window(in.get(1), in.get(2), 1, 1, 1, 1, Op.Padding.NONE, false);
        return Optional.of(new Row(
                map,
                dense.weights().toFloats(channel * dense.in(), dense.in()),
                dense.bias().map(b -> b.get(channel)).orElse(0f),
                Taps.of(whole, in.get(1), in.get(2))));
    }

    private Optional<Row> row(Node node, int channel) {
        int input = node.inputs().get(0);
        ImmutableIntArray in = graph.dimensions(input);
        if (node.op() instanceof Op.Conv conv && conv.groups() == 1) {
            int length = conv.weights().length() / conv.outChannels();
            return Optional.of(new Row(
                    input,
                    conv.weights().toFloats(channel * length, length),
                    conv.bias().map(b -> b.get(channel)).orElse(0f),
                    Taps.of(conv.window(), in.get(1), in.get(2))));
        }
        if (node.op() instanceof Op.Dense dense) {
            Optional<Row> flattened = flattened(dense, input, channel);
            return flattened.isPresent()
                    ? flattened
                    : Optional.of(new Row(
                            input,
                            dense.weights().toFloats(channel * dense.in(), dense.in()),
                            dense.bias().map(b -> b.get(channel)).orElse(0f),
                            Taps.single()));
        }
        return Optional.empty();
    }

    /** The slope for negative values of a gate; null if it is none. */
    private static @Nullable Double slope(Op op) {
        if (!(op instanceof Op.Elementwise function)) {
            return null;
        }
        return switch (function.function()) {
            case RELU -> 0.0;
            case LEAKY_RELU -> function.a();
            default -> null;
        };
    }

    static boolean isPiecewiseLinear(Op op) {
        boolean bent = op instanceof Op.Elementwise function
                ? slope(op) == null && function.function() != Op.Elementwise.Function.CLIP
                : op instanceof Op.Mul || op instanceof Op.Lrn || op instanceof Op.Softmax;
        return !bent;
    }

    private boolean isSource(int value) {
        return value == from || (value > from && sources.get(value - from));
    }

    private boolean isChannelwise(Node node) {
        Op op = node.op();
        return op instanceof Op.MaxPool
                || op instanceof Op.GlobalMaxPool
                || op instanceof Op.AveragePool
                || op instanceof Op.GlobalAveragePool
                || (op instanceof Op.Pad pad && pad.value() == 0)
                || (op instanceof Op.Reshape
                        && node.dimensions().get(0)
                                == graph.dimensions(node.inputs().get(0)).get(0));
    }

    /** The one source that all inputs of an affine operator are affine functions of; null if there is none. */
    private @Nullable Integer common(Node node) {
        if (!isAffine(node.op())) {
            return null;
        }
        Integer only = affine.get(node.inputs().get(0));
        return node.inputs().stream().allMatch(input -> Objects.equals(affine.get(input), only)) ? only : null;
    }

    /** The one source that a value is an affine function of. */
    private Optional<Integer> source(int value) {
        return Optional.ofNullable(affine.get(value));
    }

    private static boolean isAffine(Op op) {
        return op instanceof Op.Conv
                || op instanceof Op.Affine
                || op instanceof Op.Dense
                || op instanceof Op.Add
                || op instanceof Op.Concat
                || op instanceof Op.AveragePool
                || op instanceof Op.GlobalAveragePool
                || op instanceof Op.Pad
                || op instanceof Op.SelectChannels
                || op instanceof Op.Reshape;
    }
}
