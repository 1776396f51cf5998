package io.neurflow.examples;

import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.dl4j.Dl4jImporter;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.keras.KerasImporter;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.samediff.SameDiffImporter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** In what a model is written; told by the file's content, whatever it is called. */
enum ModelFormat {
    /** Whatever is none of the others. */
    ONNX,
    /** HDF5 or a .keras archive. */
    KERAS,
    /** A zip file of Deeplearning4j. */
    DL4J,
    /** A graph that SameDiff saved. */
    SAMEDIFF;

    /** More parts than any model has, in front of the one that tells. */
    private static final int MOST_PARTS = 1000;

    static ModelFormat of(Path file) {
        if (!Files.isRegularFile(file)) {
            return ONNX; // whose importer says what is wrong with the path
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(8);
            if (head.length == 8 && (head[0] & 0xff) == 0x89 && head[1] == 'H' && head[2] == 'D' && head[3] == 'F') {
                return KERAS;
            }
            if (head.length == 8 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4) {
                return zip(file);
            }
            return SameDiffImporter.recognises(file) ? SAMEDIFF : ONNX;
        } catch (IOException e) {
            throw new NeurflowException(
                    "'" + file + "' cannot be read: " + e.getMessage() + "; check its permissions", e);
        }
    }

    private static ModelFormat zip(Path file) throws IOException {
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(file))) {
            ZipEntry entry = in.getNextEntry();
            for (int i = 0; entry != null && i < MOST_PARTS; i++) {
                if (entry.getName().equals("configuration.json")
                        || entry.getName().equals("coefficients.bin")) {
                    return DL4J;
                }
                if (entry.getName().equals("config.json") || entry.getName().equals("model.weights.h5")) {
                    return KERAS;
                }
                entry = in.getNextEntry();
            }
        }
        throw new NeurflowException("'" + file
                + "' is a zip file with no model of Keras (config.json) or Deeplearning4j (configuration.json) in it; name the"
                + " model itself");
    }

    NetworkGraph read(Path file, Optional<Shape> input) {
        return switch (this) {
            case ONNX -> input.map(shape -> OnnxImporter.read(file, shape)).orElseGet(() -> OnnxImporter.read(file));
            case KERAS -> input.map(shape -> KerasImporter.read(file, shape)).orElseGet(() -> KerasImporter.read(file));
            case DL4J -> input.map(shape -> Dl4jImporter.read(file, shape)).orElseGet(() -> Dl4jImporter.read(file));
            case SAMEDIFF ->
                input.map(shape -> SameDiffImporter.read(file, shape)).orElseGet(() -> SameDiffImporter.read(file));
        };
    }
}
