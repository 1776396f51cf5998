package io.neurflow.core.debug;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Neuron;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * What masking some neurons (setting their channels to zero) does to the predictions for some inputs (Section 5.1).
 *
 * @param name what is masked, such as {@code layer4.2/G3}
 * @param masked the neurons, all of one layer
 * @param target the class in question, that of the circuit
 * @param changes one for each input, in their order
 * @param control random masks on the same inputs, unless none were asked for
 */
public record MaskEffect(
        String name,
        ImmutableList<Neuron> masked,
        int target,
        ImmutableList<MaskChange> changes,
        Optional<MaskControl> control) {
    /**
     * The mean over the inputs.
     *
     * @return mean drop of the class's probability
     */
    public double meanProbabilityDrop() {
        return changes.stream()
                .mapToDouble(MaskChange::probabilityDrop)
                .average()
                .orElse(0);
    }

    /**
     * The mean over the inputs.
     *
     * @return mean drop of the class's logit
     */
    public double meanLogitDrop() {
        return changes.stream().mapToDouble(MaskChange::logitDrop).average().orElse(0);
    }

    /**
     * The share of the inputs whose prediction changes.
     *
     * @return between 0 and 1
     */
    public double flips() {
        return changes.stream()
                .mapToDouble(change -> change.flips() ? 1 : 0)
                .average()
                .orElse(0);
    }

    /**
     * The inputs that lose most of the class's logit: those that show the concept, if the group stands for it.
     *
     * @return the largest drop first, the earlier input first on ties
     */
    public ImmutableList<MaskChange> byLogitDrop() {
        return changes.stream()
                .sorted(Comparator.comparingDouble((MaskChange change) -> -change.logitDrop()))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public String toString() {
        String effect = String.format(
                Locale.ROOT,
                "without %s (%d neurons): p of class %d falls by %.3f, its logit by %.2f, %.0f %% of %d predictions flip",
                name,
                masked.size(),
                target,
                meanProbabilityDrop(),
                meanLogitDrop(),
                100 * flips(),
                changes.size());
        return effect + control.map(c -> "\n  " + c).orElse("");
    }
}
