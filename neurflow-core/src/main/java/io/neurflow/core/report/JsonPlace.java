package io.neurflow.core.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.NeurflowException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value in a JSON document together with its path, so that every complaint says where.
 *
 * @param node the value
 * @param path such as {@code $.nodes[3].concept}
 */
record JsonPlace(JsonNode node, String path) {
    private static final int MOST_SHOWN = 60;

    NeurflowException expected(String what) {
        String came = node.isMissingNode() ? "nothing" : node.isContainerNode() ? kind() : shorten(node.toString());
        return new NeurflowException("at " + path + ": expected " + what + ", but there is " + came);
    }

    private String kind() {
        return (node.isArray() ? "an array of " : "an object of ") + node.size();
    }

    private static String shorten(String text) {
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
    }

    /** How an enum constant is written. */
    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    JsonPlace field(String name) {
        if (!node.isObject()) {
            throw expected("an object");
        }
        JsonPlace field = new JsonPlace(node.path(name), path + "." + name);
        if (field.node.isMissingNode()) {
            throw field.expected("a value");
        }
        return field;
    }

    /** For the few fields that may be null. */
    boolean isNull() {
        return node.isNull();
    }

    /** Refuses fields beyond those named. */
    JsonPlace only(Set<String> names) {
        if (!node.isObject()) {
            throw expected("an object");
        }
        for (Iterator<String> fields = node.fieldNames(); fields.hasNext(); ) {
            String name = fields.next();
            if (!names.contains(name)) {
                throw new NeurflowException(String.format(
                        Locale.ROOT, "at %s: expected no fields but %s, but there is %s", path, names, shorten(name)));
            }
        }
        return this;
    }

    List<JsonPlace> items() {
        if (!node.isArray()) {
            throw expected("an array");
        }
        List<JsonPlace> items = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            items.add(new JsonPlace(node.get(i), path + "[" + i + "]"));
        }
        return items;
    }

    List<JsonPlace> items(int count) {
        if (!node.isArray() || node.size() != count) {
            throw expected("an array of " + count);
        }
        return items();
    }

    Map<String, JsonPlace> fields() {
        if (!node.isObject()) {
            throw expected("an object");
        }
        Map<String, JsonPlace> fields = new java.util.LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            fields.put(field.getKey(), new JsonPlace(field.getValue(), path + "." + shorten(field.getKey())));
        }
        return fields;
    }

    String text() {
        if (!node.isTextual()) {
            throw expected("a string");
        }
        return node.textValue();
    }

    int integer() {
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw expected("an integer of 32 bits");
        }
        return node.intValue();
    }

    double number() {
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw expected("a finite number");
        }
        return node.doubleValue();
    }

    ImmutableIntArray integers() {
        return ImmutableIntArray.copyOf(items().stream().mapToInt(JsonPlace::integer));
    }

    ImmutableDoubleArray numbers() {
        return ImmutableDoubleArray.copyOf(items().stream().mapToDouble(JsonPlace::number));
    }

    /** A number for each count of groups. */
    ImmutableSortedMap<Integer, Double> curve() {
        ImmutableSortedMap.Builder<Integer, Double> curve = ImmutableSortedMap.naturalOrder();
        fields().forEach((count, value) -> {
            if (!count.matches("[1-9][0-9]{0,8}")) {
                throw value.expected("a number of groups as the name of the field");
            }
            curve.put(Integer.valueOf(count), value.number());
        });
        return curve.buildOrThrow();
    }

    <E extends Enum<E>> E choice(E[] values) {
        String text = text();
        for (E value : values) {
            if (word(value).equals(text)) {
                return value;
            }
        }
        throw expected(
                "one of " + java.util.Arrays.stream(values).map(JsonPlace::word).toList());
    }

    /** What the document refers to here. */
    <K, V> V among(Map<K, V> known, K key, String what) {
        @Nullable V value = known.get(key);
        if (value == null) {
            throw expected(what + " that the file holds");
        }
        return value;
    }

    <T> List<T> map(Function<JsonPlace, T> read) {
        return items().stream().map(read).toList();
    }

    /** Turns what a constructor refuses into a complaint about this place. */
    <T> T make(Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new NeurflowException("at " + path + ": " + e.getMessage(), e);
        }
    }
}
