package io.neurflow.cuda;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of one channel's mean with respect to the values of a segment, no weights. As long as they are those of a single
 * channel they are kept so: at the last convolution only the row of that channel is multiplied, with the gate below in one
 * kernel. What is left of a bottleneck is its middle convolution, transposed.
 */
final class BackwardPass {
    /** Takes up gradients with respect to given values, summed over steps elsewhere. */
    interface Sink {
        /**
         * Takes a gradient.
         *
         * @param function whose slope it has yet to be multiplied with, or empty
         * @param gate on the device, where that slope can be told from; null without
         */
        void accept(int value, Gradient gradient, Optional<Op.Elementwise> function, @Nullable Memory gate);
    }

    private final Kit kit;
    private final DeviceMemory.Scope scope;
    private final Segment segment;
    private final NetworkGraph graph;
    private final @Nullable ForwardPass forward;
    private final Items items;
    private final Map<Integer, Gradient> gradients = new HashMap<>();

    /**
     * A way back.
     *
     * @param forward values along the way; null for an affine segment, which needs none
     */
    BackwardPass(Kit kit, DeviceMemory.Scope scope, Segment segment, @Nullable ForwardPass forward, Items items) {
        this.kit = kit;
        this.scope = scope;
        this.segment = segment;
        this.graph = segment.graph();
        this.forward = forward;
        this.items = items;
    }

    /** The gradient of the spatial mean of each target's channel with respect to its own value. */
    void start(int top, float weight) {
        int positions = Extent.positions(graph.dimensions(top));
        int size = items.count() * positions;
        Memory memory = scope.take(size);
        kit.run(Kernel.of(Kind.FILL), size, memory, weight / positions);
        add(top, new Gradient(memory, true));
    }

    /** A share of the gradient with respect to a value; its memory belongs to the pass from then on. */
    void add(int value, Gradient share) {
        Gradient before = gradients.get(value);
        if (before == null) {
            gradients.put(value, share);
            return;
        }
        Gradient a = before.one() == share.one() ? before : whole(value, before);
        Gradient b = before.one() == share.one() ? share : whole(value, share);
        int size = items.count() * (a.one() ? positions(value) : size(value));
        kit.run(Kernel.of(Kind.SUM), size, a.memory(), b.memory());
        scope.give(b.memory());
        gradients.put(value, a);
    }

    /** What has been gathered for a value; it belongs to the caller. */
    Optional<Gradient> take(int value) {
        return Optional.ofNullable(gradients.remove(value));
    }

    /** The same for all channels. */
    Gradient whole(int value, Gradient gradient) {
        if (!gradient.one()) {
            return gradient;
        }
        int size = items.count() * size(value);
        Memory memory = scope.take(size);
        kit.run(
                Kernel.of(Kind.EXPAND),
                size,
                memory,
                gradient.memory(),
                items.chan(),
                items.steps(),
                channels(value),
                positions(value));
        scope.give(gradient.memory());
        return new Gradient(memory, false);
    }

    /** From the top down; what reaches given values goes to the sink. */
    void run(Sink sink) {
        ImmutableList<Node> down = segment.nodes().reverse();
        for (Node node : down) {
            Gradient gradient = gradients.remove(node.index());
            if (gradient != null) {
                write(node, gradient, sink);
            }
        }
        for (int value : segment.given()) {
            take(value).ifPresent(gradient -> sink.accept(value, gradient, Optional.empty(), null));
        }
    }

    private void write(Node node, Gradient g, Sink sink) {
        Op op = node.op();
        int x = node.inputs().get(0);
        if (op instanceof Op.Elementwise f) {
            gate(node, f, g, sink);
        } else if (op instanceof Op.Affine affine) {
            scale(affine, x, g);
        } else if (op instanceof Op.Add) {
            int size = items.count() * (g.one() ? positions(x) : size(x));
            Memory copy = scope.take(size);
            kit.run(Kernel.of(Kind.COPY), size, copy, g.memory(), size, 0, 0, 0, 0);
            add(x, g);
            add(node.inputs().get(1), new Gradient(copy, g.one()));
        } else if (op instanceof Op.Reshape
                && (!g.one() || channels(x) == node.dimensions().get(0))) {
            add(x, g);
        } else if (g.one() && op instanceof Op.Conv conv) {
            row(node, conv, g);
        } else if (g.one() && op instanceof Op.Dense dense) {
            rowOf(Kind.ROW, x, g, kit.weights().of(dense.weights()), List.of(dense.in(), 1, dense.in(), dense.out()));
        } else {
            writeWhole(node, op, x, whole(node.index(), g).memory());
        }
    }

