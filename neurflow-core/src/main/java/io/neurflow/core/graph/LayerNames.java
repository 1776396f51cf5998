package io.neurflow.core.graph;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.neurflow.api.NearestNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What the cuts of a network graph ({@link NetworkGraph#cuts()}) are called.
 *
 * <p>The output of a module is the value of the last node inside it. If that is a cut, the module's dotted path is an alias
 * of it: layer4 and layer4.2 both name the output of a ResNet's last block. The primary name is the outermost alias that
 * leaves no doubt: as long as the module holds other cuts that are outputs of modules within it (layer4 holds layer4.0 and
 * layer4.1), the name goes one module further in. A cut that is no module's output goes by the name of its tensor.
 *
 * <p>Every cut is found by its primary name, any alias, the name of its tensor, and the name of its node.
 *
 * <p>The logits are the output or, if the model ends in a Softmax or a Sigmoid, the value before that.
 */
public final class LayerNames {
    private final NetworkGraph graph;
    private final ImmutableList<NamedCut> cuts;
    private final Map<Integer, NamedCut> byValue = new LinkedHashMap<>();
    private final Map<String, Integer> lookup = new HashMap<>();

    /** Of every module the last node, cut or not. */
    private final Map<String, Integer> outputs = new TreeMap<>();

    private LayerNames(NetworkGraph graph) {
        this.graph = graph;
        for (Node node : graph.nodes()) {
            for (String module : around(node.module())) {
                outputs.put(module, node.index());
            }
        }
        List<Integer> values = new ArrayList<>();
        for (int value : graph.cuts()) {
            int rank = graph.dimensions(value).length();
            if (rank == 1 || rank == 3) {
                values.add(value);
            }
        }
        Map<Integer, ImmutableList<String>> aliases = new LinkedHashMap<>();
        for (int value : values) {
            aliases.put(
                    value,
                    around(graph.nodes().get(value).module()).stream()
                            .filter(module -> outputs.getOrDefault(module, -1) == value)
                            .collect(ImmutableList.toImmutableList()));
        }
        TreeMap<String, Integer> byAlias = new TreeMap<>();
        aliases.forEach((value, names) -> names.forEach(name -> byAlias.put(name, value)));
        lookup.putAll(byAlias);
        values.forEach(value -> lookup.putIfAbsent(graph.nodes().get(value).value(), value));
        for (int value : values) {
            String node = graph.nodes().get(value).name();
            if (!node.isEmpty()) {
                lookup.putIfAbsent(node, value);
            }
        }
        for (int value : values) {
            Node node = graph.nodes().get(value);
            String name = primary(value, aliases.getOrDefault(value, ImmutableList.of()), byAlias);
            // A tensor may be called what another cut's module is called; then its node tells them apart.
            if (lookup.getOrDefault(name, value) != value) {
                name = "#" + value;
                lookup.put(name, value);
            }
            byValue.put(
                    value,
                    new NamedCut(
                            value,
                            name,
                            aliases.getOrDefault(value, ImmutableList.of()),
                            node.op().kind(),
                            graph.shape(value)));
        }
        cuts = ImmutableList.copyOf(byValue.values());
    }

    /**
     * Names the cuts of a graph.
     *
     * @param graph any network graph
     * @return its names
     */
    public static LayerNames of(NetworkGraph graph) {
        return new LayerNames(graph);
    }

    /**
     * All cuts.
     *
     * @return from input to output, under their primary names, which are unique
     */
    public ImmutableList<NamedCut> all() {
        return cuts;
    }

    /**
     * The cut that holds the logits.
     *
     * @return the output or, if that is the result of a Softmax or a Sigmoid, what went into it
     */
    public NamedCut logits() {
        int value = graph.output().index();
        int below = value;
        while (below != NetworkGraph.INPUT && graph.nodes().get(below).op() instanceof Op.Reshape) {
            below = graph.nodes().get(below).inputs().get(0);
        }
        if (below != NetworkGraph.INPUT
                && makesProbabilities(graph.nodes().get(below).op())) {
            int before = graph.nodes().get(below).inputs().get(0);
            // The reshape in front of a softmax over [classes, 1, 1] is the importer's, not the model's.
            while (before != NetworkGraph.INPUT
                    && graph.nodes().get(before).op() instanceof Op.Reshape
                    && !byValue.containsKey(before)) {
                before = graph.nodes().get(before).inputs().get(0);
            }
            value = byValue.containsKey(before) ? before : value;
        }
        return byValue.containsKey(value) ? named(value) : Iterables.getLast(cuts);
    }

    private static boolean makesProbabilities(Op op) {
        return op instanceof Op.Softmax
                || (op instanceof Op.Elementwise each && each.function() == Op.Elementwise.Function.SIGMOID);
    }

    /**
     * Finds a cut.
     *
     * @param name a primary name, a module, or the name of a tensor or node
     * @return the cut, under the name that was asked for
     * @throws IllegalArgumentException if there is no such cut; the message says why, and which are near
     */
    public NamedCut resolve(String name) {
        Integer value = lookup.get(name);
        if (value != null) {
            NamedCut cut = named(value);
            return new NamedCut(cut.value(), name, cut.aliases(), cut.kind(), cut.shape());
        }
        int inside = inside(name);
        if (inside >= 0) {
            List<NamedCut> above =
                    cuts.stream().filter(cut -> cut.value() >= inside).toList();
            NamedCut nearest = above.stream()
                    .filter(cut -> !cut.aliases().isEmpty())
                    .findFirst()
                    .orElse(Iterables.getFirst(above, Iterables.getLast(cuts)));
            throw new IllegalArgumentException("'" + name
                    + "' is bypassed: some way from the input to the logits goes around it; the nearest layer above it is '"
                    + nearest.name() + "'");
        }
        Set<String> names = new LinkedHashSet<>();
        cuts.forEach(cut -> names.add(cut.name()));
        cuts.forEach(cut -> names.addAll(cut.aliases()));
        throw new IllegalArgumentException("there is no layer '" + name + "'; the nearest names are "
                + NearestNames.of(name, names) + ", LayerNames lists all " + cuts.size());
    }

    /**
     * Where branches join: the outputs of residual blocks, Inception and fire modules and dense blocks, after their
     * activation.
     *
     * @return below the logits, from the highest downwards
     */
    public ImmutableList<NamedCut> blocks() {
        return stages(op -> op instanceof Op.Add || op instanceof Op.Concat, false);
    }

    /**
     * Layers to explain by default: the logits and the highest stages below them. Stages are the {@link #blocks()}; if there
     * are too few, also the outputs of convolutions (after their normalisation and activation).
     *
     * @param count how many stages to take
     * @return primary names, the logits first, then downwards; fewer stages if the model has fewer
     */
    public ImmutableList<String> suggested(int count) {
        List<NamedCut> chosen = new ArrayList<>(blocks().stream().limit(count).toList());
        convolutions().stream()
                .filter(cut -> !chosen.contains(cut))
                .limit(Math.max(0, count - chosen.size()))
                .forEach(chosen::add);
        return Stream.concat(
                        Stream.of(logits()),
                        chosen.stream()
                                .sorted(Comparator.comparingInt(NamedCut::value).reversed()))
                .map(NamedCut::name)
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * The stage that {@link #suggested} would go on with below a value.
     *
     * @param value index of a node
     * @return the highest of the {@link #blocks()} below it; if there is none, the output of the highest convolution below
     *     it (after its normalisation and activation); empty if there is none of that either
     */
    public Optional<NamedCut> stageBelow(int value) {
        return Stream.concat(blocks().stream(), convolutions().stream())
                .filter(cut -> cut.value() < value)
                .findFirst();
    }

    private ImmutableList<NamedCut> convolutions() {
        return stages(op -> op instanceof Op.Conv, true);
    }

    /** Cuts between the first weights and the logits that an operator makes, each followed up to its activation. */
    private ImmutableList<NamedCut> stages(Predicate<Op> maker, boolean normalised) {
        int top = logits().value();
        int first = graph.nodes().stream()
                .filter(LayerNames::hasWeights)
                .mapToInt(Node::index)
                .findFirst()
                .orElse(top);
        return cuts.reverse().stream()
                .map(cut -> graph.nodes().get(cut.value()))
                .filter(node -> node.index() >= first && maker.test(node.op()))
                .map(node -> activated(node, normalised))
                .filter(value -> value < top)
                .distinct()
                .map(this::named)
                .collect(ImmutableList.toImmutableList());
    }

    /** Follows a cut up to the activation that reads it, through normalisation if wanted. */
    private int activated(Node node, boolean normalised) {
        int value = node.index();
        for (Node next : graph.nodes().subList(node.index() + 1, graph.nodes().size())) {
            // What reads a cut alone is the next cut.
            if (!next.inputs().equals(ImmutableList.of(value)) || !byValue.containsKey(next.index())) {
                break;
            }
            if (next.op() instanceof Op.Elementwise) {
                return next.index();
            }
            if (!normalised || !(next.op() instanceof Op.Affine)) {
                break;
            }
            value = next.index();
        }
        return value;
    }

    private static boolean hasWeights(Node node) {
        return node.op() instanceof Op.Conv || node.op() instanceof Op.Dense;
    }

    private NamedCut named(int value) {
        NamedCut cut = byValue.get(value);
        if (cut == null) {
            throw new IllegalStateException("value " + value + " is no layer");
        }
        return cut;
    }

    private String primary(int value, List<String> own, SortedMap<String, Integer> values) {
        for (String module : own) {
            // Of names that begin with "module.", which stand together, one that means another cut.
            boolean vague =
                    values.subMap(module + ".", module + "/").values().stream().anyMatch(other -> other != value);
            if (!vague || module.equals(Iterables.getLast(own))) {
                return module;
            }
        }
        return graph.nodes().get(value).value();
    }

    /** The last node that goes by a name, or -1. */
    private int inside(String name) {
        int last = outputs.getOrDefault(name, -1);
        for (Node node : graph.nodes()) {
            if (node.value().equals(name) || node.name().equals(name)) {
                last = Math.max(last, node.index());
            }
        }
        return last;
    }

    /** A module and those around it, from the outermost in. */
    private static ImmutableList<String> around(String module) {
        if (module.isEmpty()) {
            return ImmutableList.of();
        }
        ImmutableList.Builder<String> result = ImmutableList.builder();
        String path = "";
        for (String part : Splitter.on('.').split(module)) {
            path = path.isEmpty() ? part : path + "." + part;
            result.add(path);
        }
        return result.build();
    }
}
