package io.neurflow.core.samediff;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NearestNames;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Any SameDiff graph as a probe, transformers included: layers are variables by name, the graph is cut at them, and
 * gradients are SameDiff's own. What a neuron is says a {@link UnitAxis}: channels, hidden units or heads; all other axes
 * but the batch are positions, over which its activation is averaged.
 *
 * <pre>{@code
 * ModelProbe probe = SameDiffWrap.of(Path.of("vit.fb"))
 *         .layer("block0")                         // [batch, tokens, units]: the last axis holds neurons
 *         .layer("block1")
 *         .logits("logits")
 *         .open();
 * }</pre>
 *
 * <p>A layer must be all that the next one depends on. Inside a residual block one variable never is: there, several
 * variables are a layer {@linkplain #joint together}, the heads of an attention and the values that go around it, say.
 *
 * <p>Layer normalisation forgets the scale of what it reads. Along the ray from 0 to x, on which importance is integrated, it
 * turns sharply near 0, within about the root of its epsilon; SameDiff's own, which has no epsilon, jumps there. Points of a
 * quadrature that do not see the turn leave a residual, which the scores report, and more points make it smaller, unless it
 * is a jump.
 *
 * <p>The graph reads one placeholder of type FLOAT with the batch as its first axis, has no loops or branches, and gives
 * the same for the same input. {@link SameDiffImporter} is faster and more exact for convolutional networks: it gives the
 * network to Neurflow's own engine.
 */
public final class SameDiffWrap {
    private final Path file;
    private final Optional<Shape> image;
    private final UnitAxis inputAxis;
    private final ImmutableMap<String, ImmutableMap<String, UnitAxis>> layers;
    private final Optional<String> logits;

    private SameDiffWrap(
            Path file,
            Optional<Shape> image,
            UnitAxis inputAxis,
            ImmutableMap<String, ImmutableMap<String, UnitAxis>> layers,
            Optional<String> logits) {
        this.file = file;
        this.image = image;
        this.inputAxis = inputAxis;
        this.layers = layers;
        this.logits = logits;
    }

    /**
     * A graph that {@code SameDiff.save} wrote; nothing is read before {@link #open}.
     *
     * @param file a .fb file
     * @return its logits as the only layer
     */
    public static SameDiffWrap of(Path file) {
        return new SameDiffWrap(file, Optional.empty(), UnitAxis.usual(), ImmutableMap.of(), Optional.empty());
    }

    /**
     * Adds a layer whose neurons stand on the {@linkplain UnitAxis#usual() usual axis}.
     *
     * @param variable its name in the graph
     * @return a changed copy
     */
    public SameDiffWrap layer(String variable) {
        return layer(variable, UnitAxis.usual());
    }

    /**
     * Adds a layer.
     *
     * @param variable its name in the graph
     * @param units which axis holds neurons
     * @return a changed copy
     */
    public SameDiffWrap layer(String variable, UnitAxis units) {
        return joint(variable, ImmutableMap.of(variable, units));
    }

    /**
     * Adds a layer that is several variables together: neurons of the first, then of the second, and so on. All need the
     * same number of positions for a neuron ({@link UnitAxis#inGroups} helps).
     *
     * @param name for people
     * @param parts names of variables in the graph, and which axis of each holds neurons
     * @return a changed copy
     */
    public SameDiffWrap joint(String name, Map<String, UnitAxis> parts) {
        checkArgument(!parts.isEmpty(), "expected variables that make up layer '%s', but there are none", name);
        checkArgument(!layers.containsKey(name), "layer '%s' is named twice; leave one out", name);
        ImmutableMap<String, ImmutableMap<String, UnitAxis>> more =
                ImmutableMap.<String, ImmutableMap<String, UnitAxis>>builder()
                        .putAll(layers)
                        .put(name, ImmutableMap.copyOf(parts))
                        .buildOrThrow();
        return new SameDiffWrap(file, image, inputAxis, more, logits);
    }

    /**
     * Says which variable holds the logits, [batch, classes]; by default the graph's only output, or what its final softmax
     * or loss reads.
     *
     * @param variable its name in the graph
     * @return a changed copy
     */
    public SameDiffWrap logits(String variable) {
        return new SameDiffWrap(file, image, inputAxis, layers, Optional.of(variable));
    }

    /**
     * Says which axis of the input holds channels, {@code UnitAxis.last()} for [batch, rows, columns, channels]. By default
     * axis 1 of four if it has no more entries than the last, else the last.
     *
     * @param axis the channels' axis
     * @return a changed copy
     */
    public SameDiffWrap inputAxis(UnitAxis axis) {
        return new SameDiffWrap(file, image, axis, layers, logits);
    }

    /**
     * Says how large images are, for a graph that leaves it open.
     *
     * @param shape channels, rows, columns
     * @return a changed copy
     */
    public SameDiffWrap images(Shape shape) {
        return new SameDiffWrap(file, Optional.of(shape), inputAxis, layers, logits);
    }

    /**
     * The variables at which the graph can be cut, from below upwards: each is all that the logits depend on from there on.
     *
     * @return names for {@link #layer(String)}
     * @throws NeurflowException if the file cannot be read or is no such graph
     */
    public ImmutableList<String> cuts() {
        WrappedGraph graph = new WrappedGraph(name(), StoredGraph.parse(name(), StoredGraph.bytes(file)));
        return graph.cuts(logits(graph));
    }

    /**
     * Reads the graph and opens a probe on it.
     *
     * @return a probe in single precision; close it to free its memory
     * @throws NeurflowException if the file cannot be read, or the graph is not one that can be wrapped
     * @throws IllegalArgumentException if a layer is unknown, goes around another one, or has no such axis
     */
    public ModelProbe open() {
        byte[] bytes = StoredGraph.bytes(file);
        WrappedGraph graph = new WrappedGraph(name(), StoredGraph.parse(name(), bytes));
        String top = logits(graph);
        Map<String, ImmutableMap<String, UnitAxis>> all = new LinkedHashMap<>(layers);
        all.values().removeIf(parts -> parts.keySet().equals(ImmutableSet.of(top)));
        all.forEach((name, parts) -> parts.keySet().forEach(variable -> checkKnown(graph, variable)));
        String input = input(graph, top);
        ImmutableLongArray inputShape = inputShape(graph, input);
        List<String> order = sorted(graph, all, top);
        Map<String, UnitAxis> ofTop = layers.values().stream()
                .filter(parts -> parts.keySet().equals(ImmutableSet.of(top)))
                .findFirst()
                .orElse(ImmutableMap.of(top, UnitAxis.usual()));
        Set<String> variables = new LinkedHashSet<>();
        order.forEach(name ->
                variables.addAll(all.getOrDefault(name, ImmutableMap.of()).keySet()));
        variables.add(top);
        WrappedModel model = new WrappedModel(name(), graph, input, inputShape, variables);
        try {
            ImmutableList.Builder<WrappedLayer> wrapped = ImmutableList.builder();
            ImmutableList.Builder<Layer> made = ImmutableList.builder();
            for (int i = 0; i <= order.size(); i++) {
                String name = i == order.size() ? top : order.get(i);
                Map<String, UnitAxis> parts = i == order.size() ? ofTop : all.getOrDefault(name, ImmutableMap.of());
                WrappedLayer layer = WrappedLayer.of(name, parts, model.shapes());
                String kind = parts.size() > 1 ? "Joint" : graph.kind(Iterables.getOnlyElement(parts.keySet()));
                wrapped.add(layer);
                made.add(new Layer(name, i, kind, layer.shape()));
            }
            WrappedLayer images =
                    new WrappedLayer(input, List.of(inputAxis(inputShape).layout(input, inputShape)));
            String digest = Hashing.sha256().hashBytes(bytes).toString();
            ModelInfo info = new ModelInfo(name(), digest, SameDiffProbe.engine(), Precision.FLOAT32);
            WrappedProbe probe = new WrappedProbe(info, model, images, wrapped.build(), made.build());
            probe.prepare();
            return probe;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private String name() {
        return String.valueOf(file.getFileName());
    }

    private void checkKnown(WrappedGraph graph, String variable) {
        checkArgument(
                graph.has(variable) && !graph.kind(variable).equals("Placeholder"),
                "there is no variable '%s' that an operator of %s makes; the nearest names are %s",
                variable,
                name(),
                NearestNames.of(variable, graph.made()));
        SDVariable known = graph.variable(variable).getVariable();
        checkArgument(
                known.dataType() == DataType.FLOAT,
                "expected '%s' to be of type FLOAT, but it is %s; choose a variable of real numbers, or convert the graph"
                        + " with convertDataTypes",
                variable,
                known.dataType());
    }

    private String logits(WrappedGraph graph) {
        if (logits.isPresent()) {
            checkKnown(graph, logits.get());
            return logits.get();
        }
        List<String> ends = graph.scores();
        if (ends.size() != 1) {
            throw new NeurflowException(
                    name() + " has outputs " + ends + ", expected one, the class scores; say which with logits(name)");
        }
        String end = ends.get(0);
        return graph.kind(end).equals("softmax") ? graph.reads(end).get(0) : end;
    }

    private String input(WrappedGraph graph, String top) {
        List<String> placeholders = graph.placeholders(top);
        if (placeholders.size() != 1) {
            throw new NeurflowException(name() + ": '" + top + "' depends on the placeholders " + placeholders
                    + ", expected one, the images; save the graph with the others as constants");
        }
        String input = placeholders.get(0);
        SDVariable variable = graph.variable(input).getVariable();
        if (variable.dataType() != DataType.FLOAT || variable.getVariableType() != VariableType.PLACEHOLDER) {
            throw new NeurflowException(name() + ": input '" + input + "' is of type " + variable.dataType()
                    + ", expected FLOAT; convert the graph with convertDataTypes and save it again");
        }
        return input;
    }

    private ImmutableLongArray inputShape(WrappedGraph graph, String input) {
        long[] declared = graph.variable(input).getVariable().placeholderShape();
        if (declared == null || declared.length < 2) {
            throw new NeurflowException(
                    name() + ": input '" + input
                            + "' does not say its shape, expected the batch and at least one axis; save the graph with a shape for it");
        }
        long[] shape = declared.clone();
        if (image.isPresent() && shape.length == 4) {
            UnitAxis axis = inputAxis(ImmutableLongArray.copyOf(shape));
            boolean last = axis.isLast();
            Shape s = image.get();
            long[] wanted = last
                    ? new long[] {s.height(), s.width(), s.channels()}
                    : new long[] {s.channels(), s.height(), s.width()};
            for (int i = 0; i < 3; i++) {
                checkArgument(
                        shape[i + 1] <= 0 || shape[i + 1] == wanted[i],
                        "expected images of %s, but input '%s' of %s has shape %s; leave images(...) away",
                        s,
                        input,
                        name(),
                        ImmutableLongArray.copyOf(declared));
                shape[i + 1] = wanted[i];
            }
        }
        for (int i = 1; i < shape.length; i++) {
            if (shape[i] <= 0) {
                throw new NeurflowException(name() + ": input '" + input + "' leaves its extents open ("
                        + ImmutableLongArray.copyOf(declared)
                        + "); say them: images(new Shape(3, 224, 224))");
            }
        }
        shape[0] = Math.max(-1, shape[0] == 0 ? -1 : shape[0]);
        return ImmutableLongArray.copyOf(shape);
    }

    private UnitAxis inputAxis(ImmutableLongArray shape) {
        boolean channelsLast =
                shape.length() == 4 && shape.get(3) > 0 && (shape.get(1) <= 0 || shape.get(3) < shape.get(1));
        return inputAxis.isUsual() && channelsLast ? UnitAxis.last() : inputAxis;
    }

    /** From below upwards; each must be all that the next one depends on. */
    private ImmutableList<String> sorted(
            WrappedGraph graph, Map<String, ImmutableMap<String, UnitAxis>> all, String top) {
        List<String> rest = new ArrayList<>(all.keySet());
        ImmutableList.Builder<String> order = ImmutableList.builder();
        Set<String> above = ImmutableSet.of(top);
        String aboveName = top;
        Map<String, String> reasons = new LinkedHashMap<>();
        while (!rest.isEmpty()) {
            String next = null;
            reasons.clear();
            for (String candidate : rest) {
                String why = refusal(
                        graph, all.getOrDefault(candidate, ImmutableMap.of()).keySet(), above);
                if (!why.isEmpty()) {
                    reasons.put(candidate, why);
                } else if (next == null || isAbove(graph, all, candidate, next)) {
                    next = candidate;
                }
            }
            if (next == null) {
                String first = rest.get(0);
                throw new IllegalArgumentException("'" + aboveName + "' cannot be computed from '" + first + "' alone: "
                        + reasons.get(first) + " goes around it; " + advice(graph, top));
            }
            rest.remove(next);
            order.add(next);
            above = ImmutableSet.copyOf(
                    all.getOrDefault(next, ImmutableMap.of()).keySet());
            aboveName = next;
        }
        return order.build().reverse();
    }

    private String advice(WrappedGraph graph, String top) {
        List<String> cuts = graph.cuts(top);
        List<String> some = cuts.subList(Math.max(0, cuts.size() - 8), cuts.size());
        return "the graph can be cut at " + some
                + (cuts.size() > some.size() ? " (the last of " + cuts.size() + ")" : "")
                + ", or at several variables together with joint(...)";
    }

    private static String refusal(WrappedGraph graph, Set<String> cut, Set<String> above) {
        for (String variable : above) {
            List<String> way = graph.wayAround(cut, variable);
            if (!way.isEmpty()) {
                return WrappedGraph.inWords(way);
            }
        }
        return "";
    }

    private static boolean isAbove(
            WrappedGraph graph, Map<String, ImmutableMap<String, UnitAxis>> all, String upper, String lower) {
        Set<String> from = all.getOrDefault(lower, ImmutableMap.of()).keySet();
        return refusal(graph, from, all.getOrDefault(upper, ImmutableMap.of()).keySet())
                .isEmpty();
    }

    @Override
    public String toString() {
        return file + ", layers " + layers.keySet();
    }
}
