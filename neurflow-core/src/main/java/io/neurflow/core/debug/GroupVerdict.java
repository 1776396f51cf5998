package io.neurflow.core.debug;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.SourceImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What an investigation found out about a group.
 *
 * @param group G
 * @param shareFiring the share of the investigated images on which it fires
 * @param meanHighest the mean over them of the highest M
 * @param separation AUC: the probability that the highest M of an investigated image is above that of an image that the
 *     model does not assign to the class, ties counting half; 0.5 says that the group tells nothing. Empty if there are no
 *     such images
 * @param effect of masking it on the investigated images
 * @param adjustedP its p-value times the number of groups still in question (Holm's correction over the groups of the layer),
 *     not above 1: the chance of at least one false alarm among them all is below it
 */
public record GroupVerdict(
        NeuronGroup group,
        double shareFiring,
        double meanHighest,
        Optional<Double> separation,
        MaskEffect effect,
        double adjustedP) {

    /** With the p-value as it is. */
    static GroupVerdict of(NeuronGroup group, CropScores scores, List<SourceImage> images, MaskEffect effect) {
        List<GroupFiring> firings =
                images.stream().map(image -> scores.firing(group, image)).toList();
        List<GroupFiring> others = scores.images().stream()
                .filter(image -> !images.contains(image))
                .map(image -> scores.firing(group, image))
                .toList();
        double share =
                firings.stream().mapToDouble(f -> f.fires() ? 1 : 0).average().orElse(0);
        double mean =
                firings.stream().mapToDouble(GroupFiring::highest).average().orElse(0);
        double p = effect.control().map(MaskControl::pValue).orElse(1.0);
        return new GroupVerdict(group, share, mean, auc(firings, others), effect, p);
    }

    private static Optional<Double> auc(List<GroupFiring> ones, List<GroupFiring> others) {
        if (ones.isEmpty() || others.isEmpty()) {
            return Optional.empty();
        }
        double wins = 0;
        for (GroupFiring one : ones) {
            for (GroupFiring other : others) {
                wins += (1 + Math.signum(one.highest() - other.highest())) / 2;
            }
        }
        return Optional.of(wins / ((double) ones.size() * others.size()));
    }

    /**
     * Holm's step-down correction: the i-th smallest of m p-values times m - i + 1, never less than the one before. The
     * largest drop of the probability comes first; ties keep the order of the groups.
     */
    static ImmutableList<GroupVerdict> adjusted(List<GroupVerdict> raw) {
        List<GroupVerdict> ordered = new ArrayList<>(raw);
        ordered.sort(Comparator.comparingDouble(GroupVerdict::adjustedP));
        List<GroupVerdict> adjusted = new ArrayList<>();
        double least = 0;
        for (int i = 0; i < ordered.size(); i++) {
            GroupVerdict v = ordered.get(i);
            least = Math.max(least, Math.min(1, v.adjustedP * (ordered.size() - i)));
            adjusted.add(new GroupVerdict(v.group, v.shareFiring, v.meanHighest, v.separation, v.effect, least));
        }
        adjusted.sort(Comparator.comparingDouble((GroupVerdict v) -> -v.effect.meanProbabilityDrop())
                .thenComparingInt(v -> v.group.index()));
        return ImmutableList.copyOf(adjusted);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s fires on %.0f %%, mean M %.2f%s; %s; p-value after Holm %.4f",
                group.name(),
                100 * shareFiring,
                meanHighest,
                separation
                        .map(auc -> String.format(Locale.ROOT, ", AUC against the other images %.2f", auc))
                        .orElse(""),
                effect,
                adjustedP);
    }
}
