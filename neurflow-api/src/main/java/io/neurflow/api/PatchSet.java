package io.neurflow.api;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;

/**
 * The augmented data set D of Section 3.3: patches with a fixed order, whose pixels are produced when asked for. A patch is
 * known everywhere by its index in {@link #patches()}; ties between patches go to the lower index.
 */
public interface PatchSet {
    /**
     * The images that the patches come from: D<sub>c</sub>, those that the model assigns to the class.
     *
     * @return in the order of {@link SourceImage#index()}
     */
    ImmutableList<SourceImage> images();

    /**
     * The patches.
     *
     * @return in the order of {@link Patch#index()}
     */
    ImmutableList<Patch> patches();

    /**
     * The model's input for some patches.
     *
     * @param patches indices into {@link #patches()}, in any order
     * @return normalised pixels, [patches, channels, height, width]
     * @throws NeurflowException if an image cannot be read any more
     */
    Tensor inputs(ImmutableIntArray patches);
}
