package io.neurflow.core.experiment;

import com.google.common.escape.Escaper;
import com.google.common.xml.XmlEscapers;
import io.neurflow.core.experiment.Chart.Series;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws charts with XChart, which nothing else here knows of. */
final class ChartPicture {
    private static final Escaper ESCAPER = XmlEscapers.xmlContentEscaper();
    private static final int WIDTH = 900;
    private static final int HEIGHT = 480;

    /** Okabe and Ito's colours, told apart by the colour-blind. */
    private static final Color[] COLOURS = {
        new Color(0x0072B2),
        new Color(0xD55E00),
        new Color(0x009E73),
        new Color(0xCC79A7),
        new Color(0xE69F00),
        new Color(0x56B4E9),
        new Color(0x000000),
        new Color(0x8A8A00)
    };

    private ChartPicture() {}

    static String svg(Chart chart) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            VectorGraphicsEncoder.saveVectorGraphic(draw(chart), bytes, VectorGraphicsFormat.SVG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // XChart draws words as outlines, which look the same everywhere, but say nothing to programs
        String words = Stream.concat(
                        Stream.of(chart.xName(), chart.yName()),
                        chart.series().stream().map(Series::name))
                .map(ESCAPER::escape)
                .collect(Collectors.joining(", "));
        return bytes.toString(StandardCharsets.UTF_8)
                .replaceFirst(
                        "(<svg[^>]*>)",
                        "$1"
                                + Matcher.quoteReplacement("<title>" + ESCAPER.escape(chart.title()) + "</title><desc>"
                                        + words + "</desc>"));
    }

    static byte[] png(Chart chart) {
        try {
            return BitmapEncoder.getBitmapBytes(draw(chart), BitmapFormat.PNG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CategoryChart draw(Chart chart) {
        CategoryChart picture = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(chart.title())
                .xAxisTitle(chart.xName())
                .yAxisTitle(chart.yName())
                .build();
        picture.getStyler()
                .setChartBackgroundColor(Color.WHITE)
                .setChartTitleBoxVisible(false)
                .setLegendPosition(LegendPosition.OutsideE)
                .setLegendBorderColor(Color.WHITE)
                .setSeriesColors(COLOURS);
        CategoryStyler style = picture.getStyler();
        style.setPlotGridVerticalLinesVisible(false);
        style.setPlotBorderVisible(false);
        style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
        style.setXAxisLabelRotation(chart.categories().size() > 8 ? 45 : 0);
        style.setDefaultSeriesRenderStyle(
                chart.lines() ? CategorySeriesRenderStyle.Line : CategorySeriesRenderStyle.Bar);
        for (Series series : chart.series()) {
            // NaN has no place on the axis
            List<Double> values = series.values().stream()
                    .mapToObj(value -> Double.isNaN(value) ? null : value)
                    .collect(Collectors.toCollection(ArrayList::new));
            // XChart has no error bars for series with gaps
            boolean bars = !series.low().isEmpty() && !values.contains(null);
            CategorySeries drawn = bars
                    ? picture.addSeries(series.name(), chart.categories(), values, halves(series))
                    : picture.addSeries(series.name(), chart.categories(), values);
            drawn.setMarker(chart.lines() ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        }
        return picture;
    }

    /** Half the width of each interval; nothing where it has no ends. */
    private static List<Double> halves(Series series) {
        return IntStream.range(0, series.low().length())
                .mapToObj(i -> (series.high().get(i) - series.low().get(i)) / 2)
                .map(half -> Double.isNaN(half) ? 0 : half)
                .toList();
    }
}
