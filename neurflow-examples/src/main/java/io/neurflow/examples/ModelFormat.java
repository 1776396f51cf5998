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
import java.util.Enumeration;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

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

    private static final String READABLE =
            "ONNX (.onnx, .onnx.gz), Keras (.h5, .keras), Deeplearning4j (.zip) or SameDiff (.fb)";

    static ModelFormat of(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new NeurflowException(noFile(file));
        }
        try {
            byte[] head;
            try (InputStream in = Files.newInputStream(file)) {
                head = in.readNBytes(ForeignFile.HEAD);
            }
            if (head.length == 0) {
                throw new NeurflowException("'" + file + "' is empty, expected a model; copy or export it again");
            }
            if (head.length >= 8 && (head[0] & 0xff) == 0x89 && head[1] == 'H' && head[2] == 'D' && head[3] == 'F') {
                return KERAS;
            }
            if (head.length >= 8 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4) {
                return zip(file);
            }
            // Protocol 2 or later, as Python and PyTorch before 1.6 write.
            if (head.length > 2 && (head[0] & 0xff) == 0x80 && head[1] >= 2 && head[1] <= 5) {
                throw pickled(file);
            }
            Optional<String> foreign = ForeignFile.refusal(file, head, READABLE);
            if (foreign.isPresent()) {
                throw new NeurflowException(foreign.get());
            }
            return SameDiffImporter.recognises(file) ? SAMEDIFF : ONNX;
        } catch (IOException e) {
            throw new NeurflowException(
                    "'" + file + "' cannot be read: " + e.getMessage() + "; check its permissions", e);
        }
    }

    private static String noFile(Path file) {
        if (Files.isRegularFile(file.resolve("saved_model.pb"))) {
            return "'" + file
                    + "' is a SavedModel of TensorFlow, expected a model in one file; load it in Keras and save it"
                    + " with model.save('model.keras')";
        }
        if (Files.isDirectory(file) && ForeignFile.called(file, ".mlpackage")) {
            return ForeignFile.coreMl(file);
        }
        return Files.isDirectory(file)
                ? "'" + file + "' is a folder, expected a model in one file; name the file in it"
                : "there is no file '" + file + "', expected a model; check the path";
    }

    private static NeurflowException pickled(Path file) {
        return new NeurflowException(
                "'" + file + "' is a file of PyTorch or Python, which only their programs can read;"
                        + " export the model with torch.onnx.export");
    }

    private static ModelFormat zip(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
                String name = all.nextElement().getName();
                if (name.equals("configuration.json") || name.equals("coefficients.bin")) {
                    return DL4J;
                }
                if (name.equals("config.json") || name.equals("model.weights.h5")) {
                    return KERAS;
                }
                if (name.equals("data.pkl") || name.endsWith("/data.pkl")) {
                    throw pickled(file);
                }
            }
        } catch (ZipException | IllegalArgumentException e) {
            throw new NeurflowException(
                    "'" + file + "' is a zip file that is cut short or broken (" + e.getMessage()
                            + "); copy the file again",
                    e);
        }
        throw new NeurflowException("'" + file
                + "' is a zip file with no model of Keras (config.json) or Deeplearning4j (configuration.json) in it; name the"
                + " model itself");
    }

    /** What to say of a file that is not called ONNX, and is not: that its bytes make no sense as ONNX helps nobody. */
    private static NeurflowException unknown(Path file, NeurflowException asOnnx) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        boolean called = name.endsWith(".onnx") || name.endsWith(".onnx.gz");
        return called || !String.valueOf(asOnnx.getMessage()).contains(" is not an ONNX model: ")
                ? asOnnx
                : new NeurflowException(
                        "'" + file + "' is no model that can be read, or is broken: expected " + READABLE
                                + "; copy the file again, or export the model as one of these",
                        asOnnx);
    }

    private static NetworkGraph onnx(Path file, Optional<Shape> input) {
        try {
            return input.map(shape -> OnnxImporter.read(file, shape)).orElseGet(() -> OnnxImporter.read(file));
        } catch (NeurflowException e) {
            throw unknown(file, e);
        }
    }

    NetworkGraph read(Path file, Optional<Shape> input) {
        return switch (this) {
            case ONNX -> onnx(file, input);
            case KERAS -> input.map(shape -> KerasImporter.read(file, shape)).orElseGet(() -> KerasImporter.read(file));
            case DL4J -> input.map(shape -> Dl4jImporter.read(file, shape)).orElseGet(() -> Dl4jImporter.read(file));
            case SAMEDIFF ->
                input.map(shape -> SameDiffImporter.read(file, shape)).orElseGet(() -> SameDiffImporter.read(file));
        };
    }
}
