package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.core.PatchActivations;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Draws target neurons. */
final class Targets {
    private Targets() {}

    /** Neurons of a layer at random, the root first where it is among them; dead ones have no concept and are passed over. */
    static ImmutableList<NeuronConcept> draw(
            PatchActivations activations, Layer layer, Neuron root, int count, int k, long seed) {
        List<Integer> channels = new ArrayList<>(
                IntStream.range(0, layer.shape().channels()).boxed().toList());
        Collections.shuffle(channels, new Random(seed));
        if (root.layer().equals(layer)) {
            channels.remove(Integer.valueOf(root.channel()));
            channels.add(0, root.channel());
        }
        ImmutableList<NeuronConcept> targets = channels.stream()
                .map(channel -> activations.concept(layer.neuron(channel), k))
                .filter(concept -> !concept.isDead())
                .limit(count)
                .collect(ImmutableList.toImmutableList());
        checkArgument(
                !targets.isEmpty(),
                "expected a neuron of %s that responds to the patches, but all are constant; use other images",
                layer);
        return targets;
    }

    /** Neighbouring layers, the highest first. */
    static ImmutableList<LayerPair> pairs(List<Layer> layers) {
        checkArgument(
                layers.size() > 1,
                "expected a probe with a layer below the logits, but its layers are %s; open it with more",
                layers);
        return IntStream.range(1, layers.size())
                .mapToObj(i -> new LayerPair(layers.get(layers.size() - i - 1), layers.get(layers.size() - i)))
                .collect(ImmutableList.toImmutableList());
    }
}
