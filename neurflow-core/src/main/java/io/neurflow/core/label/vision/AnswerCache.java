package io.neurflow.core.label.vision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.neurflow.core.label.Usage;
import io.neurflow.core.store.RunStore;
import io.neurflow.core.store.StoreKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalDouble;

/** Answers on disk, by SHA-256 of all words and pictures of the question, the model and its settings. */
final class AnswerCache {
    private final RunStore store;

    AnswerCache(RunStore store) {
        this.store = store;
    }

    /** An answer and what it took, without cost. */
    record Known(String answer, Usage usage) {}

    private static StoreKey key(VisionModel model, VisionQuestion question) {
        return StoreKey.of("answer of a vision model")
                .with("words", question.words())
                .with("pictures", question.picturesDigest())
                .with("model", model.name())
                .with("settings", model.settings());
    }

    Optional<Known> get(VisionModel model, VisionQuestion question) {
        return store.getBytes(key(model, question)).flatMap(AnswerCache::read);
    }

    private static Optional<Known> read(byte[] bytes) {
        try {
            JsonNode json = new ObjectMapper().readTree(bytes);
            return json.path("answer").isTextual()
                    ? Optional.of(new Known(
                            json.path("answer").textValue(),
                            new Usage(
                                    json.path("requests").asInt(),
                                    json.path("unmetered").asInt(),
                                    json.path("input_tokens").asLong(),
                                    json.path("output_tokens").asLong(),
                                    OptionalDouble.empty())))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // of another version
        }
    }

    void put(VisionModel model, VisionQuestion question, Known known) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("answer", known.answer())
                .put("requests", known.usage().requests())
                .put("unmetered", known.usage().unmetered())
                .put("input_tokens", known.usage().inputTokens())
                .put("output_tokens", known.usage().outputTokens())
                .put("words", question.words())
                .put("model", model.name())
                .put("settings", model.settings());
        try {
            store.putBytes(
                    key(model, question),
                    new ObjectMapper().writeValueAsString(json).getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers is JSON", e);
        }
    }
}
