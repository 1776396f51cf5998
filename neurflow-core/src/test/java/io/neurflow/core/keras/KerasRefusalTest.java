package io.neurflow.core.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keras files that are broken, mean harm, or cannot be imported exactly, and the messages that say so. */
class KerasRefusalTest {
    private static final long SEED = 11;

    @TempDir
    private Path folder;

    private static byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(KerasCase.FOLDER.resolve(file));
    }

    private static Map<String, byte[]> parts(String file) throws IOException {
        Map<String, byte[]> parts = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(bytes(file)))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                parts.put(entry.getName(), in.readAllBytes());
            }
        }
        return parts;
    }

    private static byte[] zip(Map<String, byte[]> parts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> part : parts.entrySet()) {
                out.putNextEntry(new ZipEntry(part.getKey()));
                out.write(part.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** The small sequential archive with another description. */
    private static byte[] described(UnaryOperator<String> change) throws IOException {
        Map<String, byte[]> parts = parts("sequential.keras");
        String config = new String(parts.get("config.json"), StandardCharsets.UTF_8);
        String changed = change.apply(config);
        assertThat(changed).isNotEqualTo(config);
        parts.put("config.json", changed.getBytes(StandardCharsets.UTF_8));
        return zip(parts);
    }

    private static void refused(byte[] bytes, String message) {
        assertThatThrownBy(() -> KerasImporter.read("m.keras", bytes))
                .isInstanceOf(NeurflowException.class)
                .hasMessage(message);
    }

    @Test
    void whatIsNotKnownIsNamedWithItsLayer() throws IOException {
        refused(
                described(json -> json.replace("\"class_name\": \"MaxPooling2D\"", "\"class_name\": \"Lambda\"")),
                "m.keras: Lambda layer 'max_pooling2d': layers of this class cannot be imported exactly; save the model"
                        + " without it, or implement ModelProbe on the engine that runs it");
        refused(
                described(json -> json.replace("\"pool_size\":", "\"twist\": 3, \"pool_size\":")),
                "m.keras: MaxPooling2D layer 'max_pooling2d': option 'twist' is not known (it is 3)");
        refused(
                described(json -> json.replace("\"activation\": \"softmax\"", "\"activation\": \"softsign\"")),
                "m.keras: Dense layer 'dense_1': option 'activation' is 'softsign', which cannot be imported exactly; implement"
                        + " ModelProbe on the engine that runs it");
        refused(
                described(json -> json.replace("\"axis\": [3]", "\"axis\": [2]")),
                "m.keras: BatchNormalization layer 'batch_normalization': option 'axis' is [2], expected 3 (channels)");
        refused(
                described(json -> json.replace("\"units\": 6", "\"units\": 7")),
                "m.keras: Dense layer 'dense': its weights '/layers/dense/vars/0' have dimensions [45, 6], expected [45, 7];"
                        + " the file does not fit its own description");
        refused(
                described(json -> json.replace("\"name\": \"float32\"", "\"name\": \"int8_from_float32\"")),
                "m.keras: Conv2D layer 'conv2d': option 'dtype' is 'int8_from_float32', expected real numbers; save the model"
                        + " before it is quantized");
        refused(
                described(json ->
                        json.replace("\"batch_shape\": [null, 10, 10, 3]", "\"batch_shape\": [null, null, 10, 3]")),
                "m.keras: its input leaves channels, rows or columns open; say them: KerasImporter.read(file, new Shape(3,"
                        + " 224, 224))");
        refused(
                described(json ->
                        json.replaceFirst("\"data_format\": \"channels_last\"", "\"data_format\": \"channels_first\"")),
                "m.keras: some of its layers are channels_first and others channels_last, expected one layout throughout");
    }

    @Test
    void anOpenInputTakesTheSizeThatIsAskedFor() throws IOException {
        Path file = folder.resolve("open.keras");
        Files.write(
                file,
                described(json ->
                        json.replace("\"batch_shape\": [null, 10, 10, 3]", "\"batch_shape\": [null, null, null, 3]")));
        assertThat(KerasImporter.read(file, new Shape(3, 10, 10)).input()).isEqualTo(new Shape(3, 10, 10));
        assertThatThrownBy(() -> KerasImporter.read(file, new Shape(1, 10, 10)))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("open.keras: its input is fixed to 3 channels, -1 rows and -1 columns");
    }

    @Test
    void filesThatAreNoModelsAreNamed() throws IOException {
        refused(
                new byte[100],
                "m.keras: this is neither an HDF5 file nor a .keras archive; save the whole model with"
                        + " model.save('model.keras')");
        Map<String, byte[]> parts = parts("sequential.keras");
        refused(
                parts.get("model.weights.h5"),
                "m.keras: it holds weights without the model they belong to; save the whole model with model.save('model.h5'),"
                        + " not save_weights");
        parts.remove("metadata.json");
        refused(
                zip(parts),
                "m.keras: there is no metadata.json in this archive, expected one written by model.save('model.keras')");
        assertThatThrownBy(() -> KerasImporter.read(folder))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("is a folder, expected a Keras model in one file");
        assertThatThrownBy(() -> KerasImporter.read(folder.resolve("none.h5")))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("there is no file");
    }

    @Test
    void anArchiveThatUnpacksToAThousandTimesItsSizeIsRefused() throws IOException {
        Map<String, byte[]> parts = parts("sequential.keras");
        parts.put("model.weights.h5", new byte[1 << 26]);
        assertThatThrownBy(() -> KerasImporter.read("m.keras", zip(parts)))
                .isInstanceOf(NeurflowException.class)
                .hasMessageMatching(
                        "m.keras: its model.weights.h5 unpacks to more than \\d+ bytes, which no model in an"
                                + " archive of this size holds; save the model again");
    }

    /** What is not wanted has to be unpacked all the same, to get past it. */
    @Test
    void aBombInAPartThatIsNotReadIsRefused() throws IOException {
        Map<String, byte[]> parts = new LinkedHashMap<>();
        parts.put("readme.txt", new byte[1 << 26]);
        parts.putAll(parts("sequential.keras"));
        assertThatThrownBy(() -> KerasImporter.read("m.keras", zip(parts)))
                .isInstanceOf(NeurflowException.class)
                .hasMessageMatching(
                        "m.keras: a part of it unpacks to more than \\d+ bytes, which no model in an archive of"
                                + " this size holds; save the model again");
    }

    @Test
    void controlCharactersInNamesAreReplaced() throws IOException {
        refused(
                described(
                        json -> json.replace("\"class_name\": \"MaxPooling2D\"", "\"class_name\": \"\\u001b[2J\\nX\"")),
                "m.keras: \uFFFD[2J X layer 'max_pooling2d': layers of this class cannot be imported exactly; save the model"
                        + " without it, or implement ModelProbe on the engine that runs it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sequential.h5", "nested.keras", "keras1.h5", "channels_first.h5"})
    void whateverABrokenFileHoldsItIsReadOrRefusedInOneLine(String name) throws IOException {
        byte[] whole = bytes(name);
        Random random = new Random(SEED);
        int refusals = 0;
        for (int i = 0; i < 400; i++) {
            byte[] broken = i % 8 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int k = 0; k < 1 + i % 6 && broken.length > 0; k++) {
                int at = random.nextInt(broken.length);
                // Headers stand in front, mostly.
                at = k % 2 == 0 ? at : at % Math.min(broken.length, 4096);
                broken[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xff);
            }
            try {
                KerasImporter.read(name, broken);
            } catch (NeurflowException e) {
                assertThat(e.getMessage()).startsWith(name).doesNotContain("\n");
                refusals++;
            }
        }
        assertThat(refusals).isGreaterThan(50);
    }
}