    private void writeWhole(Node node, Op op, int x, Memory g) {
        ImmutableIntArray from = graph.dimensions(x);
        ImmutableIntArray to = node.dimensions();
        int size = Math.multiplyExact(items.count(), size(x));
        if (op instanceof Op.Reshape) {
            add(x, new Gradient(g, false));
            return;
        }
        if (op instanceof Op.Mul) {
            factor(node, 0, 1, g);
            factor(node, 1, 0, g);
        } else if (op instanceof Op.Concat) {
            int at = 0;
            for (int value : node.inputs()) {
                int part = size(value);
                Memory gx = scope.take(Math.multiplyExact(items.count(), part));
                kit.run(Kernel.of(Kind.COPY), items.count() * part, gx, g, part, part, 0, size(node.index()), at);
                add(value, new Gradient(gx, false));
                at += part;
            }
        } else {
            Memory gx = scope.take(size);
            if (op instanceof Op.Conv conv) {
                convolve(conv, from, to, g, gx, size);
            } else if (op instanceof Op.Dense dense) {
                Memory w = kit.weights().of(dense.weights());
                kit.driver().denseBack(dense.in(), dense.out(), items.count(), w, g, gx);
            } else {
                writeRest(node, op, from, to, g, gx, size);
            }
            add(x, new Gradient(gx, false));
        }
        scope.give(g);
    }

    private void writeRest(
            Node node, Op op, ImmutableIntArray from, ImmutableIntArray to, Memory g, Memory gx, int size) {
        int channels = Extent.channels(from);
        int positions = Extent.positions(from);
        int steps = items.steps();
        if (op instanceof Op.MaxPool || op instanceof Op.GlobalMaxPool) {
            List<Integer> windows = Extent.windows(Extent.window(op, from), from, to);
            kit.run(Kernel.of(Kind.MAX_BACK), size, gx, g, values().places(node.index()), items.map(), steps, windows);
        } else if (op instanceof Op.AveragePool || op instanceof Op.GlobalAveragePool) {
            List<Integer> windows = Extent.windows(Extent.window(op, from), from, to);
            kit.run(Kernel.of(Kind.MEAN_BACK), size, gx, g, windows, Extent.cells(op));
        } else if (op instanceof Op.Pad pad) {
            kit.crop(to, from, pad.padding(), size, g, gx);
        } else if (op instanceof Op.SelectChannels select) {
            int out = select.channels().length();
            Memory index = kit.weights().of(select.channels());
            kit.run(Kernel.of(Kind.SELECT_BACK), size, gx, g, index, channels, out, positions);
        } else if (op instanceof Op.Lrn lrn) {
            Memory x = values().value(node.inputs().get(0));
            kit.run(Kernel.of(Kind.LRN_BACK), size, gx, g, x, items.map(), steps, channels, positions, Kit.lrn(lrn));
        } else if (op instanceof Op.Softmax) {
            Memory y = values().value(node.index());
            kit.run(Kernel.of(Kind.SOFTMAX_BACK), items.count(), gx, g, y, items.map(), steps, channels);
        } else {
            throw Kit.unknown(node);
        }
    }

    private void factor(Node node, int mine, int others, Memory g) {
        ImmutableIntArray a = graph.dimensions(node.inputs().get(mine));
        ImmutableIntArray b = graph.dimensions(node.inputs().get(others));
        boolean flat = a.equals(b);
        int size = items.count() * Extent.size(a);
        Memory ga = scope.take(size);
        kit.run(
                Kernel.of(Kind.MUL_BACK),
                size,
                ga,
                g,
                values().value(node.inputs().get(others)),
                items.map(),
                items.steps(),
                Extent.three(node.dimensions(), flat),
                Extent.three(a, flat),
                Extent.three(b, flat));
        add(node.inputs().get(mine), new Gradient(ga, false));
    }

