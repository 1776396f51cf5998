package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * An image patch v of the augmented set D (Section 3.3): a square window of a model input, enlarged to the full input.
 *
 * @param index position in {@link PatchSet#patches()}
 * @param image index of the {@link SourceImage}
 * @param fraction side of the window as a share of the input's side: 1, 1/2 or 1/4 in the paper
 * @param top first row of the window, in pixels of the model input
 * @param left first column of the window, in pixels of the model input
 * @param size side of the window, in pixels of the model input
 */
public record Patch(int index, int image, double fraction, int top, int left, int size) {
    /** Checks that the window exists. */
    public Patch {
        checkArgument(
                index >= 0 && image >= 0 && top >= 0 && left >= 0 && size > 0,
                "a patch needs a window of positive size at a non-negative place, but it is #%s: image %s, top %s, left %s, size %s",
                index,
                image,
                top,
                left,
                size);
    }
}
