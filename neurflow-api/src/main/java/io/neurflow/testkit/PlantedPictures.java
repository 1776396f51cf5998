package io.neurflow.testkit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Small pictures of coloured glyphs (bars, crosses, checkers), 3x12x12, in nine places of 4x4 pixels: which features a picture
 * shows is known. A feature is {@code 6 * colour + shape}.
 */
public final class PlantedPictures implements PatchSet {
    /** How many features there are: six shapes in three colours. */
    public static final int FEATURES = 18;

    /** How many features a picture has room for. */
    public static final int PLACES = 9;

    static final Shape INPUT = new Shape(3, 12, 12);

    private static final double NOISE = 0.01;

    private final int perImage;
    private final ImmutableList<ImmutableSortedSet<Integer>> shown;
    private final Tensor pixels;

    private PlantedPictures(int perImage, ImmutableList<ImmutableSortedSet<Integer>> shown, Tensor pixels) {
        this.perImage = perImage;
        this.shown = shown;
        this.pixels = pixels;
    }

    /**
     * Draws pictures, each its own image.
     *
     * @param seed of features, places, brightness and noise
     * @param count how many
     * @param features chooses what a picture shows, {@link #PLACES} features at the most
     * @return the pictures
     */
    public static PlantedPictures draw(long seed, int count, Function<Random, Set<Integer>> features) {
        return draw(seed, count, 1, features);
    }

    /**
     * Draws pictures of which several come from one image: they show the same, in the same places and brightness, and
     * differ in noise alone.
     *
     * @param seed as above
     * @param images how many images
     * @param perImage how many pictures of each
     * @param features as above
     * @return the pictures, image by image
     */
    public static PlantedPictures draw(long seed, int images, int perImage, Function<Random, Set<Integer>> features) {
        Random random = new Random(seed);
        List<ImmutableSortedSet<Integer>> all = new ArrayList<>();
        float[] values = new float[images * perImage * INPUT.size()];
        for (int image = 0; image < images; image++) {
            ImmutableSortedSet<Integer> some = ImmutableSortedSet.copyOf(features.apply(random));
            double[] clean = Glyphs.picture(some.asList(), random);
            for (int copy = 0; copy < perImage; copy++) {
                for (int i = 0; i < clean.length; i++) {
                    values[all.size() * clean.length + i] = (float) (clean[i] + NOISE * random.nextGaussian());
                }
                all.add(some);
            }
        }
        return new PlantedPictures(
                perImage, ImmutableList.copyOf(all), Tensor.ofFloats(images * perImage, INPUT, values));
    }

    /**
     * What a picture shows.
     *
     * @param patch its index
     * @return its features
     */
    public ImmutableSortedSet<Integer> shown(int patch) {
        return shown.get(patch);
    }

    @Override
    public ImmutableList<SourceImage> images() {
        return IntStream.range(0, shown.size() / perImage)
                .mapToObj(i -> new SourceImage(i, "picture " + i, "%064x".formatted(i)))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public ImmutableList<Patch> patches() {
        return IntStream.range(0, shown.size())
                .mapToObj(i -> new Patch(i, i / perImage, 1, 0, 0, INPUT.height()))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public Tensor inputs(ImmutableIntArray patches) {
        return pixels.select(patches);
    }

    @Override
    public String toString() {
        return shown.size() + " pictures of " + shown.size() / perImage + " images";
    }
}
