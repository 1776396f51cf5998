package io.neurflow.core.image;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Patch;
import io.neurflow.core.Preset;

/**
 * How the augmented data set D is cut (Section 3.3, Appendix D.8): square windows of {@code int(f * side)} pixels for each
 * fraction f, at every {@code max(min(int(size * stride), side - size), 1)} pixels from 0 on, while they fit. Patches are
 * ordered by fraction as given, then image, then row, then column. Immutable: every configuration method returns a copy.
 */
public final class PatchGrid {
    private final ImmutableDoubleArray fractions;
    private final double stride;
    private final boolean borderWindows;

    private PatchGrid(ImmutableDoubleArray fractions, double stride, boolean borderWindows) {
        this.fractions = fractions;
        this.stride = stride;
        this.borderWindows = borderWindows;
    }

    /**
     * That of the paper: fractions 1, 1/2 and 1/4, neighbouring windows overlapping by half. 59 patches for an image of
     * 224 pixels.
     *
     * @return the grid
     */
    public static PatchGrid paper() {
        return new PatchGrid(ImmutableDoubleArray.of(1, 0.5, 0.25), 0.5, false);
    }

    /**
     * The grid that belongs to a preset: that of the {@linkplain #paper() paper}, and under {@link Preset#RECOMMENDED}
     * {@linkplain #withBorderWindows() windows flush with the border} too.
     *
     * @param preset as for the circuit
     * @return the grid
     */
    public static PatchGrid of(Preset preset) {
        return preset == Preset.RECOMMENDED ? paper().withBorderWindows() : paper();
    }

    /**
     * Windows of other sizes.
     *
     * @param shares sides of the windows as shares of the image's side: distinct, above 0, at most 1; 1, 1/2, 1/4 by default
     * @return a copy
     */
    public PatchGrid fractions(double... shares) {
        checkArgument(shares.length > 0, "expected at least one fraction, but there is none");
        ImmutableDoubleArray copy = ImmutableDoubleArray.copyOf(shares);
        checkArgument(
                copy.stream().allMatch(f -> f > 0 && f <= 1)
                        && copy.stream().distinct().count() == shares.length,
                "expected distinct fractions above 0 and up to 1, but they are %s",
                copy);
        return new PatchGrid(copy, stride, borderWindows);
    }

    /**
     * Another distance between neighbouring windows.
     *
     * @param share of the window's side: above 0, at most 1; 1/2 by default, which is an overlap of 50 %
     * @return a copy
     */
    public PatchGrid stride(double share) {
        checkArgument(share > 0 && share <= 1, "expected a stride above 0 and up to 1 window, but it is %s", share);
        return new PatchGrid(fractions, share, borderWindows);
    }

    /**
     * Adds a last window flush with the border where the grid leaves a rest, so that every pixel is in some window of each
     * size. Changes nothing at 224 pixels; the paper does not do so.
     *
     * @return a copy
     */
    public PatchGrid withBorderWindows() {
        return new PatchGrid(fractions, stride, true);
    }

    /**
     * The windows for some images of one size, in order.
     *
     * @param images how many
     * @param side of each, in pixels
     * @return the patches
     * @throws IllegalArgumentException if a window would have no pixel
     */
    public ImmutableList<Patch> patches(int images, int side) {
        ImmutableList.Builder<Patch> patches = ImmutableList.builder();
        int index = 0;
        for (int f = 0; f < fractions.length(); f++) {
            int size = (int) (fractions.get(f) * side);
            checkArgument(
                    size > 0,
                    "expected windows of at least 1 pixel, but a fraction is too small for a side of %s",
                    side);
            ImmutableIntArray starts = starts(size, side);
            for (int image = 0; image < images; image++) {
                for (int row = 0; row < starts.length(); row++) {
                    for (int column = 0; column < starts.length(); column++) {
                        patches.add(
                                new Patch(index, image, fractions.get(f), starts.get(row), starts.get(column), size));
                        index++;
                    }
                }
            }
        }
        return patches.build();
    }

    private ImmutableIntArray starts(int size, int side) {
        int step = Math.max(Math.min((int) (size * stride), side - size), 1);
        ImmutableIntArray.Builder starts = ImmutableIntArray.builder();
        int last = 0;
        for (int start = 0; start + size <= side; start += step) {
            starts.add(start);
            last = start;
        }
        if (borderWindows && last + size < side) {
            starts.add(side - size);
        }
        return starts.build();
    }

    /**
     * Cuts images. Nothing is computed before inputs are asked for.
     *
     * @param images what to cut
     * @return the patches
     */
    public ImagePatches cut(ImageSet images) {
        return new ImagePatches(
                images, patches(images.size(), images.preprocessing().side()));
    }

    /**
     * Loads and cuts images.
     *
     * @param source what to load and cut
     * @return the patches
     * @throws NeurflowException if no image can be decoded
     */
    public ImagePatches cut(ImageSource source) {
        return cut(source.load());
    }

    @Override
    public String toString() {
        return "windows of " + fractions + " of the side, every " + stride + " window"
                + (borderWindows ? ", and flush with the border" : "");
    }
}
