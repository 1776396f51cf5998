package io.neurflow.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.neurflow.api.NeurflowException;
import io.neurflow.core.label.ConceptLabels;
import io.neurflow.core.label.LabelsJson;
import io.neurflow.core.report.CircuitReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the groups of a circuit are called, from one of three kinds of file: what 'neurflow label' writes, the notes that a
 * reader saved from the page, or an object from group to text that somebody wrote by hand.
 */
final class LabelsFile {
    /** More than any circuit has groups, and less than fills the heap. */
    private static final long MOST_BYTES = 64L << 20;

    private static final String NOTES = "neurflow-notes";

    private LabelsFile() {}

    /** The report with these labels. Some must be of its groups, or the file belongs to something else. */
    static CircuitReport show(CircuitReport report, Path file) {
        JsonNode json = json(file);
        if (json.path("format").asText().equals(LabelsJson.FORMAT)) {
            return report.labels(LabelsJson.read(file));
        }
        boolean notes = json.path("format").asText().equals(NOTES);
        if (notes && !json.path("circuit").asText().equals(ConceptLabels.digest(report.circuit()))) {
            throw unusable(file, "has notes on another circuit", null);
        }
        ImmutableMap<String, String> texts = texts(file, notes ? json.path("notes") : json);
        if (report.circuit().groups().stream().noneMatch(group -> texts.containsKey(group.name()))) {
            throw unusable(file, "names no group of this circuit", null);
        }
        return report.labels(texts);
    }

    private static JsonNode json(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw unusable(file, "is larger than 64 MB", null);
            }
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw unusable(file, Files.exists(file) ? "cannot be read as JSON" : "does not exist", e);
        }
    }

    private static ImmutableMap<String, String> texts(Path file, JsonNode json) {
        if (!json.isObject()) {
            throw unusable(file, "has no object", null);
        }
        Map<String, String> texts = new LinkedHashMap<>();
        json.properties().forEach(entry -> {
            if (!entry.getValue().isTextual()) {
                throw unusable(file, "has an entry that is no text", null);
            }
            texts.put(entry.getKey(), Printable.line(entry.getValue().asText()));
        });
        return ImmutableMap.copyOf(texts);
    }

    private static NeurflowException unusable(Path file, String what, @Nullable Throwable cause) {
        String message = "expected labels for --labels, such as {\"layer4.2/G3\": \"petals\"}, but '" + file + "' "
                + what + "; name a file that 'neurflow label' wrote, or notes saved from the page";
        return cause == null ? new NeurflowException(message) : new NeurflowException(message, cause);
    }
}
