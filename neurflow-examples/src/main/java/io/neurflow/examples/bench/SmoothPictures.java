package io.neurflow.examples.bench;

import com.google.common.collect.ImmutableList;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.Preprocessing;
import java.util.SplittableRandom;

/**
 * Random but smooth pictures, for figures where there are no photographs: each colour is a sum of {@value #WAVES} plane waves of
 * random direction and phase, of 0.5 to 8 periods over the picture, the longer the stronger. They switch gates as
 * photographs do; what a model makes of them means nothing.
 */
public final class SmoothPictures {
    /** The seed of {@code neurflow bench}. */
    public static final long SEED = 20_260;

    private static final int WAVES = 12;
    private static final double LEAST = 0.5;
    private static final double MOST = 8;
    private static final double GREY = 118;
    private static final double CONTRAST = 48;

    private SmoothPictures() {}

    /**
     * Makes pictures. Picture number i is a function of the seed, i and the side alone.
     *
     * @param count how many
     * @param seed of the random numbers
     * @param preprocessing how bytes become inputs; says the side, too
     * @return images in memory
     */
    public static ImageSource of(int count, long seed, Preprocessing preprocessing) {
        ImmutableList.Builder<String> names = ImmutableList.builder();
        ImmutableList.Builder<byte[]> crops = ImmutableList.builder();
        SplittableRandom pictures = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            names.add("smooth-" + i);
            crops.add(picture(pictures.split(), preprocessing.side()));
        }
        return ImageSource.ofCrops(names.build(), crops.build(), preprocessing);
    }

    private static byte[] picture(SplittableRandom random, int side) {
        byte[] rgb = new byte[3 * side * side];
        for (int colour = 0; colour < 3; colour++) {
            double[] plane = plane(random, side);
            for (int i = 0; i < plane.length; i++) {
                rgb[3 * i + colour] = (byte) Math.max(0, Math.min(255, Math.round(GREY + CONTRAST * plane[i])));
            }
        }
        return rgb;
    }

    /** Values of standard deviation 1 over all random choices, [row][column]. */
    private static double[] plane(SplittableRandom random, int side) {
        double[] plane = new double[side * side];
        double power = 0;
        for (int wave = 0; wave < WAVES; wave++) {
            double periods = LEAST * StrictMath.pow(MOST / LEAST, random.nextDouble());
            double direction = 2 * Math.PI * random.nextDouble();
            double phase = 2 * Math.PI * random.nextDouble();
            double height = 1 / periods;
            power += height * height / 2;
            double step = 2 * Math.PI * periods / side;
            for (int row = 0; row < side; row++) {
                double start = phase + step * StrictMath.sin(direction) * row;
                for (int column = 0; column < side; column++) {
                    plane[row * side + column] += height * Math.cos(start + step * StrictMath.cos(direction) * column);
                }
            }
        }
        double scale = 1 / Math.sqrt(power);
        for (int i = 0; i < plane.length; i++) {
            plane[i] *= scale;
        }
        return plane;
    }
}
