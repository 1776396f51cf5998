package io.neurflow.core.graph;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The part of a network that some channels of one value depend on: rows of the last convolution, branches of a concatenation.
 * What lies below the last full mixing of channels is kept as it is.
 */
public final class ChannelSlice {
    private final NetworkGraph graph;
    private final NetworkGraph.Builder slice;
    private final Map<Integer, Integer> whole = new HashMap<>();
    private final Map<Part, Integer> parts = new HashMap<>();
    private int count;

    /** Some channels of a value. */
    private record Part(int value, ImmutableIntArray channels) {}

    private ChannelSlice(NetworkGraph graph, int from) {
        this.graph = graph;
        Shape input = graph.shape(from);
        slice = NetworkGraph.builder(graph.name(), graph.digest(), input);
        // The input of a graph has three dimensions; a flat value gets its own back.
        whole.put(
                from,
                graph.dimensions(from).length() == 1
                        ? add(new Op.Reshape(graph.dimensions(from)), NetworkGraph.INPUT)
                        : NetworkGraph.INPUT);
    }

    /**
     * Cuts a slice out.
     *
     * @param graph the network
     * @param from {@link NetworkGraph#INPUT} or the index of a node; the slice's input
     * @param to index of a node above {@code from} that can be computed from it alone
     * @param channel the channel of {@code to}
     * @return a graph from {@code from}'s value to a value of one channel
     */
    public static NetworkGraph of(NetworkGraph graph, int from, int to, int channel) {
        return of(graph, from, to, ImmutableIntArray.of(channel));
    }

    /**
     * Cuts a slice out for several channels, which share what lies below.
     *
     * @param graph the network
     * @param from {@link NetworkGraph#INPUT} or the index of a node; the slice's input
     * @param to index of a node above {@code from} that can be computed from it alone
     * @param channels channels of {@code to}, at least one
     * @return a graph from {@code from}'s value to a value of those channels, in the order given
     */
    public static NetworkGraph of(NetworkGraph graph, int from, int to, ImmutableIntArray channels) {
        checkArgument(!channels.isEmpty(), "expected a channel or more to cut out, but there is none");
        ChannelSlice cut = new ChannelSlice(graph, from);
        return cut.slice.build(cut.part(to, channels));
    }

    private int add(Op op, int... inputs) {
        return slice.add(op.kind() + " " + count, "v" + count++, "", op, inputs);
    }

    private int whole(int value) {
        Integer known = whole.get(value);
        if (known == null) {
            Node node = graph.nodes().get(value);
            known = add(node.op(), node.inputs().stream().mapToInt(this::whole).toArray());
            whole.put(value, known);
        }
        return known;
    }

    private int part(int value, ImmutableIntArray channels) {
        Part key = new Part(value, channels);
        Integer known = parts.get(key);
        if (known == null) {
            known = whole.containsKey(value)
                    ? picked(value, channels)
                    : rows(graph.nodes().get(value), channels);
            parts.put(key, known);
        }
        return known;
    }

    private int picked(int value, ImmutableIntArray channels) {
        return add(new Op.SelectChannels(channels), whole(value));
    }

    private int rows(Node node, ImmutableIntArray channels) {
        Op op = node.op();
        ImmutableList<Integer> in = node.inputs();
        int x = in.get(0);
        if (op instanceof Op.Conv conv) {
            return conv(conv, node.index(), x, channels);
        } else if (op instanceof Op.Dense dense) {
            Weights rows = some(dense.weights(), channels, dense.in());
            return add(new Op.Dense(dense.in(), channels.length(), rows, each(dense.bias(), channels)), whole(x));
        } else if (op instanceof Op.Affine affine) {
            Op scaled = affine.scale().length() == 1
                    ? affine
                    : new Op.Affine(some(affine.scale(), channels, 1), some(affine.shift(), channels, 1));
            return add(scaled, part(x, channels));
        } else if (op instanceof Op.Add || op instanceof Op.Mul) {
            return add(
                    op,
                    in.stream().mapToInt(v -> part(v, repeated(v, channels))).toArray());
        } else if (op instanceof Op.Concat) {
            return concat(in, channels);
        } else if (op instanceof Op.SelectChannels select) {
            return part(x, mapped(channels, c -> select.channels().get(c)));
        } else if (op instanceof Op.Reshape
                && graph.dimensions(x).get(0) == node.dimensions().get(0)) {
            int[] dimensions = node.dimensions().toArray();
            dimensions[0] = channels.length();
            return add(new Op.Reshape(ImmutableIntArray.copyOf(dimensions)), part(x, channels));
        } else if (isChannelwise(op)) {
            return add(op, part(x, channels));
        }
        return picked(node.index(), channels);
    }

