package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableSet;
import io.jhdf.api.Group;
import io.neurflow.core.archive.ZipParts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * What a file says, whichever its form: the model's description, the version of Keras that wrote it, and its weights.
 *
 * @param model the JSON that describes the model, with class_name and config
 * @param version such as 2.13.1
 * @param weights where the weights are
 */
record KerasFile(JsonNode model, String version, WeightSource weights) {
    private static final String CONFIG = "config.json";
    private static final String METADATA = "metadata.json";
    private static final String WEIGHTS = "model.weights.h5";
    private static final ImmutableSet<String> ENTRIES = ImmutableSet.of(CONFIG, METADATA, WEIGHTS);

    /** Python writes NaN and Infinity where JSON has no numbers. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    static KerasFile of(byte[] bytes) throws IOException {
        if (Hdf5.isHdf5(bytes)) {
            return legacy(Hdf5.of(bytes));
        }
        checkArgument(
                ZipParts.isZip(bytes),
                "this is neither an HDF5 file nor a .keras archive; save the whole model with model.save('model.keras')");
        return archive(bytes);
    }

    private static KerasFile legacy(Hdf5 file) throws IOException {
        Optional<String> config = file.text(file.root(), "model_config");
        Optional<Group> weights = file.group("model_weights");
        checkArgument(
                config.isPresent() && weights.isPresent(),
                "it holds weights without the model they belong to; save the whole model with model.save('model.h5'), not"
                        + " save_weights");
        JsonNode model = JSON.readTree(config.get());
        String version = file.text(file.root(), "keras_version")
                .or(() -> file.text(weights.get(), "keras_version"))
                .orElse("1");
        String backend = file.text(file.root(), "backend")
                .or(() -> file.text(weights.get(), "backend"))
                .orElse("tensorflow");
        checkArgument(
                !backend.equals("theano"),
                "it was written on Theano, which turns kernels around; load and save it with Keras on TensorFlow");
        return new KerasFile(model, version, new LegacyWeights(file, weights.get()));
    }

    private static KerasFile archive(byte[] bytes) throws IOException {
        Map<String, byte[]> entries = ZipParts.read(bytes, ENTRIES);
        for (String name : ENTRIES) {
            checkArgument(
                    entries.containsKey(name),
                    "there is no %s in this archive, expected one written by model.save('model.keras')",
                    name);
        }
        byte[] weights = entries.getOrDefault(WEIGHTS, new byte[0]);
        checkArgument(Hdf5.isHdf5(weights), "its %s is no HDF5 file; save the model again", WEIGHTS);
        JsonNode model = json(entries, CONFIG);
        String version = json(entries, METADATA).path("keras_version").asText("");
        checkArgument(!version.isEmpty(), "its %s names no keras_version; save the model again", METADATA);
        return new KerasFile(model, version, new ArchiveWeights(Hdf5.of(weights), model));
    }

    private static JsonNode json(Map<String, byte[]> entries, String name) throws JsonProcessingException {
        return JSON.readTree(new String(entries.getOrDefault(name, new byte[0]), StandardCharsets.UTF_8));
    }

    /** The first number of the version. */
    int major() {
        int dot = version.indexOf('.');
        String first = dot < 0 ? version : version.substring(0, dot);
        checkArgument(
                first.equals("1") || first.equals("2") || first.equals("3"),
                "it was written by Keras '%s', expected 1, 2 or 3",
                version);
        return Integer.parseInt(first);
    }
}
