package io.neurflow.core.label;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;

/**
 * What a group stands for, in words.
 *
 * @param group its name, such as {@code layer4.2/G3}
 * @param caption a sentence or two
 * @param features what its patches have in common, a few words each; may be empty if nothing
 * @param origin where it comes from
 */
public record ConceptLabel(String group, String caption, ImmutableList<String> features, LabelOrigin origin) {
    /** Checks that the label says something. */
    public ConceptLabel {
        checkArgument(!caption.isBlank(), "expected a caption for %s, but it is blank", group);
    }

    @Override
    public String toString() {
        return group + ": " + caption;
    }
}
