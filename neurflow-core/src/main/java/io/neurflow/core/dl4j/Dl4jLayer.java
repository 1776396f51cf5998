package io.neurflow.core.dl4j;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/** One layer's or vertex's description, with a watch over its options: one that nobody asked for is refused. */
final class Dl4jLayer {
    /** What matters to training alone, or to how fast a result comes. */
    private static final ImmutableSet<String> HARMLESS = ImmutableSet.of(
            "@class",
            "layerName",
            "biasInit",
            "gainInit",
            "biasUpdater",
            "iupdater",
            "constraints",
            "cudnnAlgoMode",
            "cudnnAllowFallback",
            "cudnnBwdDataAlgo",
            "cudnnBwdFilterAlgo",
            "cudnnFwdAlgo",
            "gradientNormalization",
            "gradientNormalizationThreshold",
            "idropout",
            "regularization",
            "regularizationBias",
            "timeDistributedFormat",
            "weightInitFn",
            "weightNoise",
            "lossFn",
            "decay",
            "minibatch",
            "pnorm",
            "modified");

    private final JsonNode json;
    private final Set<String> known = new HashSet<>(HARMLESS);

    Dl4jLayer(JsonNode json) {
        this.json = json;
    }

    /** The last part of the Java class's name. */
    String kind() {
        return kind(json);
    }

    static String kind(JsonNode json) {
        String name = json.path("@class").asText("");
        return name.substring(name.lastIndexOf('.') + 1);
    }

    JsonNode option(String name) {
        known.add(name);
        return json.path(name);
    }

    boolean has(String name) {
        return json.hasNonNull(name);
    }

    int integer(String name) {
        JsonNode value = option(name);
        checkArgument(
                value.isIntegralNumber()
                        && value.canConvertToInt()
                        && value.intValue() >= 0
                        && value.intValue() < 1 << 24,
                "option '%s' is %s, expected a whole number",
                name,
                value.isMissingNode() ? "missing" : value);
        return value.intValue();
    }

    double real(String name, double otherwise) {
        JsonNode value = option(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        checkArgument(value.isNumber(), "option '%s' is %s, expected a number", name, value);
        return value.doubleValue();
    }

    boolean flag(String name, boolean otherwise) {
        JsonNode value = option(name);
        return value.isBoolean() ? value.booleanValue() : otherwise;
    }

    String text(String name, String otherwise) {
        JsonNode value = option(name);
        return value.isTextual() ? value.asText() : otherwise;
    }

    /** Whole numbers, at least {@code least}. */
    ImmutableIntArray integers(String name, int count, int least) {
        JsonNode value = option(name);
        checkArgument(
                value.isArray() && value.size() == count, "option '%s' is %s, expected %s numbers", name, value, count);
        ImmutableIntArray.Builder numbers = ImmutableIntArray.builder(count);
        for (JsonNode each : value) {
            checkArgument(
                    each.isIntegralNumber()
                            && each.canConvertToInt()
                            && each.intValue() >= least
                            && each.intValue() < 1 << 16,
                    "option '%s' holds %s, expected a whole number from %s to 65535",
                    name,
                    each,
                    least);
            numbers.add(each.intValue());
        }
        return numbers.build();
    }

    /** Refuses an option value other than the one that is known; absent and null are fine. */
    void only(String name, String value) {
        JsonNode actual = option(name);
        checkArgument(
                actual.isMissingNode() || actual.isNull() || actual.asText().equals(value),
                "option '%s' is %s, expected %s",
                name,
                actual,
                value);
    }

    void finish() {
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            checkArgument(
                    known.contains(name) || json.path(name).isNull(),
                    "option '%s' is not known (it is %s)",
                    name,
                    json.path(name));
        }
    }
}
