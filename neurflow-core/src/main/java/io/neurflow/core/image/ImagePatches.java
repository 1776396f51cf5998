package io.neurflow.core.image;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Patches cut from images by a {@link PatchGrid}, with their pictures. Safe to use by several threads. */
public final class ImagePatches implements PatchSet, PatchPictures {
    private final ImageSet set;
    private final ImmutableList<Patch> patches;

    ImagePatches(ImageSet set, ImmutableList<Patch> patches) {
        this.set = set;
        this.patches = patches;
    }

    /**
     * The images with their pixels.
     *
     * @return what the patches are cut from
     */
    public ImageSet imageSet() {
        return set;
    }

    @Override
    public ImmutableList<SourceImage> images() {
        return set.images();
    }

    @Override
    public ImmutableList<Patch> patches() {
        return patches;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Windows are cut from the <em>normalised</em> image and enlarged bilinearly ({@code align_corners=False}, no
     * antialias), in double precision, and rounded to single precision at the end.
     */
    @Override
    public Tensor inputs(ImmutableIntArray indices) {
        Preprocessing preprocessing = set.preprocessing();
        PatchCutter cutter = new PatchCutter(preprocessing);
        int length = preprocessing.cropBytes();
        float[] values = new float[Math.multiplyExact(indices.length(), length)];
        for (int i = 0; i < indices.length(); i++) {
            Patch patch = patches.get(checkElementIndex(indices.get(i), patches.size(), "patch"));
            cutter.cut(set.rgb(patch.image()), patch.top(), patch.left(), patch.size(), values, i * length);
        }
        return Tensor.ofFloats(indices.length(), preprocessing.shape(), values);
    }

    /** {@inheritDoc} Here of the crops' bytes, the preprocessing and the windows. */
    @Override
    public String digest(ImmutableIntArray indices) {
        Map<Integer, byte[]> crops = new HashMap<>();
        Hasher hasher = Hashing.sha256()
                .newHasher()
                .putString(set.preprocessing().describe(), StandardCharsets.UTF_8)
                .putInt(indices.length());
        for (int i = 0; i < indices.length(); i++) {
            Patch patch = patches.get(checkElementIndex(indices.get(i), patches.size(), "patch"));
            hasher.putBytes(crops.computeIfAbsent(
                            patch.image(),
                            image -> Hashing.sha256().hashBytes(set.rgb(image)).asBytes()))
                    .putInt(patch.top())
                    .putInt(patch.left())
                    .putInt(patch.size());
        }
        return hasher.hash().toString();
    }

    @Override
    public BufferedImage picture(Patch patch, int side) {
        checkArgument(
                patch.index() < patches.size() && patches.get(patch.index()).equals(patch),
                "expected a patch of this set, but %s is none",
                patch);
        checkSide(side);
        Pixels window = set.pixels(patch.image()).window(patch.top(), patch.left(), patch.size(), patch.size());
        return ByteResize.resize(window, side, side).toImage();
    }

    /**
     * What the model sees of a whole image.
     *
     * @param image one of {@link #images()}
     * @param side of the picture, in pixels
     * @return side x side pixels
     * @throws io.neurflow.api.NeurflowException if the image cannot be read any more
     */
    public BufferedImage picture(SourceImage image, int side) {
        checkArgument(
                image.index() < images().size() && images().get(image.index()).equals(image),
                "expected an image of this set, but %s is none",
                image);
        checkSide(side);
        return ByteResize.resize(set.pixels(image.index()), side, side).toImage();
    }

    private static void checkSide(int side) {
        checkArgument(side > 0 && side <= 4096, "expected a picture of 1 to 4096 pixels a side, but it is %s", side);
    }

    @Override
    public String toString() {
        return patches.size() + " patches of " + set;
    }
}
