package io.neurflow.core.debug;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Neuron;

/**
 * The fewest neurons found whose masking changes the prediction for one input. Found greedily (always the neuron that most
 * shrinks the lead of the predicted class over the best other one), then every neuron is tried to be spared: none of those
 * left can be. Where all smaller sets of candidates could be tried, they were.
 *
 * @param change what the mask does; if it flips nothing, masking all candidates does not change the prediction either
 * @param mask the neurons, in the order in which they were found; all candidates if nothing flips
 * @param candidates how many neurons there were to choose from
 * @param proven whether no smaller set of candidates flips the prediction, all having been tried
 * @param tried how many masks were tried
 */
public record SmallestMask(MaskChange change, ImmutableList<Neuron> mask, int candidates, boolean proven, long tried) {
    /**
     * Whether the mask changes the prediction.
     *
     * @return false if masking all candidates does not
     */
    public boolean flips() {
        return change.flips();
    }

    @Override
    public String toString() {
        return flips()
                ? change + " without " + mask + (proven ? ", no fewer of " : ", none can be spared, of ") + candidates
                        + " candidates"
                : change.before().image().name() + ": class " + change.before().top() + " even without all "
                        + candidates + " candidates";
    }
}
