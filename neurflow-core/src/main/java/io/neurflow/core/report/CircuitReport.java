package io.neurflow.core.report;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.core.image.PatchPictures;
import java.nio.file.Path;
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
    private final ConceptCircuit circuit;
    private final @Nullable PatchPictures pictures;
    private final @Nullable String className;
    private final int picturesPerGroup;

    private CircuitReport(
            ConceptCircuit circuit,
            @Nullable PatchPictures pictures,
            @Nullable String className,
            int picturesPerGroup) {
        this.circuit = circuit;
        this.pictures = pictures;
        this.className = className;
        this.picturesPerGroup = picturesPerGroup;
    }

    /**
     * A report without pictures, which names the class by its neuron.
     *
     * @param circuit what to show
     * @return the report
     */
    public static CircuitReport of(ConceptCircuit circuit) {
        return new CircuitReport(circuit, null, null, 6);
    }

    /**
     * Shows patches as pictures. Default: no pictures.
     *
     * @param pictures asked once for each patch that is shown
     * @return a copy
     */
    public CircuitReport pictures(PatchPictures pictures) {
        return new CircuitReport(circuit, pictures, className, picturesPerGroup);
    }

    /**
     * Names the class. Default: the logit's neuron, such as {@code fc#309}.
     *
     * @param className any text that is not blank
     * @return a copy
     */
    public CircuitReport className(String className) {
        checkArgument(!className.isBlank(), "expected a name for the class, but it is blank");
        return new CircuitReport(circuit, pictures, className, picturesPerGroup);
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
        return new CircuitReport(circuit, pictures, className, most);
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
     * neuron group or an edge: {@code page.html#layer4.2/G3}, {@code page.html#edge:12}.
     *
     * @return an HTML document in UTF-8
     * @throws io.neurflow.api.NeurflowException if a picture cannot be made
     */
    public String toHtml() {
        return ReportPage.of(circuit, title(), table(picturesPerGroup), map());
    }

    /**
     * A still picture of the graph: neuron groups with patches, and the heaviest edges, about two for each group.
     *
     * @return an SVG document
     * @throws io.neurflow.api.NeurflowException if a picture cannot be made
     */
    public String toSvg() {
        return ReportSvg.of(circuit, title(), table(1), map());
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
        return pictures == null ? GroupMap.of(circuit, 106, 32) : GroupMap.of(circuit, 107, 126);
    }
}
