package io.neurflow.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;

class ChartTest {
    private static Chart chart(boolean lines) {
        return new Chart(
                "Title <with> & signs",
                "layers",
                "r",
                ImmutableList.of("one", "two", "three"),
                ImmutableList.of(
                        Chart.Series.of(
                                "ours",
                                ImmutableList.of(
                                        new Interval(0.7, 0.6, 0.8, 9),
                                        new Interval(Double.NaN, Double.NaN, Double.NaN, 0),
                                        new Interval(0.2, Double.NaN, Double.NaN, 1))),
                        Chart.Series.of("random", 0, -0.1, Double.NaN)),
                lines);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isAWellFormedSvgWithItsWords(boolean lines) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        Document document = factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(chart(lines).svg().getBytes(StandardCharsets.UTF_8)));
        assertThat(document.getDocumentElement().getNodeName()).isEqualTo("svg");
        assertThat(document.getDocumentElement().getTextContent())
                .contains("Title <with> & signs", "layers", "r", "ours", "random");
    }

    @Test
    void isAPngOfThatSize() throws IOException {
        BufferedImage picture =
                ImageIO.read(new ByteArrayInputStream(chart(true).png()));
        assertThat(picture.getWidth()).isEqualTo(900);
        assertThat(picture.getHeight()).isEqualTo(480);
    }

    @Test
    void aSeriesOfAnotherLengthAndAFileOfAnotherKindAreRefused(@TempDir Path folder) {
        assertThatThrownBy(() -> new Chart(
                        "t", "x", "y", ImmutableList.of("a"), ImmutableList.of(Chart.Series.of("s", 1, 2)), false))
                .hasMessageContaining("expected a value for each of 1 categories, but 's' has 2");
        assertThatThrownBy(() -> chart(true).write(folder.resolve("chart.pdf"))).hasMessageContaining(".svg or .png");
    }
}
