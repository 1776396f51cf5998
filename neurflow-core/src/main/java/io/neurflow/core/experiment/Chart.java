package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a plot shows, apart from how it is drawn.
 *
 * @param title above it
 * @param xName what the categories are
 * @param yName what the values are
 * @param categories from left to right
 * @param series one value for each category, NaN where there is none
 * @param lines whether values are joined by lines; bars if not
 */
public record Chart(
        String title,
        String xName,
        String yName,
        ImmutableList<String> categories,
        ImmutableList<Series> series,
        boolean lines) {
    /**
     * Values of one colour.
     *
     * @param name for the legend
     * @param values one for each category
     * @param low lower ends of their intervals; empty without intervals
     * @param high upper ends
     */
    public record Series(
            String name, ImmutableDoubleArray values, ImmutableDoubleArray low, ImmutableDoubleArray high) {
        /** Checks that intervals are there for all values or for none. */
        public Series {
            checkArgument(
                    low.length() == high.length() && (low.isEmpty() || low.length() == values.length()),
                    "expected an interval for each of %s values or for none, but there are %s and %s ends",
                    values.length(),
                    low.length(),
                    high.length());
        }

        static Series of(String name, double... values) {
            return new Series(
                    name, ImmutableDoubleArray.copyOf(values), ImmutableDoubleArray.of(), ImmutableDoubleArray.of());
        }

        static Series of(String name, Iterable<Interval> intervals) {
            ImmutableList<Interval> all = ImmutableList.copyOf(intervals);
            return new Series(
                    name,
                    ImmutableDoubleArray.copyOf(all.stream().mapToDouble(Interval::mean)),
                    ImmutableDoubleArray.copyOf(all.stream().mapToDouble(Interval::low)),
                    ImmutableDoubleArray.copyOf(all.stream().mapToDouble(Interval::high)));
        }
    }

    /** Checks that there is a value for each category. */
    public Chart {
        for (Series one : series) {
            checkArgument(
                    one.values().length() == categories.size(),
                    "expected a value for each of %s categories, but '%s' has %s",
                    categories.size(),
                    one.name(),
                    one.values().length());
        }
    }

    /**
     * Draws it.
     *
     * @return an SVG document
     */
    public String svg() {
        return ChartPicture.svg(this);
    }

    /**
     * Draws it in pixels.
     *
     * @return the bytes of a PNG file
     */
    public byte[] png() {
        return ChartPicture.png(this);
    }

    /**
     * Draws it into a file.
     *
     * @param file that ends in .svg or .png; its folder is there
     */
    public void write(Path file) {
        boolean vector = file.toString().endsWith(".svg");
        checkArgument(
                vector || file.toString().endsWith(".png"),
                "expected a file that ends in .svg or .png, but it is %s",
                file);
        try {
            if (vector) {
                Files.writeString(file, svg());
            } else {
                Files.write(file, png());
            }
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected to write '" + file + "', but it cannot be written; check its folder", e);
        }
    }
}
