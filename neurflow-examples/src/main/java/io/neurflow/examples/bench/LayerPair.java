package io.neurflow.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * Two layers by name: importance scores of neurons of the upper one over the channels of the lower one.
 *
 * @param lower name of the lower layer
 * @param upper name of the upper layer
 */
public record LayerPair(String lower, String upper) {
    /**
     * Reads pairs.
     *
     * @param text {@code LOWER:UPPER}, several with commas between them; a name may hold colons, the last one separates
     * @return the pairs in the order given
     * @throws IllegalArgumentException if a pair has no colon, or nothing on one side of it
     */
    public static ImmutableList<LayerPair> parse(String text) {
        List<String> parts = Splitter.on(',').trimResults().omitEmptyStrings().splitToList(text);
        checkArgument(
                !parts.isEmpty(),
                "expected pairs of layers for --pair, such as layer4.1:layer4.2, but there are none; name the lower layer first");
        return parts.stream().map(LayerPair::one).collect(ImmutableList.toImmutableList());
    }

    private static LayerPair one(String part) {
        int colon = part.lastIndexOf(':');
        String lower = colon < 0 ? "" : part.substring(0, colon).strip();
        String upper = part.substring(colon + 1).strip();
        checkArgument(
                !lower.isEmpty() && !upper.isEmpty(),
                "expected two layers with a colon between them for --pair, such as layer4.1:layer4.2, but '%s' is not; name"
                        + " the lower layer first",
                part);
        return new LayerPair(lower, upper);
    }

    @Override
    public String toString() {
        return lower + ":" + upper;
    }
}
