package io.neurflow.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads what the groups of a circuit are called. */
final class LabelsFile {
    private static final long MOST_BYTES = 64L << 20;

    private LabelsFile() {}

    /**
     * Either an object from a group's name to its label, or one whose member "labels" lists objects with "group" and
     * "caption".
     */
    static ImmutableMap<String, String> read(Path file) {
        JsonNode json;
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw unusable(file, "is larger than 64 MB", null);
            }
            json = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw unusable(file, Files.exists(file) ? "cannot be read as JSON" : "does not exist", e);
        }
        Map<String, String> labels = new LinkedHashMap<>();
        JsonNode list = json.path("labels");
        if (list.isArray()) {
            for (JsonNode label : list) {
                labels.put(text(file, label.path("group")), text(file, label.path("caption")));
            }
        } else if (json.isObject()) {
            json.fields().forEachRemaining(entry -> labels.put(entry.getKey(), text(file, entry.getValue())));
        } else {
            throw unusable(file, "is something else", null);
        }
        return ImmutableMap.copyOf(labels);
    }

    private static String text(Path file, JsonNode value) {
        if (!value.isTextual()) {
            throw unusable(file, "has an entry that is no text", null);
        }
        return Printable.line(value.asText());
    }

    private static NeurflowException unusable(Path file, String what, @org.jspecify.annotations.Nullable Throwable cause) {
        String message = "expected a JSON file such as {\"layer4.2/G3\": \"petals\"} for --labels, but '" + file + "' "
                + what + "; check the file";
        return cause == null ? new NeurflowException(message) : new NeurflowException(message, cause);
    }
}
