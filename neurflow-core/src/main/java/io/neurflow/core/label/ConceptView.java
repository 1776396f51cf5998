package io.neurflow.core.label;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import io.neurflow.core.image.PatchPictures;
import java.awt.image.BufferedImage;

/**
 * What a labeler sees of a group.
 *
 * @param group its name, such as {@code layer4.2/G3}; a model must not be told, since layer names give away the depth
 * @param patches patches of its concept, the telling ones first, at least one
 * @param elsewhere other patches of the same images, to compare with; may be empty
 * @param images what the patches are cut from, by {@link Patch#image()}
 * @param pictures of the patches
 */
public record ConceptView(
        String group,
        ImmutableList<Patch> patches,
        ImmutableList<Patch> elsewhere,
        ImmutableList<SourceImage> images,
        PatchPictures pictures) {
    /** Checks that there is something to see. */
    public ConceptView {
        checkArgument(!patches.isEmpty(), "expected patches of %s to label, but there are none", group);
    }

    /**
     * The image that a patch was cut from.
     *
     * @param patch one of the patches
     * @return its image
     */
    public SourceImage image(Patch patch) {
        return images.get(checkElementIndex(patch.image(), images.size(), "image"));
    }

    /**
     * What a patch shows.
     *
     * @param patch one of the patches
     * @param side in pixels
     * @return side x side pixels
     */
    public BufferedImage picture(Patch patch, int side) {
        return pictures.picture(patch, side);
    }

    @Override
    public String toString() {
        return group + ": " + patches.size() + " patches, " + elsewhere.size() + " others to compare with";
    }
}
