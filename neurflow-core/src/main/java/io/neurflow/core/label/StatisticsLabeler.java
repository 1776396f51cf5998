package io.neurflow.core.label;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.Patch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Labels from what pixels say without any model: colours, main direction of edges, fineness of texture, contrast and
 * brightness, each a word that holds of a patch or does not ({@code docs/labels.md} defines them). The label's features are the
 * words that hold of half the patches or more, and of fewer patches elsewhere by at least 15 % of all; where there are none,
 * whatever holds of half. It can tell green from grey and stripes
 * from blotches, and knows no objects. As a judge it takes the patch of which the fewest of the label's words hold.
 */
public final class StatisticsLabeler implements ConceptLabeler, OddOneOutJudge {
    /** A labeler. */
    public StatisticsLabeler() {}

    @Override
    public String name() {
        return "image statistics";
    }

    @Override
    public ConceptLabel label(ConceptView view) {
        Map<String, Double> here = shares(view, view.patches());
        Map<String, Double> there = shares(view, view.elsewhere());
        List<String> common = Shares.common(here, there);
        List<String> distinct = Shares.distinct(common, here, there);
        List<String> rest =
                common.stream().filter(word -> !distinct.contains(word)).toList();
        String caption = common.isEmpty()
                ? "no colour, direction, texture or contrast in common"
                : (distinct.isEmpty() ? "like patches elsewhere" : Shares.describe(distinct, here, there))
                        + (rest.isEmpty() ? "" : "; also " + String.join(", ", rest));
        return new ConceptLabel(
                view.group(),
                caption,
                ImmutableList.copyOf(distinct.isEmpty() ? rest : distinct),
                LabelOrigin.computed(name()));
    }

    @Override
    public Choice oddOneOut(ConceptLabel label, ConceptView choices, RandomGenerator ties) {
        return Shares.fewest(
                choices.patches(), patch -> words(choices, patch), ImmutableSet.copyOf(label.features()), ties);
    }

    private static Map<String, Double> shares(ConceptView view, List<Patch> patches) {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (Patch patch : patches) {
            words(view, patch).forEach(word -> shares.merge(word, 1.0 / patches.size(), Double::sum));
        }
        return shares;
    }

    private static ImmutableSet<String> words(ConceptView view, Patch patch) {
        return PixelWords.of(view.picture(patch, PixelWords.SIDE));
    }
}
