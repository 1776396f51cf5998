package io.neurflow.core.dl4j;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.hash.Hashing;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.archive.ZipParts;
import io.neurflow.core.graph.NetworkGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads image classifiers that Deeplearning4j's ModelSerializer wrote, MultiLayerNetwork and ComputationGraph, from version
 * 1.0.0-beta4: exactly, or with a {@link NeurflowException} that names the file, the layer, its class and what about it
 * cannot be imported. Deeplearning4j itself is not needed.
 *
 * <p>The network reads images as channels, rows, columns (NCHW). Its files do not say how large they are, so that the caller
 * must, unless the network's input is flat. Layers keep their names; those without one are called layer0, layer1 and so on.
 * If the output layer's activation is a softmax, its name stands for the logits, and the probabilities are called after it,
 * such as {@code output/Softmax}. The state of the updater and the normalizer of the data in the file are left alone.
 *
 * <p>Weights may be float or double and are held in single precision. The graph's digest is the SHA-256 of the file.
 */
public final class Dl4jImporter {
    private static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";
    private static final int LARGEST = 1 << 15;

    private Dl4jImporter() {}

    /**
     * Reads a model that says how large its images are.
     *
     * @param file a zip file
     * @return the model
     * @throws NeurflowException if the file cannot be read, or not imported exactly, or does not say it
     */
    public static NetworkGraph read(Path file) {
        return read(file, Optional.empty());
    }

    /**
     * Reads a model for images of one size.
     *
     * @param file a zip file
     * @param input channels, rows and columns of the images
     * @return the model
     * @throws NeurflowException if the file cannot be read, or not imported exactly for this size
     */
    public static NetworkGraph read(Path file, Shape input) {
        return read(file, Optional.of(input));
    }

    private static NetworkGraph read(Path file, Optional<Shape> input) {
        String name = String.valueOf(file.getFileName());
        if (!Files.isRegularFile(file)) {
            throw new NeurflowException(
                    "there is no file '" + file + "', expected a model of Deeplearning4j; check the path");
        }
        try {
            return convert(name, Files.readAllBytes(file), input);
        } catch (NeurflowException e) {
            throw e;
        } catch (JsonProcessingException e) {
            throw new NeurflowException(
                    name + ": its " + CONFIGURATION + " is not JSON: " + line(e.getOriginalMessage()), e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new NeurflowException(name + ": " + line(e.getMessage()), e);
        } catch (IOException | IndexOutOfBoundsException | StackOverflowError e) {
            throw new NeurflowException(
                    name + " is broken or cannot be read: " + line(e.getMessage()) + "; copy the file again", e);
        } catch (OutOfMemoryError e) {
            throw new NeurflowException(
                    name
                            + " does not fit into memory (its size is 2 GB or more, or the heap is too small); give Java more"
                            + " with -Xmx",
                    e);
        }
    }

    private static String line(@Nullable String message) {
        return message == null ? "no details" : message.lines().findFirst().orElse("no details");
    }

    private static NetworkGraph convert(String name, byte[] bytes, Optional<Shape> asked) throws IOException {
        checkArgument(ZipParts.isZip(bytes), "this is no zip file, expected one written by ModelSerializer.writeModel");
        Map<String, byte[]> parts = ZipParts.read(bytes, ImmutableSet.of(CONFIGURATION, COEFFICIENTS));
        byte[] configuration = parts.get(CONFIGURATION);
        byte[] coefficients = parts.get(COEFFICIENTS);
        checkArgument(
                configuration != null && coefficients != null,
                "there is no %s in this zip file, expected one written by ModelSerializer.writeModel",
                configuration == null ? CONFIGURATION : COEFFICIENTS);
        JsonNode json = new ObjectMapper().readTree(configuration);
        ImmutableList<Integer> declared = Network.declaredInput(json);
        checkArgument(
                asked.isPresent() || !declared.isEmpty(),
                "it does not say how many rows and columns its images have; say them: Dl4jImporter.read(file, new"
                        + " Shape(3, 224, 224))");
        declared.forEach(extent -> checkArgument(
                extent > 0 && extent <= LARGEST, "its input has an extent of %s, expected 1 to %s", extent, LARGEST));
        Shape input = asked.orElseGet(() -> new Shape(declared.get(0), declared.get(1), declared.get(2)));
        String digest = Hashing.sha256().hashBytes(bytes).toString();
        return new Network(name, json, Coefficients.parse(coefficients), NetworkGraph.builder(name, digest, input))
                .run();
    }
}
