package io.neurflow.core.graph;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Iterables;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A classifier as a graph of operators with one input and one output. Immutable; nodes stand in an order in which every
 * node comes after what it reads, and every node is needed for the output.
 */
public final class NetworkGraph {
    /** How many numbers one value may hold for one input: 2^28, 1 GiB in single precision. */
    public static final long LARGEST_VALUE = 1L << 28;

    private static final int MOST_DIMENSIONS = 16;

    /** The number of the input as a value. */
    public static final int INPUT = -1;

    private final String name;
    private final String digest;
    private final Shape input;
    private final ImmutableList<Node> nodes;
    private final ImmutableList<String> notes;

    private NetworkGraph(
            String name, String digest, Shape input, ImmutableList<Node> nodes, ImmutableList<String> notes) {
        this.notes = notes;
        this.name = name;
        this.digest = digest;
        this.input = input;
        this.nodes = nodes;
    }

    /**
     * Starts a graph.
     *
     * @param name for people, usually the file's name
     * @param digest SHA-256 of the model's bytes in hexadecimal digits
     * @param input extent of one input
     * @return a builder
     */
    public static Builder builder(String name, String digest, Shape input) {
        return new Builder(name, digest, input);
    }

    /**
     * The model's name.
     *
     * @return for people
     */
    public String name() {
        return name;
    }

    /**
     * What identifies the model's bytes.
     *
     * @return SHA-256 in hexadecimal digits
     */
    public String digest() {
        return digest;
    }

    /**
     * Extent of one input.
     *
     * @return channels, rows, columns
     */
    public Shape input() {
        return input;
    }

    /**
     * The operators.
     *
     * @return in an order in which they can be run
     */
    public ImmutableList<Node> nodes() {
        return nodes;
    }

    /**
     * What the importer decided that the file left open, or left out: one of several outputs, the size of the images.
     *
     * @return one line each, for people
     */
    public ImmutableList<String> notes() {
        return notes;
    }

    /**
     * The node that makes the output.
     *
     * @return the last node
     */
    public Node output() {
        return Iterables.getLast(nodes);
    }

    /**
     * Dimensions of a value for one input.
     *
     * @param value {@link #INPUT} or the index of a node
     * @return without the batch
     */
    public ImmutableIntArray dimensions(int value) {
        return value == INPUT
                ? ImmutableIntArray.of(input.channels(), input.height(), input.width())
                : nodes.get(value).dimensions();
    }

    /**
     * The extent of a value as a layer.
     *
     * @param value {@link #INPUT} or the index of a node
     * @return channels, rows, columns; a flat value has one row and column
     * @throws IllegalArgumentException if the value has neither one nor three dimensions
     */
    public Shape shape(int value) {
        ImmutableIntArray d = dimensions(value);
        checkArgument(d.length() == 1 || d.length() == 3, "a layer has one or three dimensions, but it has %s", d);
        return d.length() == 1 ? Shape.units(d.get(0)) : new Shape(d.get(0), d.get(1), d.get(2));
    }

    /**
     * The nodes that have to run to get from one value to another, and nothing else.
     *
     * @param from {@link #INPUT} or the index of a node
     * @param to index of a node that depends on the input through {@code from} alone
     * @return in an order in which they can be run; empty if {@code from == to}
     * @throws IllegalArgumentException if some way from the input to {@code to} goes around {@code from}
     */
    public ImmutableList<Node> between(int from, int to) {
        return between(from, ImmutableList.of(to));
    }

    /**
     * The nodes that have to run to get from one value to several others, and nothing else.
     *
     * @param from {@link #INPUT} or the index of a node
     * @param to indices of nodes that depend on the input through {@code from} alone
     * @return in an order in which they can be run
     * @throws IllegalArgumentException if some way from the input to one of {@code to} goes around {@code from}
     */
    public ImmutableList<Node> between(int from, Collection<Integer> to) {
        Set<Integer> needed = new TreeSet<>();
        for (int end : to) {
            List<Integer> open = new ArrayList<>();
            open.add(end);
            while (!open.isEmpty()) {
                int value = open.remove(open.size() - 1);
                if (value == from) {
                    continue;
                }
                checkArgument(
                        value != INPUT,
                        "'%s' cannot be computed from '%s' alone: some way from the input goes around it",
                        valueName(end),
                        valueName(from));
                if (needed.add(value)) {
                    open.addAll(nodes.get(value).inputs());
                }
            }
        }
        return needed.stream().map(nodes::get).collect(ImmutableList.toImmutableList());
    }

