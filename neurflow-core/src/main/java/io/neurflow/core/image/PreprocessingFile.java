package io.neurflow.core.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** Reads a {@link Preprocessing} from JSON. Unknown names are refused, so that a misspelt one does not go unnoticed. */
final class PreprocessingFile {
    private static final ImmutableSet<String> NAMES =
            ImmutableSet.of("resize", "side", "divisor", "mean", "std", "order");

    private static final int MOST_BYTES = 1 << 16;

    private final Path file;
    private final JsonNode json;

    private PreprocessingFile(Path file, JsonNode json) {
        this.file = file;
        this.json = json;
    }

    static Preprocessing read(Path file) {
        JsonNode json;
        try {
            json = mapper().readTree(bytes(file));
        } catch (JsonProcessingException e) {
            throw new NeurflowException(
                    file + " is not JSON: " + oneLine(e.getOriginalMessage()) + "; expected an object with " + NAMES,
                    e);
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected a JSON file that describes the preprocessing, but " + file
                            + " cannot be read; check the path, or take 'imagenet' or 'caffe'",
                    e);
        }
        return new PreprocessingFile(file, json).preprocessing();
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new NeurflowException(
                        file + " has more than " + MOST_BYTES + " bytes, expected a small JSON object with " + NAMES);
            }
            return bytes;
        }
    }

    private static ObjectMapper mapper() {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(8)
                        .maxNumberLength(64)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        return new ObjectMapper(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /** A value for a message: one that is long is cut. */
    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }

    private Preprocessing preprocessing() {
        if (!json.isObject()) {
            throw bad("expected a JSON object with " + NAMES);
        }
        Set<String> names = ImmutableSet.copyOf(json.fieldNames());
        if (!NAMES.containsAll(names)) {
            throw bad("does not know " + Sets.difference(names, NAMES) + ", only " + NAMES);
        }
        int side = json.has("side") ? integer("side") : 224;
        int resize = json.has("resize") ? integer("resize") : Preprocessing.resizeFor(side);
        try {
            return new Preprocessing(resize, side, number("divisor"), three("mean"), three("std"), order());
        } catch (IllegalArgumentException e) {
            throw new NeurflowException(file + ": " + e.getMessage(), e);
        }
    }

    private int integer(String name) {
        JsonNode value = json.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw bad("expected a whole number of pixels for \"" + name + "\", but it is " + shown(value));
        }
        return value.intValue();
    }

    private double number(String name) {
        JsonNode value = json.path(name);
        if (!value.isNumber()) {
            throw bad("expected a number for \"" + name + "\" (255 if the model takes 0..1), but it "
                    + (value.isMissingNode() ? "is not there" : "is " + shown(value)));
        }
        return value.doubleValue();
    }

    private ImmutableDoubleArray three(String name) {
        JsonNode value = json.path(name);
        ImmutableDoubleArray.Builder numbers = ImmutableDoubleArray.builder();
        for (JsonNode each : value) {
            if (each.isNumber()) {
                numbers.add(each.doubleValue());
            }
        }
        ImmutableDoubleArray three = numbers.build();
        if (!value.isArray() || value.size() != 3 || three.length() != 3) {
            throw bad("expected three numbers in the model's channel order for \"" + name + "\", but "
                    + (value.isMissingNode() ? "it is not there" : "it is " + shown(value)));
        }
        return three;
    }

    private ChannelOrder order() {
        String text = json.path("order").asText("");
        return switch (text.toUpperCase(Locale.ROOT)) {
            case "RGB" -> ChannelOrder.RGB;
            case "BGR" -> ChannelOrder.BGR;
            default -> throw bad("expected \"RGB\" or \"BGR\" for \"order\", but it is '" + text + "'");
        };
    }

    private NeurflowException bad(String what) {
        return new NeurflowException(file + ": " + what);
    }

    private static String oneLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
