package io.neurflow.core.label;

import com.google.common.collect.ImmutableSet;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.Map;

/** Words that hold of a picture, from its pixels alone. The thresholds were set by eye on drawn and photographed patches. */
final class PixelWords {
    /** Pictures are looked at in this size, so that fineness means the same for all. */
    static final int SIDE = 48;

    private static final double COLOUR_SHARE = 0.15;
    private static final double COHERENT = 0.3;
    private static final double SMOOTH = 0.015;
    private static final int COARSE = 6;

    private PixelWords() {}

    /** Of a picture of {@link #SIDE} pixels. */
    static ImmutableSet<String> of(BufferedImage picture) {
        ImmutableSet.Builder<String> words = ImmutableSet.builder();
        Map<String, Integer> colours = new LinkedHashMap<>();
        double[][] light = new double[SIDE][SIDE];
        double sum = 0;
        double squares = 0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int rgb = picture.getRGB(x, y);
                colours.merge(colour(rgb), 1, Integer::sum);
                light[y][x] = (0.299 * (rgb >> 16 & 255) + 0.587 * (rgb >> 8 & 255) + 0.114 * (rgb & 255)) / 255;
                sum += light[y][x];
                squares += light[y][x] * light[y][x];
            }
        }
        int pixels = SIDE * SIDE;
        colours.forEach((colour, count) -> {
            if (count >= COLOUR_SHARE * pixels) {
                words.add(colour);
            }
        });
        double mean = sum / pixels;
        double deviation = Math.sqrt(Math.max(0, squares / pixels - mean * mean));
        if (mean > 0.7 || mean < 0.3) {
            words.add(mean > 0.7 ? "bright" : "dark");
        }
        if (deviation > 0.2 || deviation < 0.07) {
            words.add(deviation > 0.2 ? "high contrast" : "low contrast");
        }
        words.addAll(structure(light));
        return words.build();
    }

    /** The name of a colour: black, white and grey by value and saturation, the others by hue. */
    static String colour(int rgb) {
        float[] hsb = Color.RGBtoHSB(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255, null);
        double hue = 360 * hsb[0];
        if (hsb[2] < 0.2) {
            return "black";
        }
        if (hsb[1] < 0.15) {
            return hsb[2] > 0.85 ? "white" : "grey";
        }
        if (hue >= 10 && hue < 45 && hsb[2] < 0.7) {
            return "brown";
        }
        return hue < 15 || hue >= 345
                ? "red"
                : hue < 45
                        ? "orange"
                        : hue < 70 ? "yellow" : hue < 165 ? "green" : hue < 195 ? "cyan" : beyondCyan(hue);
    }

    private static String beyondCyan(double hue) {
        return hue < 255 ? "blue" : hue < 290 ? "purple" : "pink";
    }

    /** Direction of edges by the structure tensor, and fineness by how much of the variation goes when pixels are merged. */
    private static ImmutableSet<String> structure(double[][] light) {
        double xx = 0;
        double yy = 0;
        double xy = 0;
        double steep = 0;
        for (int y = 1; y < SIDE - 1; y++) {
            for (int x = 1; x < SIDE - 1; x++) {
                double dx = (light[y][x + 1] - light[y][x - 1]) / 2;
                double dy = (light[y + 1][x] - light[y - 1][x]) / 2;
                xx += dx * dx;
                yy += dy * dy;
                xy += dx * dy;
                steep += Math.hypot(dx, dy);
            }
        }
        if (steep / ((SIDE - 2) * (SIDE - 2)) < SMOOTH) {
            return ImmutableSet.of("smooth");
        }
        ImmutableSet.Builder<String> words = ImmutableSet.builder();
        words.add(merged(light) < 0.5 ? "fine texture" : "coarse shapes");
        double coherence = Math.hypot(xx - yy, 2 * xy) / (xx + yy);
        if (coherence >= COHERENT) {
            // The gradient's direction, rows counted downwards; an edge runs across it.
            double gradient = Math.toDegrees(Math.atan2(2 * xy, xx - yy) / 2);
            words.add(
                    Math.abs(gradient) < 22.5
                            ? "vertical edges"
                            : Math.abs(gradient) > 67.5
                                    ? "horizontal edges"
                                    : gradient > 0 ? "edges rising to the right" : "edges falling to the right");
        } else {
            words.add("edges in all directions");
        }
        return words.build();
    }

    /** The share of the variance that is left when squares of pixels are merged. */
    private static double merged(double[][] light) {
        double[][] means = new double[SIDE / COARSE][SIDE / COARSE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                means[y / COARSE][x / COARSE] += light[y][x] / (COARSE * COARSE);
            }
        }
        double all = variance(light);
        return all == 0 ? 1 : variance(means) / all;
    }

    private static double variance(double[][] values) {
        double sum = 0;
        double squares = 0;
        for (double[] row : values) {
            for (double value : row) {
                sum += value;
                squares += value * value;
            }
        }
        double count = (double) values.length * values.length;
        return Math.max(0, squares / count - sum / count * (sum / count));
    }
}