    /**
     * The values through which everything above them depends on the input: where the model can be cut into layers.
     *
     * @return indices of nodes, ascending; the output is the last
     */
    public ImmutableSortedSet<Integer> cuts() {
        ImmutableSortedSet.Builder<Integer> cuts = ImmutableSortedSet.naturalOrder();
        Set<Integer> live = new HashSet<>();
        int[] lastUse = new int[nodes.size() + 1];
        for (Node node : nodes) {
            for (int value : node.inputs()) {
                lastUse[value + 1] = node.index();
            }
        }
        live.add(INPUT);
        for (Node node : nodes) {
            live.add(node.index());
            for (int value : node.inputs()) {
                if (lastUse[value + 1] <= node.index()) {
                    live.remove(value);
                }
            }
            if (live.size() == 1) {
                cuts.add(node.index());
            }
        }
        return cuts.build();
    }

    private String valueName(int value) {
        return value == INPUT ? "input" : nodes.get(value).value();
    }

    @Override
    public String toString() {
        return name + ": " + input + " -> " + shape(output().index()) + ", " + nodes.size() + " operators";
    }

    /** Collects nodes; dimensions are worked out, and checked, as they are added. */
    public static final class Builder {
        private final String name;
        private final String digest;
        private final Shape input;
        private final List<Node> nodes = new ArrayList<>();
        private final Set<String> values = new HashSet<>();
        private final List<String> notes = new ArrayList<>();

        private Builder(String name, String digest, Shape input) {
            this.name = name;
            this.digest = digest;
            this.input = input;
        }

        /**
         * Adds an operator.
         *
         * @param nodeName the node's own name, for messages
         * @param value name of the value that it makes, unique within the graph
         * @param module dotted path of the module that it belongs to, or empty
         * @param op what it does
         * @param inputs {@link #INPUT} or what earlier calls returned
         * @return the number of the new value
         * @throws IllegalArgumentException if the operator cannot be applied to values of these dimensions, or makes one
         *     of more than {@link #LARGEST_VALUE} numbers
         */
        public int add(String nodeName, String value, String module, Op op, int... inputs) {
            checkArgument(values.add(value), "two nodes make a value called '%s'", value);
            List<ImmutableIntArray> dimensions = new ArrayList<>();
            for (int i : inputs) {
                dimensions.add(dimensions(i));
            }
            ImmutableIntArray result = Dimensions.of(op, dimensions, nodeName);
            long size = result.length() > MOST_DIMENSIONS ? 0 : 1;
            for (int i = 0; i < result.length() && size > 0 && size <= LARGEST_VALUE; i++) {
                size *= Math.max(0, result.get(i));
            }
            checkArgument(
                    size > 0 && size <= LARGEST_VALUE,
                    "node '%s' makes a value of dimensions %s, expected positive ones, at most %s and %s values in all",
                    nodeName,
                    result,
                    MOST_DIMENSIONS,
                    LARGEST_VALUE);
            Node node = new Node(
                    nodes.size(),
                    nodeName,
                    value,
                    module,
                    op,
                    ImmutableList.copyOf(ImmutableIntArray.copyOf(inputs).asList()),
                    result);
            nodes.add(node);
            return node.index();
        }

        /**
         * Records what was decided that the model's file left open; see {@link NetworkGraph#notes()}.
         *
         * @param text one line
         */
        public void note(String text) {
            notes.add(text);
        }

        /**
         * Dimensions of a value that was added, or of the input.
         *
         * @param value {@link #INPUT} or what {@link #add} returned
         * @return without the batch
         */
        public ImmutableIntArray dimensions(int value) {
            if (value == INPUT) {
                return ImmutableIntArray.of(input.channels(), input.height(), input.width());
            }
            checkElementIndex(value, nodes.size(), "value");
            return nodes.get(value).dimensions();
        }

        /**
         * The graph, without nodes that the output does not need.
         *
         * @param output the value that holds the logits
         * @return the graph
         * @throws IllegalArgumentException if the output does not depend on the input
         */
        public NetworkGraph build(int output) {
            NetworkGraph whole = new NetworkGraph(name, digest, input, ImmutableList.copyOf(nodes), ImmutableList.of());
            int[] renumbered = new int[nodes.size()];
            ImmutableList.Builder<Node> kept = ImmutableList.builder();
            int count = 0;
            for (Node node : whole.between(INPUT, output)) {
                renumbered[node.index()] = count;
                kept.add(new Node(
                        count++,
                        node.name(),
                        node.value(),
                        node.module(),
                        node.op(),
                        node.inputs().stream()
                                .map(value -> value == INPUT ? INPUT : renumbered[value])
                                .collect(ImmutableList.toImmutableList()),
                        node.dimensions()));
            }
            checkArgument(count > 0, "the output of a network graph cannot be its input");
            return new NetworkGraph(name, digest, input, kept.build(), ImmutableList.copyOf(notes));
        }
    }
}
