package io.neurflow.core.image;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.awt.image.BufferedImage;

/**
 * Images that can be decoded, in a fixed order, and those that could not. Pixels are produced when asked for: the crops
 * asked for last are kept (256 unless {@link ImageSource#cachedCrops} says otherwise, 38 MB at 224 pixels), others are
 * decoded again, and a file that has changed in the meantime is refused. Safe to use by several threads.
 */
public final class ImageSet {
    private final Preprocessing preprocessing;
    private final ImmutableList<Item> items;
    private final ImmutableList<SourceImage> images;
    private final ImmutableList<ImageProblem> problems;
    private final CropCache cache;

    private ImageSet(
            Preprocessing preprocessing,
            ImmutableList<Item> items,
            ImmutableList<SourceImage> images,
            ImmutableList<ImageProblem> problems,
            CropCache cache) {
        this.preprocessing = preprocessing;
        this.items = items;
        this.images = images;
        this.problems = problems;
        this.cache = cache;
    }

    /**
     * The images.
     *
     * @return in order; {@code images().get(i).index() == i}; digests are those of the files' bytes, or of the crop's bytes
     *     for an image that is no file
     */
    public ImmutableList<SourceImage> images() {
        return images;
    }

    /**
     * What could not be decoded.
     *
     * @return in the order of the source
     */
    public ImmutableList<ImageProblem> problems() {
        return problems;
    }

    /**
     * What happens to an image before the model sees it.
     *
     * @return as given to the source
     */
    public Preprocessing preprocessing() {
        return preprocessing;
    }

    /**
     * How many images there are.
     *
     * @return at least 1
     */
    public int size() {
        return images.size();
    }

    /**
     * Model inputs: single precision, from double arithmetic.
     *
     * @param indices of images, in any order
     * @return normalised pixels, [indices, 3, side, side]
     * @throws NeurflowException if a file has changed or vanished
     */
    public Tensor inputs(ImmutableIntArray indices) {
        PatchCutter cutter = new PatchCutter(preprocessing);
        float[] values = new float[Math.multiplyExact(indices.length(), preprocessing.cropBytes())];
        for (int i = 0; i < indices.length(); i++) {
            cutter.cut(rgb(indices.get(i)), 0, 0, preprocessing.side(), values, i * preprocessing.cropBytes());
        }
        return Tensor.ofFloats(indices.length(), preprocessing.shape(), values);
    }

    /**
     * One model input.
     *
     * @param image index of the image
     * @return normalised pixels, [1, 3, side, side]
     * @throws NeurflowException if the file has changed or vanished
     */
    public Tensor input(int image) {
        return inputs(ImmutableIntArray.of(image));
    }

    /**
     * The bytes that the model's input is made of.
     *
     * @param image index of the image
     * @return a fresh array, [side, side, 3] row-major, RGB
     * @throws NeurflowException if the file has changed or vanished
     */
    public byte[] crop(int image) {
        return rgb(image).clone();
    }

    /**
     * What the model sees of an image, for people to look at.
     *
     * @param image index of the image
     * @return side x side pixels
     * @throws NeurflowException if the file has changed or vanished
     */
    public BufferedImage picture(int image) {
        return pixels(image).toImage();
    }

    /**
     * Some of the images as a set of their own, with indices from 0 on; {@link #problems()} stay.
     *
     * @param indices of images, at least one
     * @return the smaller set
     */
    public ImageSet select(ImmutableIntArray indices) {
        checkArgument(!indices.isEmpty(), "expected at least one image to select, but there is none");
        ImmutableList.Builder<Item> chosen = ImmutableList.builder();
        ImmutableList.Builder<SourceImage> numbered = ImmutableList.builder();
        for (int i = 0; i < indices.length(); i++) {
            SourceImage image = images.get(checkElementIndex(indices.get(i), images.size(), "image"));
            chosen.add(items.get(indices.get(i)));
            numbered.add(new SourceImage(i, image.name(), image.digest()));
        }
        return new ImageSet(preprocessing, chosen.build(), numbered.build(), problems, cache);
    }

    /** The crop itself, not to be written to. */
    byte[] rgb(int image) {
        checkElementIndex(image, images.size(), "image");
        return cache.get(items.get(image), images.get(image).digest());
    }

    Pixels pixels(int image) {
        return new Pixels(preprocessing.side(), preprocessing.side(), rgb(image));
    }

    @Override
    public String toString() {
        return images.size() + " images (" + problems.size() + " unreadable), " + preprocessing;
    }

    /** Collects images one by one, in order. */
    static final class Builder {
        private final Preprocessing preprocessing;
        private final CropCache cache;
        private final ImmutableList.Builder<Item> items = ImmutableList.builder();
        private final ImmutableList.Builder<SourceImage> images = ImmutableList.builder();
        private final ImmutableList.Builder<ImageProblem> problems = ImmutableList.builder();
        private int count;

        Builder(Preprocessing preprocessing, int cachedCrops) {
            this.preprocessing = preprocessing;
            this.cache = new CropCache(cachedCrops);
        }

        void add(Item item, Item.Loaded loaded) {
            items.add(item);
            images.add(new SourceImage(count, item.name, loaded.digest));
            cache.put(item, loaded.crop);
            count++;
        }

        void addProblem(ImageProblem problem) {
            problems.add(problem);
        }

        int count() {
            return count;
        }

        ImageSet build() {
            ImmutableList<ImageProblem> unreadable = problems.build();
            if (count == 0) {
                throw new NeurflowException("expected images, but none of " + unreadable.size()
                        + " files can be decoded, the first: " + unreadable.get(0) + "; convert them to JPEG or PNG");
            }
            return new ImageSet(preprocessing, items.build(), images.build(), unreadable, cache);
        }
    }
}