    private void gate(Node node, Op.Elementwise f, Gradient g, Sink sink) {
        int x = node.inputs().get(0);
        Memory gate = values().value(segment.gate(node));
        if (g.one()) {
            kit.run(
                    Kernel.of(Kind.GATE_ONE, f),
                    items.count() * positions(x),
                    g.memory(),
                    g.memory(),
                    gate,
                    items.map(),
                    items.chan(),
                    items.steps(),
                    channels(x),
                    positions(x));
            add(x, g);
        } else if (segment.given().contains(x) && segment.readers(x) == 1) {
            sink.accept(x, g, Optional.of(f), gate);
        } else {
            int size = items.count() * size(x);
            kit.run(Kernel.of(Kind.GATE, f), size, g.memory(), g.memory(), gate, items.map(), items.steps(), size(x));
            add(x, g);
        }
    }

    private void scale(Op.Affine affine, int x, Gradient g) {
        Memory s = kit.weights().of(affine.scale());
        int length = affine.scale().length();
        int positions = positions(x);
        if (g.one()) {
            int size = items.count() * positions;
            kit.run(
                    Kernel.of(Kind.SCALE_ONE),
                    size,
                    g.memory(),
                    g.memory(),
                    s,
                    items.chan(),
                    items.steps(),
                    length,
                    positions);
        } else {
            kit.run(Kernel.of(Kind.SCALE), items.count() * size(x), g.memory(), g.memory(), s, length, positions);
        }
        add(x, g);
    }

    private void row(Node node, Op.Conv conv, Gradient g) {
        int x = node.inputs().get(0);
        int in = conv.inChannels() / conv.groups();
        int out = conv.outChannels() / conv.groups();
        Memory w = kit.weights().of(conv.weights());
        if (Extent.isPointwise(conv.window())) {
            rowOf(Kind.ROW, x, g, w, List.of(channels(x), positions(x), in, out));
        } else {
            List<Integer> windows = Extent.windows(conv.window(), graph.dimensions(x), node.dimensions());
            rowOf(
                    Kind.ROW_WINDOW,
                    x,
                    g,
                    w,
                    ImmutableList.<Integer>builder()
                            .add(in, out)
                            .addAll(windows)
                            .build());
        }
    }

    /** A row of weights; if what is below is a function that nobody else reads the argument of, its slope as well. */
    private void rowOf(Kind kind, int x, Gradient g, Memory w, List<Integer> extents) {
        Optional<Node> function = gateBelow(x);
        int to = function.map(node -> node.inputs().get(0)).orElse(x);
        int size = Math.multiplyExact(items.count(), size(x));
        Memory gx = scope.take(size);
        Memory gate = function.map(node -> values().value(segment.gate(node))).orElse(w);
        Kernel kernel = new Kernel(kind, function.map(node -> (Op.Elementwise) node.op()));
        kit.run(kernel, size, gx, g.memory(), w, items.chan(), gate, items.map(), items.steps(), extents);
        scope.give(g.memory());
        add(to, new Gradient(gx, false));
    }

    private Optional<Node> gateBelow(int x) {
        if (segment.readers(x) != 1 || gradients.containsKey(x)) {
            return Optional.empty();
        }
        return segment.nodes().stream()
                .filter(node -> node.index() == x && node.op() instanceof Op.Elementwise)
                .findFirst();
    }

    private void convolve(Op.Conv conv, ImmutableIntArray from, ImmutableIntArray to, Memory g, Memory gx, int size) {
        Memory w = kit.weights().of(conv.weights());
        Op.Padding padding = conv.window().padding();
        if (Kit.isEven(padding)) {
            kit.driver().convolveBack(Kit.shape(conv, from, to), items.count(), g, w, gx);
            return;
        }
        ImmutableIntArray framed = Kit.framed(from, padding);
        Memory padded = scope.take(Math.multiplyExact(items.count(), Extent.size(framed)));
        kit.driver().convolveBack(Kit.shape(Kit.unpadded(conv), framed, to), items.count(), g, w, padded);
        kit.crop(framed, from, padding, size, padded, gx);
        scope.give(padded);
    }

    /** What a sink was given to tell a slope from. */
    static Memory gate(@Nullable Memory gate) {
        if (gate == null) {
            throw new IllegalStateException("a function without the values to tell its slope from");
        }
        return gate;
    }

    private ForwardPass values() {
        if (forward == null) {
            throw new IllegalStateException("an affine segment has no values to look at");
        }
        return forward;
    }

    private int size(int value) {
        return Extent.size(graph.dimensions(value));
    }

    private int channels(int value) {
        return Extent.channels(graph.dimensions(value));
    }

    private int positions(int value) {
        return Extent.positions(graph.dimensions(value));
    }
}
