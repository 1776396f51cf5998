package io.neurflow.core.report;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.core.image.PatchPictures;
import io.neurflow.core.label.ConceptLabels;
import io.neurflow.core.label.Formation;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ConceptCircuit} for people: one HTML page that needs no network, or a still picture in SVG.
 *
 * <pre>{@code
 * CircuitReport.of(circuit).className("bee").pictures(pictures).write(Path.of("bee.html"));
 * }</pre>
 *
 * <p>An immutable value: every method that configures returns a copy.
 */
public final class CircuitReport {
    /** Height of the line with a group's label. */
    static final int LABEL = 17;

    private static final double MOST_PIXELS = 5e7;

    private final ConceptCircuit circuit;
    private final @Nullable PatchPictures pictures;
    private final @Nullable String className;
    private final int picturesPerGroup;
    private final ReportExtras extras;

    private CircuitReport(
            ConceptCircuit circuit,
            @Nullable PatchPictures pictures,
            @Nullable String className,
            int picturesPerGroup,
            ReportExtras extras) {
        this.circuit = circuit;
        this.pictures = pictures;
        this.className = className;
        this.picturesPerGroup = picturesPerGroup;
        this.extras = extras;
    }

    /**
     * A report without pictures, which names the class by its neuron.
     *
     * @param circuit what to show
     * @return the report
     */
    public static CircuitReport of(ConceptCircuit circuit) {
        return new CircuitReport(circuit, null, null, 6, ReportExtras.NONE);
    }

    /**
     * Shows patches as pictures. Default: no pictures.
     *
     * @param pictures asked once for each patch that is shown
     * @return a copy
     */
    public CircuitReport pictures(PatchPictures pictures) {
        return new CircuitReport(circuit, pictures, className, picturesPerGroup, extras);
    }

    /**
     * Names the class. Default: the logit's neuron, such as {@code fc#309}.
     *
     * @param className any text that is not blank
     * @return a copy
     */
    public CircuitReport className(String className) {
        checkArgument(!className.isBlank(), "expected a name for the class, but it is blank");
        return new CircuitReport(circuit, pictures, className, picturesPerGroup, extras);
    }

    /**
     * How many patches to show of each semantic group, strongest first. Default: 6. There are fewer where the pictures
     * would come to more than 5 MB; the page says how many there are.
     *
     * @param most at least 1
     * @return a copy
     */
    public CircuitReport picturesPerGroup(int most) {
        checkArgument(most >= 1, "expected at least 1 picture per semantic group, but it is %s", most);
        return new CircuitReport(circuit, pictures, className, most, extras);
    }

    /**
     * Shows a text on each group, such as what a person or a labeler calls it. Default: none.
     *
     * @param texts by {@link io.neurflow.api.NeuronGroup#name()}; names of no group are left alone
     * @return a copy
     */
    public CircuitReport labels(Map<String, String> texts) {
        return new CircuitReport(circuit, pictures, className, picturesPerGroup, extras.withLabels(texts));
    }

    /**
     * Shows what a labeler calls the groups, and how it says that they form. Default: none.
     *
     * @param labels of this circuit, by a labeler
     * @return a copy
     * @throws io.neurflow.api.NeurflowException if the labels were made for another circuit
     */
    public CircuitReport labels(ConceptLabels labels) {
        ConceptLabels fitting = labels.checkFits(circuit);
        Map<String, ImmutableList<String>> formations = new LinkedHashMap<>();
        for (Formation formation : fitting.formations()) {
            formations.put(
                    formation.group(),
                    Stream.concat(
                                    Stream.of(formation.caption()),
                                    formation.steps().stream().map(step -> "from " + step))
                            .collect(ImmutableList.toImmutableList()));
        }
        return new CircuitReport(
                circuit,
                pictures,
                className,
                picturesPerGroup,
                extras.withLabels(fitting.captions()).withFormations(formations));
    }

    /**
     * The circuit that is reported.
     *
     * @return as given
     */
    public ConceptCircuit circuit() {
        return circuit;
    }

    /**
     * The page. Everything is inline, under a Content-Security-Policy that allows nothing else. It can be opened at a
     * neuron group, an edge, the trace of an image, or the formation of a group: {@code page.html#layer4.2/G3},
     * {@code #edge:12}, {@code #image:3}, {@code #form:layer4.2/G3}.
     *
     * @return an HTML document in UTF-8
     * @throws io.neurflow.api.NeurflowException if a picture cannot be made
     */
    public String toHtml() {
        return ReportPage.of(
                circuit,
                title(),
                table(picturesPerGroup),
                map(),
                extras,
                pictures == null ? ImmutableMap.of() : PictureTable.sources(circuit, pictures));
    }

    /**
     * A still picture of the graph: neuron groups with patches, and the heaviest edges, about two for each group.
     *
     * @return an SVG document
     * @throws io.neurflow.api.NeurflowException if a picture cannot be made
     */
    public String toSvg() {
        return ReportSvg.of(circuit, title(), table(1), map(), extras);
    }

    /**
     * The picture of {@link #toSvg()} in pixels.
     *
     * @param scale pixels per unit of the drawing, more than 0 and at most 4: 1 for screens, 2 for print
     * @return an opaque picture
     * @throws io.neurflow.api.NeurflowException if a picture cannot be made
     */
    public BufferedImage toImage(double scale) {
        checkArgument(scale > 0 && scale <= 4, "expected a scale above 0 and at most 4, but it is %s", scale);
        return ReportPng.of(circuit, title(), table(1), map(), extras, scale);
    }

    /**
     * Writes {@link #toImage} at scale 2 to a file, or at the largest that keeps it below 50 million pixels. It appears at once and complete, or not at all.
     *
     * @param file replaced if it exists
     * @throws io.neurflow.api.NeurflowException if a picture cannot be made or the file cannot be written
     */
    public void writePng(Path file) {
        GroupMap map = map();
        double most = Math.sqrt(MOST_PIXELS / ((double) map.width() * map.height()));
        ReportPng.write(ReportPng.of(circuit, title(), table(1), map, extras, Math.min(2, most)), file);
    }

    /**
     * Writes {@link #toHtml()} to a file. It appears at once and complete, or not at all.
     *
     * @param file replaced if it exists
     * @throws io.neurflow.api.NeurflowException if a picture cannot be made or the file cannot be written
     */
    public void write(Path file) {
        String html = toHtml();
        WholeFile.write(file, out -> out.write(html));
    }

    private String title() {
        return className == null ? circuit.neurons().root().toString() : className;
    }

    private PictureTable table(int most) {
        return pictures == null ? PictureTable.empty(circuit) : PictureTable.of(circuit, pictures, most);
    }

    private GroupMap map() {
        int label = extras.labels().isEmpty() ? 0 : LABEL;
        return pictures == null ? GroupMap.of(circuit, 106, 32 + label) : GroupMap.of(circuit, 107, 126 + label);
    }
}
