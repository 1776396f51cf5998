package io.neurflow.api;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
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

    /**
     * Identifies what {@link #inputs} gives for some patches, so that results over them can be stored and found again.
     * By default SHA-256 of the inputs, which are produced for it; override where their origin is known.
     *
     * @param patches indices into {@link #patches()}, in any order, which counts
     * @return equal digests only for equal inputs
     * @throws NeurflowException if an image cannot be read any more
     */
    default String digest(ImmutableIntArray patches) {
        Hasher hasher = Hashing.sha256().newHasher().putInt(patches.length());
        for (int i = 0; i < patches.length(); i++) {
            Tensor input = inputs(patches.subArray(i, i + 1));
            hasher.putUnencodedChars(input.shape() + " " + input.precision());
            for (double value : input.toDoubles()) {
                hasher.putDouble(value);
            }
        }
        return hasher.hash().toString();
    }
}
