package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Neuron;

/**
 * What a {@link KnockOutStudy} measured.
 *
 * @param description of what was done, with the seed
 * @param seed of targets and sets
 * @param targets pair by pair
 */
public record KnockOutLosses(String description, long seed, ImmutableList<Target> targets) {
    /** The name of our own scores among {@link Target#scores()}. */
    public static final String OURS = "importance score T";

    /**
     * A target neuron with what the sets did to it.
     *
     * @param pair its layer, and that of the sets
     * @param neuron a
     * @param scores by name of the ranking, a value for each channel of the lower layer; {@link #OURS} is there
     * @param random losses of the random sets
     * @param core for each size the loss of the channels with the largest |T|
     */
    public record Target(
            LayerPair pair,
            Neuron neuron,
            ImmutableMap<String, ImmutableDoubleArray> scores,
            ImmutableList<Loss> random,
            ImmutableList<Loss> core) {}

    /**
     * What one set did.
     *
     * @param channels of the lower layer that were knocked out
     * @param overlap L(S, a) = |V<sub>a</sub> without S &cap; V<sub>a</sub>| / k: 1 where the concept stayed as it was
     * @param drop mean over V<sub>a</sub> of &phi;<sub>a</sub> less &phi;<sub>a</sub> without S
     * @param fall the drop in standard deviations of &phi;<sub>a</sub> over all patches; NaN if it does not vary
     */
    public record Loss(ImmutableIntArray channels, double overlap, double drop, double fall) {
        /**
         * Size of the set.
         *
         * @return number of channels
         */
        public int size() {
            return channels.length();
        }
    }

    /**
     * The pairs of layers.
     *
     * @return in the order measured
     */
    public ImmutableList<LayerPair> pairs() {
        return targets.stream().map(Target::pair).distinct().collect(ImmutableList.toImmutableList());
    }

    /**
     * The sizes of sets.
     *
     * @return ascending
     */
    public ImmutableList<Integer> sizes() {
        return targets.stream()
                .flatMap(target -> target.random().stream())
                .map(Loss::size)
                .distinct()
                .sorted()
                .collect(ImmutableList.toImmutableList());
    }

    ImmutableList<Target> of(LayerPair pair) {
        return targets.stream().filter(target -> target.pair().equals(pair)).collect(ImmutableList.toImmutableList());
    }
}
