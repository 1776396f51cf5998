package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The extent of one layer's activation for one input: channels, rows, columns. A unit of a linear layer is a channel with
 * one position, so every layer of a classifier has such a shape.
 *
 * @param channels how many neurons the layer has
 * @param height rows of a feature map, 1 for units
 * @param width columns of a feature map, 1 for units
 */
public record Shape(int channels, int height, int width) {

    /** Checks that all extents are positive. */
    public Shape {
        checkArgument(
                channels > 0 && height > 0 && width > 0,
                "a shape needs positive extents, but it has %s x %s x %s",
                channels,
                height,
                width);
    }

    /**
     * The shape of a linear layer.
     *
     * @param channels how many units
     * @return {@code channels} x 1 x 1
     */
    public static Shape units(int channels) {
        return new Shape(channels, 1, 1);
    }

    /**
     * Positions of one feature map.
     *
     * @return height times width
     */
    public int positions() {
        return height * width;
    }

    /**
     * Values of one activation.
     *
     * @return channels times positions
     */
    public int size() {
        return Math.multiplyExact(channels, positions());
    }

    @Override
    public String toString() {
        return positions() == 1 ? Integer.toString(channels) : channels + "x" + height + "x" + width;
    }
}
