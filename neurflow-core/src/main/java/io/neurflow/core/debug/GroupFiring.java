package io.neurflow.core.debug;

import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import java.util.Locale;

/**
 * What a group sees in an image.
 *
 * @param group G
 * @param image the image
 * @param whole M of the whole image, or of its largest window
 * @param highest the highest M of its windows, the whole image among them
 * @param best the window that has it, the lower index on ties
 * @param fires whether {@code highest} reaches the threshold
 */
public record GroupFiring(
        NeuronGroup group, SourceImage image, double whole, double highest, Patch best, boolean fires) {
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s on %s: M %.2f (whole image %.2f)%s",
                group.name(),
                image.name(),
                highest,
                whole,
                fires ? ", fires" : "");
    }
}
