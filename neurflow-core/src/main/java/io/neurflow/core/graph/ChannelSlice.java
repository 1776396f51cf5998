package io.neurflow.core.graph;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The part of a network that one channel of one value depends on: one row of the last convolution, one branch of a
 * concatenation. What lies below the last full mixing of channels is kept as it is. Networks may be as deep as they like:
 * nothing here calls itself.
 */
public final class ChannelSlice {
    private final NetworkGraph graph;
    private final int from;
    private final NetworkGraph.Builder slice;
    private final Map<Integer, Integer> whole = new HashMap<>();
    private final Map<ImmutableIntArray, Integer> single = new HashMap<>();
    private int count;

    private ChannelSlice(NetworkGraph graph, int from) {
        this.graph = graph;
        this.from = from;
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
        if (!whole.containsKey(value)) {
            for (Node node : graph.between(from, value)) {
                if (!whole.containsKey(node.index())) {
                    int[] inputs =
                            node.inputs().stream().mapToInt(v -> at(whole, v)).toArray();
                    whole.put(node.index(), add(node.op(), inputs));
                }
            }
        }
        return at(whole, value);
    }

    private int single(int value, int channel) {
        ImmutableIntArray top = ImmutableIntArray.of(value, channel);
        Deque<ImmutableIntArray> open = new ArrayDeque<>();
        open.push(top);
        while (!open.isEmpty()) {
            ImmutableIntArray next = open.peek();
            ImmutableList<ImmutableIntArray> missing = single.containsKey(next)
                    ? ImmutableList.of()
                    : below(next.get(0), next.get(1)).stream()
                            .filter(key -> !single.containsKey(key))
                            .collect(ImmutableList.toImmutableList());
            missing.reverse().forEach(open::push);
            if (missing.isEmpty()) {
                open.pop();
                if (!single.containsKey(next)) {
                    single.put(next, row(next.get(0), next.get(1)));
                }
            }
        }
        return at(single, top);
    }

    private static <K> int at(Map<K, Integer> known, K key) {
        Integer value = known.get(key);
        if (value == null) {
            throw new IllegalStateException("value " + key + " is read before it is computed");
        }
        return value;
    }

    private int picked(int value, int channel) {
        return add(new Op.SelectChannels(ImmutableIntArray.of(channel)), whole(value));
    }

    /** The single channels, as [value, channel], that one channel is made of; none where it reads whole values. */
    private ImmutableList<ImmutableIntArray> below(int value, int channel) {
        if (whole.containsKey(value)) {
            return ImmutableList.of();
        }
        Node node = graph.nodes().get(value);
        Op op = node.op();
        int x = node.inputs().get(0);
        if (op instanceof Op.Conv conv) {
            boolean depthwise = conv.groups() > 1 && conv.inChannels() == conv.groups();
            return depthwise ? one(x, firstOfGroup(conv, channel)) : ImmutableList.of();
        } else if (op instanceof Op.Add || op instanceof Op.Mul) {
            return node.inputs().stream()
                    .map(v -> ImmutableIntArray.of(v, repeated(v, channel)))
                    .collect(ImmutableList.toImmutableList());
        } else if (op instanceof Op.Concat) {
            int rest = channel;
            for (int branch : node.inputs()) {
                int channels = graph.dimensions(branch).get(0);
                if (rest < channels) {
                    return one(branch, rest);
                }
                rest -= channels;
            }
        } else if (op instanceof Op.SelectChannels select) {
            return one(x, select.channels().get(channel));
        }
        return op instanceof Op.Affine || isChannelwise(op) || keepsChannels(node)
                ? one(x, channel)
                : ImmutableList.of();
    }

    private static ImmutableList<ImmutableIntArray> one(int value, int channel) {
        return ImmutableList.of(ImmutableIntArray.of(value, channel));
    }

    private boolean keepsChannels(Node node) {
        return node.op() instanceof Op.Reshape
                && graph.dimensions(node.inputs().get(0)).get(0)
                        == node.dimensions().get(0);
    }

    private int row(int value, int channel) {
        if (whole.containsKey(value)) {
            return picked(value, channel);
        }
        int[] below =
                below(value, channel).stream().mapToInt(key -> at(single, key)).toArray();
        Node node = graph.nodes().get(value);
        Op op = node.op();
        if (op instanceof Op.Conv conv) {
            return conv(conv, node.inputs().get(0), channel, below);
        } else if (op instanceof Op.Dense dense) {
            Weights row = part(dense.weights(), channel * dense.in(), dense.in());
            return add(
                    new Op.Dense(dense.in(), 1, row, one(dense.bias(), channel)),
                    whole(node.inputs().get(0)));
        } else if (below.length == 0) {
            return picked(value, channel);
        } else if (op instanceof Op.Affine affine) {
            int at = affine.scale().length() == 1 ? 0 : channel;
            return add(new Op.Affine(part(affine.scale(), at, 1), part(affine.shift(), at, 1)), below);
        } else if (op instanceof Op.Concat || op instanceof Op.SelectChannels) {
            return below[0];
        } else if (op instanceof Op.Reshape) {
            int[] dimensions = node.dimensions().toArray();
            dimensions[0] = 1;
            return add(new Op.Reshape(ImmutableIntArray.copyOf(dimensions)), below);
        }
        return add(op, below);
    }

    private static boolean isChannelwise(Op op) {
        return op instanceof Op.Elementwise
                || op instanceof Op.MaxPool
                || op instanceof Op.AveragePool
                || op instanceof Op.GlobalAveragePool
                || op instanceof Op.GlobalMaxPool
                || op instanceof Op.Pad;
    }

    private static int firstOfGroup(Op.Conv conv, int channel) {
        return channel / (conv.outChannels() / conv.groups()) * (conv.inChannels() / conv.groups());
    }

    private int conv(Op.Conv conv, int x, int channel, int[] below) {
        int in = conv.inChannels() / conv.groups();
        int length = conv.weights().length() / conv.outChannels();
        Weights row = part(conv.weights(), channel * length, length);
        Op single = new Op.Conv(conv.window(), 1, in, 1, row, one(conv.bias(), channel));
        if (conv.groups() == 1) {
            return add(single, whole(x));
        }
        if (below.length == 1) {
            return add(single, below);
        }
        int first = firstOfGroup(conv, channel);
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
