package io.neurflow.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The alphabet of {@link PlantedPictures}, and the kernels that detect its letters and nothing else. */
final class Glyphs {
    /** A detector of gain 1 shows about 1 for its glyph: between 0.68 and 1.32, as bright as it is, and 0 for all others. */
    static final double GAIN = 4;

    static final double THRESHOLD = 0.75;

    /** Rows of 3x3 pixels: bars in four directions, checker, cross. */
    private static final String[] SHAPES = {
        "...###...", ".#..#..#.", "#...#...#", "..#.#.#..", "#.#.#.#.#", ".#.###.#.",
    };

    private static final int PLACE = 4;
    private static final double FAINTEST = 0.92;
    private static final double BRIGHTEST = 1.08;

    private Glyphs() {}

    static double[] picture(List<Integer> features, Random random) {
        int rows = PlantedPictures.INPUT.height();
        int columns = PlantedPictures.INPUT.width();
        List<Integer> places = new ArrayList<>();
        for (int p = 0; p < PlantedPictures.PLACES; p++) {
            places.add(p);
        }
        Collections.shuffle(places, random);
        double[] pixels = new double[PlantedPictures.INPUT.size()];
        // the whole picture is shifted, not each glyph: neighbours that touch would look like other glyphs
        int down = random.nextInt(2);
        int right = random.nextInt(2);
        for (int n = 0; n < features.size(); n++) {
            int feature = features.get(n);
            int top = PLACE * (places.get(n) / 3) + down;
            int left = PLACE * (places.get(n) % 3) + right;
            double bright = FAINTEST + (BRIGHTEST - FAINTEST) * random.nextDouble();
            for (int i = 0; i < 9; i++) {
                if (pixel(feature, i) > 0) {
                    pixels[(feature / SHAPES.length * rows + top + i / 3) * columns + left + i % 3] = bright;
                }
            }
        }
        return pixels;
    }

    /** The weight of a detector's kernel: zero mean, and 1 for its glyph at brightness 1. */
    static double kernel(int feature, int i) {
        double count = 0;
        for (int p = 0; p < 9; p++) {
            count += pixel(feature, p);
        }
        double mean = count / 9;
        return (pixel(feature, i) - mean) / (count * (1 - mean));
    }

    static int colour(int feature) {
        return feature / SHAPES.length;
    }

    private static int pixel(int feature, int i) {
        return SHAPES[feature % SHAPES.length].charAt(i) == '#' ? 1 : 0;
    }
}
