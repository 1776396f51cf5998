package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;

/** Descriptions of Keras 1 in the words of Keras 2. */
final class Keras1 {
    private static final ImmutableMap<String, String> CLASSES = ImmutableMap.of("Convolution2D", "Conv2D");

    private static final ImmutableMap<String, String> MERGES =
            ImmutableMap.of("sum", "Add", "mul", "Multiply", "ave", "Average", "concat", "Concatenate");

    private static final ImmutableMap<String, String> OPTIONS = ImmutableMap.of(
            "nb_filter", "filters",
            "border_mode", "padding",
            "subsample", "strides",
            "bias", "use_bias",
            "output_dim", "units",
            "atrous_rate", "dilation_rate");

    private Keras1() {}

    static JsonNode translated(JsonNode model) {
        JsonNode copy = model.deepCopy();
        model(copy, 20);
        return copy;
    }

    private static void model(JsonNode model, int deeper) {
        checkArgument(deeper > 0, "models are nested more than 20 deep, expected fewer");
        for (JsonNode layer : ModelJson.layers(model)) {
            if (ModelJson.isModel(layer)) {
                model(layer, deeper - 1);
            } else if (layer instanceof ObjectNode node && layer.path("config") instanceof ObjectNode config) {
                layer(node, config);
            }
        }
    }

    private static void layer(ObjectNode layer, ObjectNode config) {
        String className = layer.path("class_name").asText();
        layer.put("class_name", CLASSES.getOrDefault(className, className));
        String ordering = config.path("dim_ordering").asText("tf");
        checkArgument(
                ordering.equals("tf") || ordering.equals("default"),
                "layer '%s' has dim_ordering '%s', whose kernels may be turned around; save the model from Keras 2",
                config.path("name").asText(),
                ordering);
        config.remove("dim_ordering");
        OPTIONS.forEach((before, after) -> {
            if (config.has(before)) {
                config.set(after, config.remove(before));
            }
        });
        if (config.has("nb_row") && config.has("nb_col")) {
            JsonNode rows = config.remove("nb_row");
            config.putArray("kernel_size").add(rows).add(config.remove("nb_col"));
        }
        if (className.equals("Merge")) {
            String mode = config.path("mode").asText();
            checkArgument(
                    MERGES.containsKey(mode),
                    "layer '%s' merges by '%s', expected one of %s",
                    config.path("name").asText(),
                    mode,
                    MERGES.keySet());
            layer.put("class_name", MERGES.get(mode));
            if (mode.equals("concat")) {
                config.set("axis", config.path("concat_axis"));
            }
            config.remove("mode");
            config.remove("concat_axis");
            config.remove("dot_axes");
            config.remove("mode_type");
            config.remove("output_mask");
            config.remove("output_mask_type");
            config.remove("output_shape");
            config.remove("output_shape_type");
            config.remove("arguments");
        }
    }
}
