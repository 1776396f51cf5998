package io.neurflow.core.report;

import com.google.common.collect.ImmutableList;
import io.neurflow.core.debug.Investigation;
import io.neurflow.core.image.PatchPictures;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An {@link Investigation} for people: one HTML page that needs no network; and for programs: JSON.
 *
 * <pre>{@code
 * DebugReport.of(investigation).pictures(windows).classNames(names).write(Path.of("debug.html"));
 * }</pre>
 *
 * <p>An immutable value: every method that configures returns a copy.
 */
public final class DebugReport {
    private final Investigation investigation;
    private final Optional<PatchPictures> pictures;
    private final Optional<GroupExamples> examples;
    private final ImmutableList<String> classNames;

    private DebugReport(
            Investigation investigation,
            Optional<PatchPictures> pictures,
            Optional<GroupExamples> examples,
            ImmutableList<String> classNames) {
        this.investigation = investigation;
        this.pictures = pictures;
        this.examples = examples;
        this.classNames = classNames;
    }

    /**
     * A report without pictures, which names classes by their numbers.
     *
     * @param investigation what to show
     * @return the report
     */
    public static DebugReport of(Investigation investigation) {
        return new DebugReport(investigation, Optional.empty(), Optional.empty(), ImmutableList.of());
    }

    /**
     * Shows the investigated images, and where in them groups fire. Default: no pictures.
     *
     * @param windows of the images, those that were investigated
     * @return a copy
     */
    public DebugReport pictures(PatchPictures windows) {
        return new DebugReport(investigation, Optional.of(windows), examples, classNames);
    }

    /**
     * Shows patches of the groups' concepts, too: what they stood for when the circuit was built. Default: none.
     *
     * @param patches the circuit's patches with their pictures
     * @return a copy
     */
    public DebugReport examples(GroupExamples patches) {
        return new DebugReport(investigation, pictures, Optional.of(patches), classNames);
    }

    /**
     * Names classes. Default: {@code class 309}.
     *
     * @param names in the order of the logits
     * @return a copy
     */
    public DebugReport classNames(List<String> names) {
        return new DebugReport(investigation, pictures, examples, ImmutableList.copyOf(names));
    }

    /**
     * The page, under a Content-Security-Policy that allows nothing but its own style and pictures. It has no script.
     *
     * @return an HTML document in UTF-8
     * @throws io.neurflow.api.NeurflowException if a picture cannot be made
     */
    public String toHtml() {
        return DebugPage.of(investigation, pictures, examples, this::className);
    }

    private String className(int index) {
        return index < classNames.size() ? classNames.get(index) : "class " + index;
    }

    /**
     * Everything that was measured, {@code "format": "neurflow-debug", "version": 1}; {@code docs/debug.md} in the sources
     * describes the fields.
     *
     * @return a JSON document
     */
    public String toJson() {
        return DebugJson.of(investigation);
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

    /**
     * Writes {@link #toJson()} to a file. It appears at once and complete, or not at all.
     *
     * @param file replaced if it exists
     * @throws io.neurflow.api.NeurflowException if the file cannot be written
     */
    public void writeJson(Path file) {
        String json = toJson();
        WholeFile.write(file, out -> out.write(json));
    }
}
