package io.neurflow.cuda;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The values of a segment for some items, on the device. A value is let go of when nobody reads it any more, unless it is to
 * be kept.
 */
final class ForwardPass {
    /** Memory that may stand for several values: a reshaped one is the same. */
    private static final class Shared {
        final Memory memory;
        int users = 1;

        Shared(Memory memory) {
            this.memory = memory;
        }
    }

    private final Kit kit;
    private final DeviceMemory.Scope scope;
    private final Segment segment;
    private final NetworkGraph graph;
    private final int n;
    private final ImmutableSet<Integer> keep;
    private final Map<Integer, Shared> values = new HashMap<>();
    private final Map<Integer, Integer> waiting = new HashMap<>();
    /** Where maxima stand, by the node that took them. */
    private final Map<Integer, Memory> places = new HashMap<>();

    private final boolean keepPlaces;

    /**
     * A pass that has yet to run.
     *
     * @param n items
     * @param keep values that stay
     * @param keepPlaces whether places of maxima stay too
     */
    ForwardPass(
            Kit kit, DeviceMemory.Scope scope, Segment segment, int n, Collection<Integer> keep, boolean keepPlaces) {
        this.kit = kit;
        this.scope = scope;
        this.segment = segment;
        this.graph = segment.graph();
        this.n = n;
        this.keep = ImmutableSet.copyOf(keep);
        this.keepPlaces = keepPlaces;
        segment.nodes().forEach(node -> node.inputs().forEach(value -> waiting.merge(value, 1, Integer::sum)));
    }

    /** Hands a value over; it belongs to the pass from then on. */
    void put(int value, Memory memory) {
        values.put(value, new Shared(memory));
    }

    Memory value(int value) {
        return shared(value).memory;
    }

    private Shared shared(int value) {
        Shared shared = values.get(value);
        if (shared == null) {
            throw new IllegalStateException("value " + value + " is read before it is computed, or after it is gone");
        }
        return shared;
    }

    Memory places(int node) {
        Memory memory = places.get(node);
        if (memory == null) {
            throw new IllegalStateException("no maxima of node " + node);
        }
        return memory;
    }

    ForwardPass run() {
        for (Node node : segment.nodes()) {
            if (segment.isInPlace(node)) {
                alias(node);
            } else {
                write(node);
            }
            node.inputs().forEach(this::read);
        }
        return this;
    }

    /** Gives everything back. */
    void release() {
        new ArrayList<>(values.keySet()).forEach(this::drop);
        places.values().forEach(scope::give);
        places.clear();
    }

    private void read(int value) {
        if (waiting.merge(value, -1, Integer::sum) == 0 && !keep.contains(value)) {
            drop(value);
        }
    }

    private void drop(int value) {
        Shared shared = values.remove(value);
        if (shared != null && --shared.users == 0) {
            scope.give(shared.memory);
        }
    }

    private void alias(Node node) {
        Shared shared = shared(node.inputs().get(0));
        shared.users++;
        values.put(node.index(), shared);
    }

    private int size(int value) {
        return Extent.size(graph.dimensions(value));
    }

    private Kernel kernel(Kind kind, int value) {
        return new Kernel(kind, segment.fusedInto(value));
    }

