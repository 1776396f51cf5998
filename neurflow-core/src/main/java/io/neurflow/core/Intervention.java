package io.neurflow.core;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.Multimaps;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * A change to the model: some neurons knocked out (M \ S of Definition 2), or some neurons of a layer retained and all its
 * others knocked out. Whole channels are set to zero, for every input. Neurons may lie in several layers; the lower ones
 * take effect first. An immutable value.
 *
 * <pre>{@code
 * Intervention.knockOut(group.neurons()).forward(probe, inputs, probe.logits());
 * }</pre>
 */
public final class Intervention {
    private enum Kind {
        KNOCK_OUT,
        RETAIN_ONLY
    }

    private final Kind kind;
    private final ImmutableSetMultimap<Layer, Neuron> neurons;

    private Intervention(Kind kind, Iterable<Neuron> neurons) {
        this.kind = kind;
        this.neurons = ImmutableSetMultimap.copyOf(Multimaps.index(ImmutableSet.copyOf(neurons), Neuron::layer));
    }

    /**
     * Sets neurons to zero.
     *
     * @param neurons S; with none of them nothing changes
     * @return the intervention
     */
    public static Intervention knockOut(Iterable<Neuron> neurons) {
        return new Intervention(Kind.KNOCK_OUT, neurons);
    }

    /**
     * Sets all other neurons of the same layers to zero.
     *
     * @param neurons those that stay, at least one; layers without any of them are not touched
     * @return the intervention
     * @throws IllegalArgumentException if there are none: nothing says then which layer is meant
     */
    public static Intervention retainOnly(Iterable<Neuron> neurons) {
        checkArgument(
                neurons.iterator().hasNext(),
                "expected neurons to retain, but there are none; to retain nothing, knock out every neuron of the layer");
        return new Intervention(Kind.RETAIN_ONLY, neurons);
    }

    /**
     * The neurons named.
     *
     * @return knocked out or retained
     */
    public ImmutableSet<Neuron> neurons() {
        return ImmutableSet.copyOf(neurons.values());
    }

    /**
     * Activations in the changed model.
     *
     * @param probe the model
     * @param inputs normalised pixels, [n, input shape]
     * @param to the layer to look at, not below any of the neurons
     * @return [n, shape of {@code to}]
     */
    public Tensor forward(ModelProbe probe, Tensor inputs, Layer to) {
        List<Layer> layers = neurons.keySet().stream()
                .sorted(Comparator.comparingInt(Layer::index))
                .toList();
        if (layers.isEmpty()) {
            return probe.forward(inputs, to);
        }
        return onward(probe, probe.forward(inputs, layers.get(0)), layers, to);
    }

    /**
     * Activations in the changed model, from activations of its lowest layer that is touched.
     *
     * @param probe the model
     * @param from the lowest layer of the neurons
     * @param activations [n, shape of {@code from}], not changed yet
     * @param to the layer to look at
     * @return [n, shape of {@code to}]
     */
    public Tensor forward(ModelProbe probe, Layer from, Tensor activations, Layer to) {
        List<Layer> layers = neurons.keySet().stream()
                .sorted(Comparator.comparingInt(Layer::index))
                .toList();
        if (layers.isEmpty()) {
            return probe.forwardWithout(from, activations, Set.of(), to);
        }
        checkArgument(
                layers.get(0).equals(from),
                "expected activations of %s, the lowest layer that is touched, but they are of %s",
                layers.get(0),
                from);
        return onward(probe, activations, layers, to);
    }

    private Tensor onward(ModelProbe probe, Tensor activations, List<Layer> layers, Layer to) {
        Layer highest = layers.get(layers.size() - 1);
        checkArgument(
                highest.index() <= to.index(),
                "expected a layer above the neurons, but %s is below %s; look at a higher layer",
                to,
                highest);
        Tensor now = activations;
        for (int i = 0; i < layers.size(); i++) {
            Layer from = layers.get(i);
            Layer next = i + 1 < layers.size() ? layers.get(i + 1) : to;
            Set<Neuron> here = neurons.get(from);
            now = kind == Kind.KNOCK_OUT
                    ? probe.forwardWithout(from, now, here, next)
                    : probe.forwardRetainingOnly(from, now, here, next);
        }
        return now;
    }

    /**
     * Definition 2: the concept of a neuron in the changed model, among all patches.
     *
     * @param probe the model
     * @param patches D
     * @param neuron a
     * @param k size of the concept
     * @return the k patches that activate a most now
     */
    public NeuronConcept concept(ModelProbe probe, PatchSet patches, Neuron neuron, int k) {
        double[] activations = new double[patches.patches().size()];
        Batches.forEach(activations.length, probe.preferredBatch(), batch -> {
            double[][] rows =
                    forward(probe, patches.inputs(batch), neuron.layer()).spatialMeans();
            for (int i = 0; i < rows.length; i++) {
                activations[batch.get(i)] = rows[i][neuron.channel()];
            }
        });
        return PatchActivations.concept(neuron, activations, k);
    }

    @Override
    public String toString() {
        ImmutableMap<String, Integer> counts = neurons.asMap().entrySet().stream()
                .collect(ImmutableMap.toImmutableMap(
                        e -> e.getKey().name(), e -> e.getValue().size()));
        return (kind == Kind.KNOCK_OUT ? "knock out " : "retain only ") + counts;
    }
}
