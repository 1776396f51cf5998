package io.neurflow.core.image;

import io.neurflow.api.Patch;
import java.awt.image.BufferedImage;

/** Pictures of patches, for people to look at. */
@FunctionalInterface
public interface PatchPictures {
    /**
     * What a patch shows.
     *
     * @param patch which one
     * @param side width and height of the picture in pixels
     * @return a picture of that size
     * @throws io.neurflow.api.NeurflowException if the image cannot be read any more
     */
    BufferedImage picture(Patch patch, int side);
}
