package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;

/** The extents of one image as the model declares them. */
final class InputShape {
    private InputShape() {}

    /** Without the batch, in the model's order of axes; -1 for one left open. */
    static ImmutableList<Integer> of(JsonNode model) {
        JsonNode shape = find(model, 20);
        checkArgument(
                shape.isArray() && !shape.isEmpty(),
                "it does not say the shape of its input; give its first layer an input_shape, or call it once, and save it"
                        + " again");
        ImmutableList.Builder<Integer> extents = ImmutableList.builder();
        for (int i = 1; i < shape.size(); i++) {
            JsonNode extent = shape.get(i);
            checkArgument(
                    extent.isNull() || (extent.isIntegralNumber() && extent.canConvertToInt() && extent.intValue() > 0),
                    "its input has the shape %s, expected positive extents or null",
                    shape);
            extents.add(extent.isNull() ? -1 : extent.intValue());
        }
        return extents.build();
    }

    private static JsonNode find(JsonNode layer, int deeper) {
        JsonNode config = layer.path("config");
        for (String name : ImmutableList.of("batch_shape", "batch_input_shape")) {
            if (config.path(name).isArray()) {
                return config.path(name);
            }
        }
        ImmutableList<JsonNode> inner = ModelJson.layers(layer);
        if (deeper == 0 || inner.isEmpty()) {
            return layer.path("build_config").path("input_shape");
        }
        JsonNode first = inner.get(0);
        if (!ModelJson.isSequential(layer)) {
            ImmutableList<Calls.Input> inputs = Calls.references(config.path("input_layers"));
            checkArgument(inputs.size() == 1, "it has %s inputs, expected one, the images", inputs.size());
            for (JsonNode each : inner) {
                first = ModelJson.name(each).equals(inputs.get(0).layer()) ? each : first;
            }
        }
        JsonNode shape = find(first, deeper - 1);
        if (shape.isArray()) {
            return shape;
        }
        JsonNode built = config.path("build_input_shape");
        return built.isArray() ? built : layer.path("build_config").path("input_shape");
    }
}