    private void write(Node node) {
        Op op = node.op();
        if (op instanceof Op.Reshape) {
            alias(node);
            return;
        }
        int all = Math.multiplyExact(n, size(node.index()));
        Memory y = scope.take(all);
        put(node.index(), y);
        ImmutableIntArray from = graph.dimensions(node.inputs().get(0));
        ImmutableIntArray to = node.dimensions();
        Memory x = value(node.inputs().get(0));
        int channels = Extent.channels(to);
        int positions = Extent.positions(to);
        if (op instanceof Op.Conv conv) {
            convolve(conv, from, to, x, y);
            bias(node.index(), conv.bias().map(kit.weights()::of), channels, positions, all, y);
        } else if (op instanceof Op.Dense dense) {
            kit.driver().dense(dense.in(), dense.out(), n, kit.weights().of(dense.weights()), x, y);
            bias(node.index(), dense.bias().map(kit.weights()::of), channels, 1, all, y);
        } else if (op instanceof Op.Affine affine) {
            Memory scale = kit.weights().of(affine.scale());
            Memory shift = kit.weights().of(affine.shift());
            int length = affine.scale().length();
            kit.run(kernel(Kind.AFFINE, node.index()), all, y, x, scale, shift, length, positions);
        } else if (op instanceof Op.Elementwise f) {
            kit.run(Kernel.of(Kind.FUNCTION, f), all, y, x);
        } else if (op instanceof Op.Add) {
            kit.run(
                    kernel(Kind.ADD, node.index()),
                    all,
                    y,
                    x,
                    value(node.inputs().get(1)));
        } else if (op instanceof Op.Mul) {
            ImmutableIntArray b = graph.dimensions(node.inputs().get(1));
            boolean flat = from.equals(b);
            List<Integer> three = Extent.three(to, flat);
            Memory other = value(node.inputs().get(1));
            kit.run(Kernel.of(Kind.MUL), all, y, x, other, three, Extent.three(from, flat), Extent.three(b, flat));
        } else if (op instanceof Op.MaxPool || op instanceof Op.GlobalMaxPool) {
            Memory at = scope.take(all);
            kit.run(Kernel.of(Kind.MAX), all, y, at, x, Extent.windows(Extent.window(op, from), from, to));
            if (keepPlaces) {
                places.put(node.index(), at);
            } else {
                scope.give(at);
            }
        } else if (op instanceof Op.AveragePool || op instanceof Op.GlobalAveragePool) {
            List<Integer> windows = Extent.windows(Extent.window(op, from), from, to);
            kit.run(Kernel.of(Kind.MEAN), all, y, x, windows, Extent.cells(op));
        } else {
            writeRest(node, from, x, y, all);
        }
    }

    private void writeRest(Node node, ImmutableIntArray from, Memory x, Memory y, int all) {
        ImmutableIntArray to = node.dimensions();
        int channels = Extent.channels(from);
        int positions = Extent.positions(from);
        if (node.op() instanceof Op.Concat) {
            int at = 0;
            for (int value : node.inputs()) {
                int size = size(value);
                kit.run(Kernel.of(Kind.COPY), n * size, y, value(value), size, size(node.index()), at, size, 0);
                at += size;
            }
        } else if (node.op() instanceof Op.Pad pad) {
            kit.pad(from, to, pad.padding(), (float) pad.value(), all, x, y);
        } else if (node.op() instanceof Op.SelectChannels select) {
            Memory index = kit.weights().of(select.channels());
            kit.run(
                    Kernel.of(Kind.SELECT),
                    all,
                    y,
                    x,
                    index,
                    channels,
                    select.channels().length(),
                    positions);
        } else if (node.op() instanceof Op.Lrn lrn) {
            kit.run(Kernel.of(Kind.LRN), all, y, x, channels, positions, Kit.lrn(lrn));
        } else if (node.op() instanceof Op.Softmax) {
            kit.run(Kernel.of(Kind.SOFTMAX), n, y, x, channels);
        } else {
            throw Kit.unknown(node);
        }
    }

    private void bias(int value, Optional<Memory> bias, int channels, int positions, int all, Memory y) {
        if (bias.isPresent() || segment.fusedInto(value).isPresent()) {
            Memory added = bias.orElseGet(() -> kit.weights().zeros(channels));
            kit.run(kernel(Kind.BIAS, value), all, y, added, channels, positions);
        }
    }

    /** With padding that differs from side to side the map is padded first, since cuDNN knows only one for both. */
    private void convolve(Op.Conv conv, ImmutableIntArray from, ImmutableIntArray to, Memory x, Memory y) {
        Memory w = kit.weights().of(conv.weights());
        if (Kit.isEven(conv.window().padding())) {
            kit.driver().convolve(Kit.shape(conv, from, to), n, x, w, y);
            return;
        }
        ImmutableIntArray framed = Kit.framed(from, conv.window().padding());
        int size = Math.multiplyExact(n, Extent.size(framed));
        Memory padded = scope.take(size);
        kit.pad(from, framed, conv.window().padding(), 0, size, x, padded);
        kit.driver().convolve(Kit.shape(Kit.unpadded(conv), framed, to), n, padded, w, y);
        scope.give(padded);
    }

    /** Which of some values are at hand. */
    boolean has(Set<Integer> wanted) {
        return values.keySet().containsAll(wanted);
    }
}
