package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Which axis the model has its channels on; the same throughout.
 *
 * @param channelsFirst whether values are [channels, rows, columns] rather than [rows, columns, channels]
 */
record Layout(boolean channelsFirst) {
    private static final String FIRST = "channels_first";
    private static final String LAST = "channels_last";

    /** The layout that the layers of a model agree on. */
    static Layout of(JsonNode model) {
        Set<String> formats = new HashSet<>();
        Deque<JsonNode> open = new ArrayDeque<>();
        open.add(model);
        while (!open.isEmpty()) {
            for (JsonNode layer : ModelJson.layers(open.remove())) {
                open.add(layer);
                String format = layer.path("config").path("data_format").asText("");
                // Flatten means something else by it.
                if ((format.equals(FIRST) || format.equals(LAST))
                        && !layer.path("class_name").asText().equals("Flatten")) {
                    formats.add(format);
                }
            }
        }
        checkArgument(
                formats.size() <= 1,
                "some of its layers are channels_first and others channels_last, expected one layout throughout");
        return new Layout(formats.contains(FIRST));
    }

    /** Checks a layer's own option. */
    void check(KerasLayer layer) {
        layer.text("data_format")
                .ifPresent(format -> checkArgument(
                        format.equals(channelsFirst ? FIRST : LAST) || format.equals("None"),
                        "option 'data_format' is '%s', expected '%s'",
                        format,
                        channelsFirst ? FIRST : LAST));
    }

    /** Checks that an axis is that of the channels. */
    void checkAxis(KerasLayer layer, int otherwise, int rank) {
        JsonNode option = layer.option("axis");
        JsonNode one = option.isArray() && option.size() == 1 ? option.get(0) : option;
        boolean absent = one.isMissingNode() || one.isNull();
        checkArgument(absent || one.isIntegralNumber(), "option 'axis' is %s, expected one axis", option);
        int axis = absent ? otherwise : one.intValue();
        int positive = axis < 0 ? axis + rank + 1 : axis;
        int expected = rank == 3 && !channelsFirst ? 3 : 1;
        checkArgument(positive == expected, "option 'axis' is %s, expected %s (channels)", option, expected);
    }

    /** Extents as a description has them, without the batch, as channels, rows and columns. */
    ImmutableIntArray toGraph(ImmutableIntArray extents) {
        return channelsFirst || extents.length() != 3
                ? extents
                : ImmutableIntArray.of(extents.get(2), extents.get(0), extents.get(1));
    }

    /** Where each of Keras's features stands in the graph's value of these dimensions, when both are flattened. */
    ImmutableIntArray order(ImmutableIntArray dims, boolean first) {
        int size = dims.stream().reduce(1, Math::multiplyExact);
        ImmutableIntArray.Builder order = ImmutableIntArray.builder(size);
        if (first || dims.length() != 3) {
            for (int i = 0; i < size; i++) {
                order.add(i);
            }
            return order.build();
        }
        Shape shape = new Shape(dims.get(0), dims.get(1), dims.get(2));
        int positions = shape.height() * shape.width();
        for (int position = 0; position < positions; position++) {
            for (int c = 0; c < shape.channels(); c++) {
                order.add(c * positions + position);
            }
        }
        return order.build();
    }

    static boolean isIdentity(ImmutableIntArray order) {
        for (int i = 0; i < order.length(); i++) {
            if (order.get(i) != i) {
                return false;
            }
        }
        return true;
    }
}
