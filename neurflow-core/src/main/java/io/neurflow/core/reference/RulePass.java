package io.neurflow.core.reference;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.ChannelSlice;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A backward pass from a neuron to a layer below by other rules than those of the gradient, in plain Java and double precision:
 *
 * <ul>
 *   <li>{@link #guided}: guided backpropagation (Springenberg et al., 2015). Through a rectifier only what is positive goes
 *       back, and only where its input is positive; all else is the gradient.
 *   <li>{@link #epsilon}: layer-wise relevance propagation (Bach et al., 2015) with R<sub>i</sub> = x<sub>i</sub>
 *       &Sigma;<sub>j</sub> w<sub>ij</sub> R<sub>j</sub> / (z<sub>j</sub> + &epsilon; sign z<sub>j</sub>), z = W x + b.
 *   <li>{@link #zPlus}: the same with R<sub>i</sub> = &Sigma;<sub>j</sub> (x<sub>i</sub> w<sub>ij</sub>)<sup>+</sup>
 *       R<sub>j</sub> / (&Sigma;<sub>i</sub> (x<sub>i</sub> w<sub>ij</sub>)<sup>+</sup> + b<sub>j</sub><sup>+</sup>).
 * </ul>
 *
 * <p>Relevance starts with &phi;<sub>a</sub>, the spatial mean of the target, spread as it is made up. Batch normalisation is
 * worked into the convolution before it; sums share relevance by their summands as W x does by its products, concatenation and
 * selection hand it on, means are linear, the largest of a window takes all, and functions of one value that keep sign and 0
 * hand on what they get. Where a denominator is 0 the relevance ends. Operators without a rule (products, softmax, local
 * response normalisation, sigmoids, padding other than by 0) are refused.
 */
public final class RulePass {
    private enum Rule {
        GUIDED,
        EPSILON,
        Z_PLUS
    }

    private final GraphLayers layers;
    private final Rule rule;
    private final double epsilon;

    private RulePass(GraphLayers layers, Rule rule, double epsilon) {
        this.layers = layers;
        this.rule = rule;
        this.epsilon = epsilon;
    }

    /**
     * Guided backpropagation.
     *
     * @param layers the network with its layers
     * @return the pass
     */
    public static RulePass guided(GraphLayers layers) {
        return new RulePass(layers, Rule.GUIDED, 0);
    }

    /**
     * The &epsilon; rule.
     *
     * @param layers the network with its layers
     * @param epsilon 0 or more; what keeps small denominators from blowing up
     * @return the pass
     */
    public static RulePass epsilon(GraphLayers layers, double epsilon) {
        checkArgument(
                epsilon >= 0 && Double.isFinite(epsilon), "expected an epsilon of 0 or more, but it is %s", epsilon);
        return new RulePass(layers.withFoldedNormalisation(), Rule.EPSILON, epsilon);
    }

    /**
     * The z<sup>+</sup> rule.
     *
     * @param layers the network with its layers
     * @return the pass
     */
    public static RulePass zPlus(GraphLayers layers) {
        return new RulePass(layers.withFoldedNormalisation(), Rule.Z_PLUS, 0);
    }

    /**
     * Runs back.
     *
     * @param from the lower layer
     * @param maps its feature maps, [n, shape of {@code from}]
     * @param target a, in a higher layer
     * @return the guided gradient, or the relevance, of every value of {@code maps}, of the same shape
     * @throws IllegalArgumentException if the network has no such layers, or an operator between them has no rule
     */
    public Tensor run(Layer from, Tensor maps, Neuron target) {
        checkArgument(
                maps.shape().equals(from.shape()),
                "expected feature maps of %s, but their shape is %s",
                from,
                maps.shape());
        int bottom = value(from);
        int top = value(target.layer());
        checkArgument(bottom < top, "expected a target above %s, but it is %s", from, target);
        layers.graph().between(bottom, top).forEach(this::checkRule);
        // nothing but what the target depends on: no other rows of the last convolution, no other branches
        NetworkGraph slice = ChannelSlice.of(layers.graph(), bottom, top, target.channel());
        ImmutableList<Node> nodes = slice.nodes();
        int last = slice.output().index();
        Map<Integer, LinearParts> parts = new HashMap<>();
        int size = maps.shape().size();
        double[] x = maps.toDoubles();
        double[] result = new double[x.length];
        for (int item = 0; item < maps.count(); item++) {
            Map<Integer, Grid> values = new TreeMap<>();
            double[] own = Arrays.copyOfRange(x, item * size, (item + 1) * size);
            values.put(NetworkGraph.INPUT, new Grid(slice.dimensions(NetworkGraph.INPUT), own));
            for (Node node : nodes) {
                values.put(node.index(), Forward.of(node.op(), all(values, node), node.dimensions()));
            }
            Map<Integer, Grid> shares = new TreeMap<>();
            values.forEach((value, grid) -> shares.put(value, Grid.zeros(grid.dimensions)));
            start(at(values, last), at(shares, last));
            for (Node node : nodes.reverse()) {
                back(node, values, shares, parts);
            }
            System.arraycopy(at(shares, NetworkGraph.INPUT).v, 0, result, item * size, size);
        }
        return Tensor.ofDoubles(maps.count(), maps.shape(), result);
    }

    /** By name, since the probe may number its layers otherwise than the graph that it was opened with. */
    private int value(Layer layer) {
        for (Layer own : layers.layers()) {
            if (own.name().equals(layer.name()) && own.shape().equals(layer.shape())) {
                return layers.value(own);
            }
        }
        throw new IllegalArgumentException(
                "expected a layer of the network, which are " + layers.layers() + ", but it is " + layer);
    }

    /**
     * Whether there is a rule for all that lies between two layers.
     *
     * @param from the lower layer
     * @param above the target's
     * @return false where {@link #run} would refuse
     */
    public boolean appliesTo(Layer from, Layer above) {
        int bottom = value(from);
        int top = value(above);
        return bottom < top && layers.graph().between(bottom, top).stream().allMatch(this::known);
    }

    private boolean known(Node node) {
        return rule == Rule.GUIDED || hasRule(node.op());
    }

    private void checkRule(Node node) {
        checkArgument(
                known(node),
                "expected operators that relevance has a rule for, but node '%s' is %s; take layers with it outside, or another"
                        + " attribution",
                node.name(),
                node.op() instanceof Op.Pad pad
                        ? "Pad by " + pad.value()
                        : node.op().kind());
    }

    private static boolean hasRule(Op op) {
        if (op instanceof Op.Elementwise function) {
            return switch (function.function()) {
                case SIGMOID, HARD_SIGMOID -> false;
                case CLIP -> function.a() <= 0 && function.b() >= 0;
                default -> true;
            };
        }
        if (op instanceof Op.Pad pad) {
            return pad.value() == 0;
        }
        return !(op instanceof Op.Mul || op instanceof Op.Softmax || op instanceof Op.Lrn);
    }

    private void start(Grid value, Grid share) {
        for (int p = 0; p < value.v.length; p++) {
            share.v[p] = (rule == Rule.GUIDED ? 1 : value.v[p]) / value.v.length;
        }
    }

    private void back(
            Node node, Map<Integer, Grid> values, Map<Integer, Grid> shares, Map<Integer, LinearParts> parts) {
        List<Grid> in = all(values, node);
        Grid y = at(values, node.index());
        Grid above = at(shares, node.index());
        List<Grid> below = all(shares, node);
        Op op = node.op();
        if (rule == Rule.GUIDED) {
            guided(op, in, y, above, below);
        } else if (op instanceof Op.Elementwise) {
            add(below.get(0), above.v);
        } else if (isMixing(op)) {
            if (rule == Rule.EPSILON) {
                epsilon(op, in, y, above, below);
            } else {
                zPlus(parts.computeIfAbsent(node.index(), i -> LinearParts.of(op)), in, y, above, below);
            }
        } else {
            // what only moves values, or lets the largest through, moves relevance as it moves gradients
            Backward.of(op, in, y, above, below);
        }
    }

    private static boolean isMixing(Op op) {
        return op instanceof Op.Conv
                || op instanceof Op.Dense
                || op instanceof Op.Affine
                || op instanceof Op.AveragePool
                || op instanceof Op.GlobalAveragePool
                || op instanceof Op.Add;
    }

    private static void guided(Op op, List<Grid> in, Grid y, Grid above, List<Grid> below) {
        boolean rectifier = op instanceof Op.Elementwise f
                && (f.function() == Op.Elementwise.Function.RELU
                        || (f.function() == Op.Elementwise.Function.CLIP && f.a() == 0));
        Backward.of(op, in, y, rectifier ? positive(above) : above, below);
    }

    private void epsilon(Op op, List<Grid> in, Grid y, Grid above, List<Grid> below) {
        Grid ratio = Grid.zeros(y.dimensions);
        for (int i = 0; i < y.v.length; i++) {
            double denominator = y.v[i] + (y.v[i] < 0 ? -epsilon : epsilon);
            ratio.v[i] = denominator == 0 ? 0 : above.v[i] / denominator;
        }
        share(op, in, y, ratio, below);
    }

    private static void zPlus(LinearParts parts, List<Grid> in, Grid y, Grid above, List<Grid> below) {
        List<Grid> up = in.stream().map(RulePass::positive).toList();
        List<Grid> down = in.stream().map(RulePass::negative).toList();
        Grid z = parts.positiveBias(in, y.dimensions);
        add(z, Forward.of(parts.positive(), up, y.dimensions).v);
        parts.negative().ifPresent(op -> add(z, Forward.of(op, down, y.dimensions).v));
        Grid ratio = Grid.zeros(y.dimensions);
        for (int i = 0; i < z.v.length; i++) {
            ratio.v[i] = z.v[i] == 0 ? 0 : above.v[i] / z.v[i];
        }
        share(parts.positive(), up, y, ratio, below);
        parts.negative().ifPresent(op -> share(op, down, y, ratio, below));
    }

    /** Adds x times what the operator's transpose makes of the ratios. */
    private static void share(Op op, List<Grid> in, Grid y, Grid ratio, List<Grid> below) {
        List<Grid> back = in.stream().map(x -> Grid.zeros(x.dimensions)).toList();
        Backward.of(op, in, y, ratio, back);
        for (int n = 0; n < in.size(); n++) {
            for (int i = 0; i < in.get(n).v.length; i++) {
                below.get(n).v[i] += in.get(n).v[i] * back.get(n).v[i];
            }
        }
    }

    private static Grid positive(Grid x) {
        return new Grid(
                x.dimensions, Arrays.stream(x.v).map(v -> Math.max(v, 0)).toArray());
    }

    private static Grid negative(Grid x) {
        return new Grid(
                x.dimensions, Arrays.stream(x.v).map(v -> Math.min(v, 0)).toArray());
    }

    private static void add(Grid to, double[] more) {
        for (int i = 0; i < more.length; i++) {
            to.v[i] += more[i];
        }
    }

    private static List<Grid> all(Map<Integer, Grid> grids, Node node) {
        return node.inputs().stream().map(value -> at(grids, value)).toList();
    }

    private static Grid at(Map<Integer, Grid> grids, int value) {
        return Objects.requireNonNull(grids.get(value));
    }
}
