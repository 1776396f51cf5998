package io.neurflow.core.rival;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Tensor;

/**
 * What a {@link ChannelRanking} is asked: which channels of a layer matter to a target, on the patches of its concept.
 *
 * @param probe the model
 * @param target a
 * @param source the layer whose channels are ranked, below a
 * @param maps its feature maps for the patches, [k, shape of {@code source}]
 */
public record Question(ModelProbe probe, Neuron target, Layer source, Tensor maps) {
    /** Checks that the maps are those of the layer. */
    public Question {
        checkArgument(
                maps.shape().equals(source.shape()),
                "expected feature maps of %s, but their shape is %s",
                source,
                maps.shape());
    }

    /**
     * Asks about a concept.
     *
     * @param probe the model
     * @param concept V<sub>a</sub>
     * @param source the layer below
     * @param patches D
     * @return the question, with the feature maps of the concept's patches
     */
    public static Question of(ModelProbe probe, NeuronConcept concept, Layer source, PatchSet patches) {
        return new Question(probe, concept.neuron(), source, probe.forward(patches.inputs(concept.patches()), source));
    }

    int channels() {
        return source.shape().channels();
    }
}
