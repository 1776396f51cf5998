package io.neurflow.core.rival;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import java.util.Comparator;
import java.util.stream.IntStream;

/** A way to rank the channels of a layer by what they mean to a neuron above. Immutable, and the same for the same seed. */
public interface ChannelRanking {
    /**
     * What is computed, in a few words.
     *
     * @return for tables
     */
    String name();

    /**
     * The ranking values.
     *
     * @param question target, layer and feature maps
     * @return one for each channel of the layer; the larger its magnitude, the more the channel matters
     */
    double[] scores(Question question);

    /**
     * Whether a negative score says that the channel speaks against the target.
     *
     * @return false unless overridden
     */
    default boolean signed() {
        return false;
    }

    /**
     * Whether there is an answer for two layers.
     *
     * @param source the layer below
     * @param above the target's
     * @return true unless overridden
     */
    default boolean appliesTo(Layer source, Layer above) {
        return true;
    }

    /**
     * The channels that matter most.
     *
     * @param question as above
     * @param most how many
     * @return the largest magnitude first, the lower channel first on ties
     */
    default ImmutableIntArray best(Question question, int most) {
        double[] scores = scores(question);
        return ImmutableIntArray.copyOf(IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> -Math.abs(scores[c])))
                .limit(most)
                .mapToInt(Integer::intValue));
    }
}
