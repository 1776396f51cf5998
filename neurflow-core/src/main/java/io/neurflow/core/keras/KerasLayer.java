package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** One layer's description, with a watch over its options: one that nobody asked for is refused. */
final class KerasLayer {
    /** What matters to training alone, or is only for people. */
    private static final ImmutableSet<String> HARMLESS = ImmutableSet.of(
            "name",
            "trainable",
            "batch_input_shape",
            "batch_shape",
            "input_shape",
            "input_dim",
            "build_config",
            "seed",
            "noise_shape",
            "momentum",
            "synchronized",
            "fused",
            "lora_rank",
            "lora_alpha",
            "weights",
            "init",
            "kernel_initializer",
            "bias_initializer",
            "beta_initializer",
            "gamma_initializer",
            "moving_mean_initializer",
            "moving_variance_initializer",
            "depthwise_initializer",
            "pointwise_initializer",
            "alpha_initializer",
            "kernel_regularizer",
            "bias_regularizer",
            "beta_regularizer",
            "gamma_regularizer",
            "activity_regularizer",
            "depthwise_regularizer",
            "pointwise_regularizer",
            "alpha_regularizer",
            "W_regularizer",
            "b_regularizer",
            "kernel_constraint",
            "bias_constraint",
            "beta_constraint",
            "gamma_constraint",
            "depthwise_constraint",
            "pointwise_constraint",
            "alpha_constraint",
            "W_constraint",
            "b_constraint");

    private static final ImmutableSet<String> REALS =
            ImmutableSet.of("float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16");

    private final ImmutableList<String> path;
    private final String className;
    private final JsonNode config;
    private final WeightSource weights;
    private final int major;
    private final Set<String> known = new HashSet<>(HARMLESS);

    KerasLayer(ImmutableList<String> path, String className, JsonNode config, WeightSource weights, int major) {
        this.path = path;
        this.className = className;
        this.config = config;
        this.weights = weights;
        this.major = major;
        dtype();
    }

    /** A layer written into an option of this one. */
    KerasLayer inside(String innerClass, JsonNode innerConfig) {
        return new KerasLayer(path, innerClass, innerConfig, weights, major);
    }

    String className() {
        return className;
    }

    /** The first number of the version of Keras that wrote the model. */
    int major() {
        return major;
    }

    /** Names of the models around it below the outermost, and its own, with dots between. */
    String dotted() {
        return String.join(".", path);
    }

    ImmutableMap<String, Array> weights(String... roles) {
        return weights.of(path, ImmutableList.copyOf(roles));
    }

    private void dtype() {
        known.add("dtype");
        JsonNode dtype = config.path("dtype");
        String name = dtype.isObject() ? dtype.path("config").path("name").asText() : dtype.asText("float32");
        checkArgument(
                dtype.isMissingNode() || dtype.isNull() || REALS.contains(name),
                "option 'dtype' is '%s', expected real numbers; save the model before it is quantized",
                name);
    }

    JsonNode option(String name) {
        known.add(name);
        return config.path(name);
    }

    boolean has(String name) {
        return config.hasNonNull(name);
    }

    void ignore(String... names) {
        known.addAll(Set.of(names));
    }

    boolean flag(String name, boolean otherwise) {
        JsonNode value = option(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        checkArgument(value.isBoolean(), "option '%s' is %s, expected true or false", name, value);
        return value.booleanValue();
    }

    int integer(String name, int otherwise, int least, int most) {
        JsonNode value = option(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        checkArgument(
                value.canConvertToInt()
                        && value.isIntegralNumber()
                        && value.intValue() >= least
                        && value.intValue() <= most,
                "option '%s' is %s, expected %s to %s",
                name,
                value,
                least,
                most);
        return value.intValue();
    }

    /** A number; Keras wrapped some in an object with type and value. */
    double real(String name, double otherwise) {
        JsonNode value = option(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        JsonNode number = value.isObject() && value.has("value") ? value.path("value") : value;
        checkArgument(number.isNumber(), "option '%s' is %s, expected a number", name, value);
        return number.doubleValue();
    }

    Optional<String> text(String name) {
        JsonNode value = option(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        checkArgument(value.isTextual(), "option '%s' is %s, expected text", name, value);
        return Optional.of(value.asText());
    }

    /** Two extents, rows first; one number stands for both. */
    ImmutableIntArray pair(String name, ImmutableIntArray otherwise) {
        JsonNode value = option(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (value.isIntegralNumber()) {
            int both = extent(name, value, 1);
            return ImmutableIntArray.of(both, both);
        }
        checkArgument(value.isArray() && value.size() == 2, "option '%s' is %s, expected two numbers", name, value);
        return ImmutableIntArray.of(extent(name, value.get(0), 1), extent(name, value.get(1), 1));
    }

    static int extent(String name, JsonNode value, int least) {
        checkArgument(
                value.isIntegralNumber()
                        && value.canConvertToInt()
                        && value.intValue() >= least
                        && value.intValue() < 1 << 16,
                "option '%s' holds %s, expected a whole number from %s to 65535",
                name,
                value,
                least);
        return value.intValue();
    }

    /** Whether padding keeps the size (TensorFlow's rule), or there is none. */
    boolean isSame() {
        String padding = text("padding").orElse("valid").toLowerCase(Locale.ROOT);
        checkArgument(
                padding.equals("same") || padding.equals("valid"),
                "option 'padding' is '%s', expected 'same' or 'valid'",
                padding);
        return padding.equals("same");
    }

    /** Refuses an option value other than the one that is known; absent and null are fine. */
    void only(String name, Object value) {
        JsonNode actual = option(name);
        checkArgument(
                actual.isMissingNode() || actual.isNull() || actual.asText().equals(value.toString()),
                "option '%s' is %s, expected %s",
                name,
                actual,
                value);
    }

    /** Refuses what nobody asked for. */
    void finish() {
        for (Iterator<String> names = config.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            checkArgument(
                    known.contains(name) || config.path(name).isNull(),
                    "option '%s' is not known (it is %s)",
                    name,
                    abbreviated(config.path(name)));
        }
    }

    private static String abbreviated(JsonNode value) {
        String text = value.toString();
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }
}
