package io.neurflow.core.graph;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The part of a network that some channels of one value depend on: rows of the last convolution, branches of a concatenation.
 * What lies below the last full mixing of channels is kept as it is. Networks may be as deep as they like: nothing here goes
 * down a network by calling itself.
 */
public final class ChannelSlice {
    private final NetworkGraph graph;
    private final int from;
    private final NetworkGraph.Builder slice;
    private final Map<Integer, Integer> whole = new HashMap<>();
    private final Map<Part, Integer> parts = new HashMap<>();
    private int count;

    /** Some channels of a value. */
    private record Part(int value, ImmutableIntArray channels) {}

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
        return cut.slice.build(cut.part(new Part(to, channels)));
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

    private int part(Part top) {
        Deque<Part> open = new ArrayDeque<>();
        open.push(top);
        while (!open.isEmpty()) {
            Part next = open.peek();
            ImmutableList<Part> below = parts.containsKey(next) ? ImmutableList.of() : below(next);
            ImmutableList<Part> missing =
                    below.stream().filter(part -> !parts.containsKey(part)).collect(toImmutableList());
            missing.reverse().forEach(open::push);
            if (missing.isEmpty()) {
                open.pop();
                if (!parts.containsKey(next)) {
                    int[] inputs =
                            below.stream().mapToInt(part -> at(parts, part)).toArray();
                    parts.put(next, rows(next, inputs));
                }
            }
        }
        return at(parts, top);
    }

    private static <K> int at(Map<K, Integer> known, K key) {
        Integer value = known.get(key);
        if (value == null) {
            throw new IllegalStateException("value " + key + " is read before it is computed");
        }
        return value;
    }

    private int picked(Part part) {
        return add(new Op.SelectChannels(part.channels), whole(part.value));
    }

    /** The parts that a part is made of; none where it reads whole values. */
    private ImmutableList<Part> below(Part part) {
        if (whole.containsKey(part.value)) {
            return ImmutableList.of();
        }
        Node node = graph.nodes().get(part.value);
        Op op = node.op();
        ImmutableIntArray channels = part.channels;
        int x = node.inputs().get(0);
        if (op instanceof Op.Conv conv) {
            if (isDepthwise(conv)) {
                int out = conv.outChannels() / conv.groups();
                return ImmutableList.of(new Part(x, mapped(channels, c -> c / out)));
            }
            return isOfOneGroup(conv, channels)
                    ? ImmutableList.of()
                    : channels.stream()
                            .mapToObj(c -> new Part(part.value, ImmutableIntArray.of(c)))
                            .collect(toImmutableList());
        } else if (op instanceof Op.Add || op instanceof Op.Mul) {
            return node.inputs().stream()
                    .map(v -> new Part(v, repeated(v, channels)))
                    .collect(toImmutableList());
        } else if (op instanceof Op.Concat) {
            return branches(node, channels);
        } else if (op instanceof Op.SelectChannels select) {
            return ImmutableList.of(
                    new Part(x, mapped(channels, c -> select.channels().get(c))));
        }
        return op instanceof Op.Affine || isChannelwise(op) || keepsChannels(node)
                ? ImmutableList.of(new Part(x, channels))
                : ImmutableList.of();
    }

    /** The value of a part, given those of the parts below it. */
    private int rows(Part part, int[] below) {
        if (whole.containsKey(part.value)) {
            return picked(part);
        }
        ImmutableIntArray channels = part.channels;
        Node node = graph.nodes().get(part.value);
        Op op = node.op();
        if (op instanceof Op.Conv conv) {
            return conv(conv, node.inputs().get(0), channels, below);
        } else if (op instanceof Op.Dense dense) {
            Weights rows = some(dense.weights(), channels, dense.in());
            Op some = new Op.Dense(dense.in(), channels.length(), rows, each(dense.bias(), channels));
            return add(some, whole(node.inputs().get(0)));
        } else if (below.length == 0) {
            return picked(part);
        } else if (op instanceof Op.Affine affine) {
            boolean shared = affine.scale().length() == 1;
            return add(
                    shared
                            ? affine
                            : new Op.Affine(some(affine.scale(), channels, 1), some(affine.shift(), channels, 1)),
                    below);
        } else if (op instanceof Op.Concat) {
            int together = below.length == 1 ? below[0] : add(op, below);
            return ordered(together, orderOfBranches(node, channels));
        } else if (op instanceof Op.SelectChannels) {
            return below[0];
        } else if (op instanceof Op.Reshape) {
            int[] dimensions = node.dimensions().toArray();
            dimensions[0] = channels.length();
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

    private boolean keepsChannels(Node node) {
        return node.op() instanceof Op.Reshape
                && graph.dimensions(node.inputs().get(0)).get(0)
                        == node.dimensions().get(0);
    }

    /** Only the branches that hold any of the channels, each with its own. */
    private ImmutableList<Part> branches(Node concat, ImmutableIntArray channels) {
        ImmutableList.Builder<Part> found = ImmutableList.builder();
        int first = 0;
        for (int branch : concat.inputs()) {
            int start = first;
            int end = first + graph.dimensions(branch).get(0);
            ImmutableIntArray here = ImmutableIntArray.copyOf(
                    channels.stream().filter(c -> c >= start && c < end).map(c -> c - start));
            if (!here.isEmpty()) {
                found.add(new Part(branch, here));
            }
            first = end;
        }
        return found.build();
    }

    /** Where the channels stand once the branches that hold them lie one behind the other. */
    private ImmutableIntArray orderOfBranches(Node concat, ImmutableIntArray channels) {
        int[] order = new int[channels.length()];
        int placed = 0;
        int first = 0;
        for (int branch : concat.inputs()) {
            int end = first + graph.dimensions(branch).get(0);
            for (int i = 0; i < order.length; i++) {
                if (channels.get(i) >= first && channels.get(i) < end) {
                    order[i] = placed++;
                }
            }
            first = end;
        }
        return ImmutableIntArray.copyOf(order);
    }

    private int ordered(int value, ImmutableIntArray order) {
        boolean inOrder = IntStream.range(0, order.length()).allMatch(i -> order.get(i) == i);
        return inOrder ? value : add(new Op.SelectChannels(order), value);
    }

    private static boolean isDepthwise(Op.Conv conv) {
        return conv.groups() > 1 && conv.inChannels() == conv.groups();
    }

    private static boolean isOfOneGroup(Op.Conv conv, ImmutableIntArray channels) {
        int out = conv.outChannels() / conv.groups();
        return channels.stream().mapToObj(c -> c / out).distinct().count() == 1;
    }

    private int conv(Op.Conv conv, int x, ImmutableIntArray channels, int[] below) {
        int in = conv.inChannels() / conv.groups();
        int count = channels.length();
        Weights rows = some(conv.weights(), channels, conv.weights().length() / conv.outChannels());
        Optional<Weights> bias = each(conv.bias(), channels);
        if (isDepthwise(conv)) {
            return add(new Op.Conv(conv.window(), count, count, count, rows, bias), below);
        } else if (below.length > 0) {
            return add(new Op.Concat(), below);
        }
        Op some = new Op.Conv(conv.window(), 1, in, count, rows, bias);
        if (conv.groups() == 1) {
            return add(some, whole(x));
        }
        int group = channels.get(0) / (conv.outChannels() / conv.groups());
        ImmutableIntArray inputs = ImmutableIntArray.copyOf(IntStream.range(group * in, (group + 1) * in));
        return add(some, add(new Op.SelectChannels(inputs), whole(x)));
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
