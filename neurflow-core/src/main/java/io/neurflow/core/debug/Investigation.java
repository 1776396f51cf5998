package io.neurflow.core.debug;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.SourceImage;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a model takes some images for a class: the groups of a layer that fire on them, what masking each does beside matched
 * random masks, and the smallest masks that change the predictions.
 *
 * @param model the model
 * @param layer where the groups are
 * @param target the class in question, that of the circuit
 * @param scores M of every group for every window of all images given
 * @param predictions for all images given, in order
 * @param investigated those of them that the model assigns to the class; what follows is about these
 * @param verdicts the largest mean drop of the class's probability first
 * @param smallestMasks one for each investigated image, over the circuit's neurons of the layer
 * @param settings how it was done: rule, threshold, draws, seed and so on
 */
public record Investigation(
        ModelInfo model,
        Layer layer,
        int target,
        CropScores scores,
        ImmutableList<Prediction> predictions,
        ImmutableList<SourceImage> investigated,
        ImmutableList<GroupVerdict> verdicts,
        ImmutableList<SmallestMask> smallestMasks,
        ImmutableMap<String, String> settings) {
    /** Below which adjusted p-value a group is held responsible. */
    public static final double SIGNIFICANT = 0.05;

    /** From which AUC on a group tells the investigated images from the others. */
    public static final double SEPARATES = 0.75;

    /**
     * The group that the predictions hang on most: of those whose masking lowers the class's logit more than matched
     * random masks do (adjusted p-value not above {@value #SIGNIFICANT}), and that fire more on the investigated images than
     * on the others if there are any (AUC of {@value #SEPARATES} or more), the one that lowers the probability most.
     *
     * @return empty if no group does
     */
    public Optional<GroupVerdict> culprit() {
        return verdicts.stream()
                .filter(verdict -> verdict.adjustedP() <= SIGNIFICANT)
                .filter(verdict -> verdict.separation().orElse(1.0) >= SEPARATES)
                .filter(verdict -> verdict.effect().meanProbabilityDrop() > 0)
                .findFirst();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s assigns %d of %d images to class %d",
                model.name(),
                investigated.size(),
                predictions.size(),
                target));
        text.append('\n').append(scores);
        verdicts.forEach(verdict -> text.append('\n').append(verdict));
        if (!investigated.isEmpty()) {
            text.append('\n')
                    .append(culprit()
                            .map(found ->
                                    "these predictions hang on " + found.group().name() + " most")
                            .orElse("no single group of " + layer.name() + " is found to carry these predictions"));
        }
        smallestMasks.forEach(mask -> text.append('\n').append(mask));
        return text.toString();
    }
}
