package io.neurflow.core.doctor;

import java.util.Locale;

/**
 * How far a layer's activations are from those that another framework computed for the same input.
 *
 * @param layer as the reference calls it
 * @param pooled whether spatial means were compared, [n, channels], rather than whole feature maps
 * @param relativeError largest difference, divided by the largest magnitude of the reference
 * @param image the input in which the difference is largest
 * @param channel the channel in which it is largest
 */
public record LayerParity(String layer, boolean pooled, double relativeError, int image, int channel) {
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%-24s %.1e%s (input %d, channel %d)",
                layer,
                relativeError,
                pooled ? " pooled" : "",
                image,
                channel);
    }
}
