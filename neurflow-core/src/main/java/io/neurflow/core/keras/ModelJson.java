package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;

/** How Keras describes models and the layers in them; a description is an object with class_name and config. */
final class ModelJson {
    private static final ImmutableSet<String> SEQUENTIAL = ImmutableSet.of("Sequential");
    private static final ImmutableSet<String> FUNCTIONAL = ImmutableSet.of("Functional", "Model");

    private ModelJson() {}

    static boolean isSequential(JsonNode layer) {
        return SEQUENTIAL.contains(layer.path("class_name").asText());
    }

    static boolean isModel(JsonNode layer) {
        return isSequential(layer)
                || FUNCTIONAL.contains(layer.path("class_name").asText());
    }

    /** The layers of a model; none if it is no model. */
    static ImmutableList<JsonNode> layers(JsonNode model) {
        JsonNode config = model.path("config");
        JsonNode layers = config.isArray() ? config : config.path("layers");
        return isModel(model) ? ImmutableList.copyOf(layers) : ImmutableList.of();
    }

    /** The name under which other layers refer to this one. */
    static String name(JsonNode layer) {
        JsonNode name = layer.hasNonNull("name")
                ? layer.path("name")
                : layer.path("config").path("name");
        checkArgument(
                name.isTextual() && !name.asText().isEmpty(),
                "a layer of class %s has no name; save the model again",
                layer.path("class_name").asText("(none)"));
        return name.asText();
    }
}
