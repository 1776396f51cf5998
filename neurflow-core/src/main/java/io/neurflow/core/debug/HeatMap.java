package io.neurflow.core.debug;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Patch;
import java.awt.image.BufferedImage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where in an image a group's concept is seen: for each pixel of the model's input the mean of M over the windows that cover
 * it, taken for each window size by itself, then averaged over the sizes below the whole image. Where the whole image is the
 * only window, its M is everywhere.
 */
public final class HeatMap {
    private final int side;
    private final double[] values;

    private HeatMap(int side, double[] values) {
        this.side = side;
        this.values = values;
    }

    /** {@code scores} belong to {@code crops}, windows of one image. */
    static HeatMap of(int side, ImmutableList<Patch> crops, List<Double> scores) {
        Set<Double> fractions = new LinkedHashSet<>();
        crops.forEach(crop -> fractions.add(crop.fraction()));
        if (fractions.size() > 1) {
            fractions.remove(1.0);
        }
        double[] heat = new double[side * side];
        int[] sizes = new int[side * side];
        for (double fraction : fractions) {
            double[] sum = new double[side * side];
            int[] count = new int[side * side];
            for (int i = 0; i < crops.size(); i++) {
                if (crops.get(i).fraction() == fraction) {
                    add(crops.get(i), scores.get(i), side, sum, count);
                }
            }
            for (int p = 0; p < heat.length; p++) {
                if (count[p] > 0) {
                    heat[p] += sum[p] / count[p];
                    sizes[p]++;
                }
            }
        }
        for (int p = 0; p < heat.length; p++) {
            heat[p] = sizes[p] == 0 ? 0 : heat[p] / sizes[p];
        }
        return new HeatMap(side, heat);
    }

    private static void add(Patch crop, double score, int side, double[] sum, int[] count) {
        for (int row = crop.top(); row < crop.top() + crop.size(); row++) {
            for (int column = crop.left(); column < crop.left() + crop.size(); column++) {
                sum[row * side + column] += score;
                count[row * side + column]++;
            }
        }
    }

    /**
     * Rows and columns.
     *
     * @return the side of the model's input
     */
    public int side() {
        return side;
    }

    /**
     * One value.
     *
     * @param row 0 up to {@link #side()}
     * @param column 0 up to {@link #side()}
     * @return a mean of M
     */
    public double at(int row, int column) {
        return values[checkElementIndex(row, side, "row") * side + checkElementIndex(column, side, "column")];
    }

    /**
     * All values.
     *
     * @return a fresh array, row by row
     */
    public double[] toArray() {
        return values.clone();
    }

    /**
     * A picture in which only what is hot keeps its colour and brightness; the rest fades to dark grey. It needs no colour
     * scale, so that it reads the same to colour-blind eyes.
     *
     * @param picture the image as the model sees it, of any square size
     * @param full the heat at which a pixel is left as it is; 1 for the scale of M itself
     * @return a picture of the same size
     */
    public BufferedImage over(BufferedImage picture, double full) {
        checkArgument(full > 0, "expected a positive heat at which pixels are left as they are, but it is %s", full);
        checkArgument(
                picture.getWidth() == picture.getHeight(),
                "expected a square picture, but it has %s x %s pixels",
                picture.getWidth(),
                picture.getHeight());
        int size = picture.getWidth();
        BufferedImage result = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                double heat = Math.min(1, Math.max(0, at(row * side / size, column * side / size) / full));
                result.setRGB(column, row, faded(picture.getRGB(column, row), heat));
            }
        }
        return result;
    }

    private static int faded(int rgb, double heat) {
        int red = rgb >> 16 & 255;
        int green = rgb >> 8 & 255;
        int blue = rgb & 255;
        double grey = 0.35 * (0.299 * red + 0.587 * green + 0.114 * blue);
        return mix(red, grey, heat) << 16 | mix(green, grey, heat) << 8 | mix(blue, grey, heat);
    }

    private static int mix(int colour, double grey, double heat) {
        return (int) Math.round(heat * colour + (1 - heat) * grey);
    }

    @Override
    public String toString() {
        return "heat map of " + side + " x " + side;
    }
}
