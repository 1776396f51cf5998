package io.neurflow.core.graph;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The part of a network that one channel of one value depends on: one row of the last convolution, one branch of a
 * concatenation. What lies below the last full mixing of channels is kept as it is.
 */
public final class ChannelSlice {
    private final NetworkGraph graph;
    private final NetworkGraph.Builder slice;
    private final Map<Integer, Integer> whole = new HashMap<>();
    private final Map<ImmutableIntArray, Integer> single = new HashMap<>();
    private int count;

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
        ChannelSlice cut = new ChannelSlice(graph, from);
        return cut.slice.build(cut.single(to, channel));
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

    private int single(int value, int channel) {
        ImmutableIntArray key = ImmutableIntArray.of(value, channel);
        Integer known = single.get(key);
        if (known == null) {
            known = whole.containsKey(value)
                    ? picked(value, channel)
                    : row(graph.nodes().get(value), channel);
            single.put(key, known);
        }
        return known;
    }

    private int picked(int value, int channel) {
        return add(new Op.SelectChannels(ImmutableIntArray.of(channel)), whole(value));
    }

    private int row(Node node, int channel) {
        Op op = node.op();
        ImmutableList<Integer> in = node.inputs();
        int x = in.get(0);
        if (op instanceof Op.Conv conv) {
            return conv(conv, x, channel);
        } else if (op instanceof Op.Dense dense) {
            Weights row = part(dense.weights(), channel * dense.in(), dense.in());
            return add(new Op.Dense(dense.in(), 1, row, one(dense.bias(), channel)), whole(x));
        } else if (op instanceof Op.Affine affine) {
            int at = affine.scale().length() == 1 ? 0 : channel;
            Op scaled = new Op.Affine(part(affine.scale(), at, 1), part(affine.shift(), at, 1));
            return add(scaled, single(x, channel));
        } else if (op instanceof Op.Add || op instanceof Op.Mul) {
            return add(
                    op,
                    in.stream().mapToInt(v -> single(v, repeated(v, channel))).toArray());
        } else if (op instanceof Op.Concat) {
            int rest = channel;
            for (int branch : in) {
                int channels = graph.dimensions(branch).get(0);
                if (rest < channels) {
                    return single(branch, rest);
                }
                rest -= channels;
            }
        } else if (op instanceof Op.SelectChannels select) {
            return single(x, select.channels().get(channel));
        } else if (op instanceof Op.Reshape
                && graph.dimensions(x).get(0) == node.dimensions().get(0)) {
            int[] dimensions = node.dimensions().toArray();
            dimensions[0] = 1;
            return add(new Op.Reshape(ImmutableIntArray.copyOf(dimensions)), single(x, channel));
        } else if (isChannelwise(op)) {
            return add(op, single(x, channel));
        }
        return picked(node.index(), channel);
    }

    private static boolean isChannelwise(Op op) {
        return op instanceof Op.Elementwise
                || op instanceof Op.MaxPool
                || op instanceof Op.AveragePool
                || op instanceof Op.GlobalAveragePool
                || op instanceof Op.GlobalMaxPool
                || op instanceof Op.Pad;
    }

    private int conv(Op.Conv conv, int x, int channel) {
        int in = conv.inChannels() / conv.groups();
        int length = conv.weights().length() / conv.outChannels();
        Weights row = part(conv.weights(), channel * length, length);
        Op single = new Op.Conv(conv.window(), 1, in, 1, row, one(conv.bias(), channel));
        if (conv.groups() == 1) {
            return add(single, whole(x));
        }
        int first = channel / (conv.outChannels() / conv.groups()) * in;
        if (in == 1) {
            return add(single, single(x, first));
        }
        ImmutableIntArray.Builder group = ImmutableIntArray.builder(in);
        for (int i = 0; i < in; i++) {
            group.add(first + i);
        }
        return add(single, add(new Op.SelectChannels(group.build()), whole(x)));
    }

    private int repeated(int value, int channel) {
        return graph.dimensions(value).get(0) == 1 ? 0 : channel;
    }

    private static Optional<Weights> one(Optional<Weights> bias, int channel) {
        return bias.map(b -> part(b, channel, 1));
    }

    private static Weights part(Weights weights, int start, int length) {
        return Weights.of(Arrays.copyOfRange(weights.toFloats(), start, start + length));
    }
}