    private static boolean isChannelwise(Op op) {
        return op instanceof Op.Elementwise
                || op instanceof Op.MaxPool
                || op instanceof Op.AveragePool
                || op instanceof Op.GlobalAveragePool
                || op instanceof Op.GlobalMaxPool
                || op instanceof Op.Pad;
    }

    /** Only the branches that hold any of the channels. */
    private int concat(ImmutableList<Integer> branches, ImmutableIntArray channels) {
        ImmutableIntArray.Builder values = ImmutableIntArray.builder();
        int[] order = new int[channels.length()];
        int placed = 0;
        int first = 0;
        for (int branch : branches) {
            int start = first;
            int end = first + graph.dimensions(branch).get(0);
            int[] here = IntStream.range(0, channels.length())
                    .filter(i -> channels.get(i) >= start && channels.get(i) < end)
                    .toArray();
            if (here.length > 0) {
                values.add(
                        part(branch, ImmutableIntArray.copyOf(IntStream.of(here).map(i -> channels.get(i) - start))));
                for (int i : here) {
                    order[i] = placed++;
                }
            }
            first = end;
        }
        return ordered(values.build(), ImmutableIntArray.copyOf(order));
    }

    private int ordered(ImmutableIntArray values, ImmutableIntArray order) {
        int together = values.length() == 1 ? values.get(0) : add(new Op.Concat(), values.toArray());
        boolean inOrder = IntStream.range(0, order.length()).allMatch(i -> order.get(i) == i);
        return inOrder ? together : add(new Op.SelectChannels(order), together);
    }

    private int conv(Op.Conv conv, int value, int x, ImmutableIntArray channels) {
        int in = conv.inChannels() / conv.groups();
        int out = conv.outChannels() / conv.groups();
        int count = channels.length();
        Weights rows = some(conv.weights(), channels, conv.weights().length() / conv.outChannels());
        Optional<Weights> bias = each(conv.bias(), channels);
        if (in == 1 && conv.groups() > 1) {
            return add(
                    new Op.Conv(conv.window(), count, count, count, rows, bias),
                    part(x, mapped(channels, c -> c / out)));
        }
        int group = channels.get(0) / out;
        if (channels.stream().anyMatch(c -> c / out != group)) {
            int[] each = channels.stream()
                    .map(c -> part(value, ImmutableIntArray.of(c)))
                    .toArray();
            return add(new Op.Concat(), each);
        }
        int below = whole(x);
        if (conv.groups() > 1) {
            IntStream inputs = IntStream.range(group * in, (group + 1) * in);
            below = add(new Op.SelectChannels(ImmutableIntArray.copyOf(inputs)), below);
        }
        return add(new Op.Conv(conv.window(), 1, in, count, rows, bias), below);
    }

    private ImmutableIntArray repeated(int value, ImmutableIntArray channels) {
        return graph.dimensions(value).get(0) == 1 ? ImmutableIntArray.of(0) : channels;
    }

    private static ImmutableIntArray mapped(ImmutableIntArray channels, IntUnaryOperator to) {
        return ImmutableIntArray.copyOf(channels.stream().map(to));
    }

    private static Optional<Weights> each(Optional<Weights> bias, ImmutableIntArray channels) {
        return bias.map(b -> some(b, channels, 1));
    }

    /** Rows of a matrix. */
    private static Weights some(Weights weights, ImmutableIntArray rows, int length) {
        float[] values = new float[Math.multiplyExact(rows.length(), length)];
        for (int i = 0; i < rows.length(); i++) {
            System.arraycopy(weights.toFloats(rows.get(i) * length, length), 0, values, i * length, length);
        }
        return Weights.of(values);
    }
}
