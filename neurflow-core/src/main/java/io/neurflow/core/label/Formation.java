package io.neurflow.core.label;

import com.google.common.collect.ImmutableList;
import java.util.stream.Collectors;

/**
 * How a concept forms from those of the layer below, as a labeler sees it (Section 5.2, Fig. 8).
 *
 * @param group the higher group
 * @param caption of the higher group, a sentence or two
 * @param features of the higher group
 * @param steps what each lower group gives, the heaviest edge first
 * @param origin where it comes from
 */
public record Formation(
        String group, String caption, ImmutableList<String> features, ImmutableList<Step> steps, LabelOrigin origin) {
    /**
     * What a lower group gives.
     *
     * @param child its name
     * @param features what its patches have in common
     * @param matches where these features are found again; empty if nowhere
     */
    public record Step(String child, ImmutableList<String> features, ImmutableList<Match> matches) {
        @Override
        public String toString() {
            return child + ": "
                    + (matches.isEmpty()
                            ? "no match"
                            : matches.stream().map(Match::toString).collect(Collectors.joining("; ")));
        }
    }

    /**
     * A feature of a lower group that is found in the higher one.
     *
     * @param from in the lower group
     * @param to in the higher group
     */
    public record Match(String from, String to) {
        @Override
        public String toString() {
            return from + " -> " + to;
        }
    }

    @Override
    public String toString() {
        return group + ": " + caption
                + steps.stream().map(step -> "\n    " + step).collect(Collectors.joining());
    }
}
