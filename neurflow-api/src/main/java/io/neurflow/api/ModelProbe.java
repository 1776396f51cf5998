package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableMap.toImmutableMap;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The one interface through which the method sees a model: a chain of layers, the way from one to another, and gradients.
 * Implement the abstract methods and every algorithm of Neurflow works on your model; override a default method where your
 * engine can do better. Then let a test extend {@code io.neurflow.testkit.ModelProbeContract}, which states all of this as
 * checks.
 *
 * <p>Contract:
 *
 * <ul>
 *   <li>Layers form a chain: {@code forward(a, forward(inputs, a), b)} equals {@code forward(inputs, b)} up to rounding.
 *   <li>An item of a batch gets the same answer as it would alone, up to rounding.
 *   <li>The same call gives the same answer, bit for bit.
 *   <li>Tensors are in {@code info().precision()}; tensors passed in may have either precision.
 *   <li>A tensor of the wrong shape, layers in the wrong order, the way from a layer to itself, and layers of another probe
 *       are refused with an {@link IllegalArgumentException}.
 *   <li>After {@link #close()} every call that runs the model is refused with an {@link IllegalStateException}; what is known
 *       without it, such as {@link #info()}, {@link #inputShape()} and {@link #layers()}, may still be answered, and another
 *       {@code close()} does nothing.
 *   <li>A probe is used by one thread at a time.
 * </ul>
 */
public interface ModelProbe extends AutoCloseable {
    /**
     * What is being probed.
     *
     * @return name, digest, engine, precision
     */
    ModelInfo info();

    /**
     * Extent of one input.
     *
     * @return channels, rows, columns
     */
    Shape inputShape();

    /**
     * The layers, from the lowest to the logits (before any softmax).
     *
     * @return at least one; {@code layers().get(i).index() == i}
     */
    ImmutableList<Layer> layers();

    /**
     * &phi;<sup>1,l</sup>: from inputs to a layer.
     *
     * @param inputs normalised pixels, [n, {@link #inputShape()}]
     * @param to the layer l
     * @return activations, [n, shape of l]
     */
    Tensor forward(Tensor inputs, Layer to);

    /**
     * &phi;<sup>l-1,l</sup>: from one layer to a higher one.
     *
     * @param from the lower layer
     * @param activations [n, shape of {@code from}]
     * @param to the higher layer; {@code from} itself is refused
     * @return activations, [n, shape of {@code to}]
     */
    Tensor forward(Layer from, Tensor activations, Layer to);

    /**
     * The gradient of a neuron: &part;&phi;<sub>a</sub> / &part;x at x, where &phi;<sub>a</sub> is the spatial mean of
     * channel a.
     *
     * @param from the lower layer
     * @param activations x, [n, shape of {@code from}]
     * @param target a, in a higher layer
     * @return [n, shape of {@code from}]
     */
    Tensor gradient(Layer from, Tensor activations, Neuron target);

    /** Frees what the probe holds. Closing twice does nothing. */
    @Override
    void close();

    /**
     * The highest layer.
     *
     * @return the last of {@link #layers()}
     */
    default Layer logits() {
        return Iterables.getLast(layers());
    }

    /**
     * A layer by name.
     *
     * @param name as in {@link Layer#name()}
     * @return the layer
     * @throws IllegalArgumentException if there is none; the message lists the nearest names
     */
    default Layer layer(String name) {
        return layers().stream()
                .filter(layer -> layer.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("there is no layer '" + name + "'; the nearest names are "
                                + NearestNames.of(
                                        name, layers().stream().map(Layer::name).toList())
                                + ", layers() lists all " + layers().size()));
    }

    /**
     * How many items a caller should pass at a time for good speed and bounded memory.
     *
     * @return 16 unless overridden
     */
    default int preferredBatch() {
        return 16;
    }

    /**
     * What a forward pass from the input to a layer costs, in any unit: by it callers decide from where to compute what they
     * need again. Must not vary from run to run.
     *
     * @param to a layer
     * @return by default the number of layers up to this one; multiply-adds where the probe knows them
     */
    default double cost(Layer to) {
        return to.index() + 1.0;
    }

    /**
     * From inputs to several layers in one go. By default each layer is computed from the one below it.
     *
     * @param inputs normalised pixels, [n, {@link #inputShape()}]
     * @param to distinct layers in any order
     * @return the activations of each
     */
    default ImmutableMap<Layer, Tensor> forward(Tensor inputs, Set<Layer> to) {
        ImmutableMap.Builder<Layer, Tensor> result = ImmutableMap.builder();
        Layer below = null;
        Tensor activations = inputs;
        for (Layer layer :
                to.stream().sorted(Comparator.comparingInt(Layer::index)).toList()) {
            activations = below == null ? forward(inputs, layer) : forward(below, activations, layer);
            below = layer;
            result.put(layer, activations);
        }
        return result.buildOrThrow();
    }

    /**
     * &phi; of every neuron of several layers: spatial means, with no feature maps kept.
     *
     * @param inputs normalised pixels, [n, {@link #inputShape()}]
     * @param of distinct layers
     * @return for each layer a matrix [n][channels]
     */
    default ImmutableMap<Layer, double[][]> pooled(Tensor inputs, Set<Layer> of) {
        return forward(inputs, of).entrySet().stream()
                .collect(toImmutableMap(e -> e.getKey(), e -> e.getValue().spatialMeans()));
    }

    /**
     * &phi; of every neuron of several layers, as {@link #pooled(Tensor, Set)} gives it, and in the same go the feature maps
     * of some layers, for those who want to start there later. By default all layers are computed as feature maps; an
     * engine that overrides one of the two should override the other, so that both give the same means.
     *
     * @param inputs normalised pixels, [n, {@link #inputShape()}]
     * @param of distinct layers whose means are wanted
     * @param whole distinct layers whose feature maps are wanted
     * @param maps is given each of {@code whole} once, with [n, shape of the layer]
     * @return for each layer of {@code of} a matrix [n][channels]
     */
    default ImmutableMap<Layer, double[][]> pooled(
            Tensor inputs, Set<Layer> of, Set<Layer> whole, BiConsumer<Layer, Tensor> maps) {
        ImmutableMap<Layer, Tensor> all = forward(
                inputs, ImmutableSet.<Layer>builder().addAll(of).addAll(whole).build());
        whole.forEach(layer -> maps.accept(layer, Objects.requireNonNull(all.get(layer))));
        return of.stream().collect(toImmutableMap(layer -> layer, layer -> Objects.requireNonNull(all.get(layer))
                .spatialMeans()));
    }

    /**
     * Activations in the model without some neurons: M \ S of Definition 2. Whole channels are zero, for every input.
     *
     * @param from the layer of the neurons
     * @param activations [n, shape of {@code from}]
     * @param knockedOut S, all in {@code from}; with an empty set this is {@link #forward(Layer, Tensor, Layer)}
     * @param to the layer to look at, {@code from} itself or a higher one
     * @return activations, [n, shape of {@code to}]
     */
    default Tensor forwardWithout(Layer from, Tensor activations, Set<Neuron> knockedOut, Layer to) {
        for (Neuron neuron : knockedOut) {
            checkArgument(
                    neuron.layer().equals(from),
                    "expected neurons of %s to knock out, but %s is one of another layer; knock out layer by layer",
                    from,
                    neuron);
        }
        Tensor rest = activations.withoutChannels(
                knockedOut.stream().map(Neuron::channel).sorted().toList());
        return from.equals(to) ? rest : forward(from, rest, to);
    }

    /**
     * Activations in the model with some neurons of a layer only: all its other channels are zero.
     *
     * @param from the layer of the neurons
     * @param activations [n, shape of {@code from}]
     * @param retained the neurons that stay, all in {@code from}
     * @param to the layer to look at, {@code from} itself or a higher one
     * @return activations, [n, shape of {@code to}]
     */
    default Tensor forwardRetainingOnly(Layer from, Tensor activations, Set<Neuron> retained, Layer to) {
        for (Neuron neuron : retained) {
            checkArgument(
                    neuron.layer().equals(from),
                    "expected neurons of %s to retain, but %s is one of another layer; retain layer by layer",
                    from,
                    neuron);
        }
        Set<Neuron> others = IntStream.range(0, from.shape().channels())
                .mapToObj(from::neuron)
                .filter(neuron -> !retained.contains(neuron))
                .collect(Collectors.toSet());
        return forwardWithout(from, activations, others, to);
    }

    /**
     * Importance scores of Eq. 2, per patch and per channel, by integrated gradients along the ray from 0 to x: see
     * {@link ImportanceScores} for the formula. By default the gradient is taken at every node of the quadrature, in
     * batches of {@link #preferredBatch()}.
     *
     * @param from the layer below
     * @param activations x = &phi;<sup>1,l-1</sup>(v) for the patches of the target's concept, [k, shape of {@code from}]
     * @param target a, in a higher layer
     * @param quadrature nodes and weights
     * @return the scores, one row for each item of {@code activations}
     */
    default ImportanceScores importance(Layer from, Tensor activations, Neuron target, Quadrature quadrature) {
        return PlainIntegratedGradients.importance(this, from, activations, target, quadrature);
    }

    /**
     * Importance scores of several targets that share patches. By default one target after the other; an engine can
     * compute what lies along the ray of a patch once for all of them.
     *
     * @param from the layer below
     * @param activations x for the patches of all concepts, [n, shape of {@code from}]
     * @param targets neurons of higher layers, and for each the items of {@code activations} that are its concept
     * @param quadrature nodes and weights
     * @return the scores of each target, one row for each of its items
     */
    default ImmutableMap<Neuron, ImportanceScores> importance(
            Layer from, Tensor activations, Map<Neuron, ImmutableIntArray> targets, Quadrature quadrature) {
        ImmutableMap.Builder<Neuron, ImportanceScores> scores = ImmutableMap.builder();
        if (targets.isEmpty() && from.index() + 1 < layers().size()) {
            // Nothing to compute, but arguments that do not fit, and a closed probe, are refused as ever.
            forward(from, activations.slice(0, 0), layers().get(from.index() + 1));
        }
        targets.forEach(
                (target, rows) -> scores.put(target, importance(from, activations.select(rows), target, quadrature)));
        return scores.buildOrThrow();
    }
}
