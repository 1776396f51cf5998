package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.graph.NetworkGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads image classifiers that Keras saved whole, as HDF5 (.h5 of Keras 1, 2 and 3, and of tf.keras) or as a .keras archive:
 * exactly, or with a {@link NeurflowException} that names the file, the layer, its class and what about it cannot be
 * imported. Which of the two it is shows in the content, not in the name.
 *
 * <p>The model is Sequential or functional, with one input, images, and an output of class scores; if it has several outputs,
 * the first one with one value per class is taken. Models within the model are opened. A layer that is called several times
 * becomes as many operators with the same weights. Rows, columns and channels are turned into channels, rows and columns:
 * kernels once, at import, and the weights of a Dense layer behind a Flatten so that they fit the graph's order of features.
 * Padding 'same' is TensorFlow's, which puts the odd cell at the end. Batch normalisation becomes
 * {@link io.neurflow.core.graph.Op.Affine}; Dropout and augmentation vanish.
 *
 * <p>Layers keep Keras's names, such as {@code conv4_block6_out}; those of a model within the model stand behind its name
 * and a dot. If a Dense layer has a softmax as its activation, the layer's name stands for the logits, which go into it, and
 * the probabilities are called after it, such as {@code predictions/Softmax}.
 *
 * <p>Weights may be float, double or float16 and are held in single precision. The graph's digest is the SHA-256 of the
 * file. Nothing in a file can lead to another file, and nothing is allocated that is out of proportion to its size.
 */
public final class KerasImporter {
    private static final int LARGEST = 1 << 15;

    private KerasImporter() {}

    /**
     * Reads a model whose image size is fixed.
     *
     * @param file an .h5 file or a .keras archive
     * @return the model
     * @throws NeurflowException if the file cannot be read, or not imported exactly
     */
    public static NetworkGraph read(Path file) {
        return read(file, Optional.empty());
    }

    /**
     * Reads a model for images of one size.
     *
     * @param file an .h5 file or a .keras archive
     * @param input channels, rows and columns of the images; where the model fixes them they must agree
     * @return the model
     * @throws NeurflowException if the file cannot be read, or not imported exactly for this size
     */
    public static NetworkGraph read(Path file, Shape input) {
        return read(file, Optional.of(input));
    }

    /**
     * Reads a model from memory, such as one packed into a jar.
     *
     * @param name of the model, for people and messages
     * @param bytes of an .h5 file or a .keras archive
     * @return the model
     * @throws NeurflowException if the bytes cannot be imported exactly
     */
    public static NetworkGraph read(String name, byte[] bytes) {
        return convert(name, bytes, Optional.empty());
    }

    private static NetworkGraph read(Path file, Optional<Shape> input) {
        String name = String.valueOf(file.getFileName());
        if (Files.isDirectory(file)) {
            throw new NeurflowException("'" + file
                    + "' is a folder, expected a Keras model in one file; save it with model.save('model.keras')");
        }
        if (!Files.isRegularFile(file)) {
            throw new NeurflowException("there is no file '" + file + "', expected a Keras model; check the path");
        }
        try {
            return convert(name, Files.readAllBytes(file), input);
        } catch (IOException e) {
            throw new NeurflowException(
                    "'" + file + "' cannot be read: " + e.getMessage() + "; check its permissions", e);
        } catch (OutOfMemoryError e) {
            throw tooLarge(name, e);
        }
    }

    private static NeurflowException tooLarge(String name, OutOfMemoryError e) {
        return new NeurflowException(
                name
                        + " does not fit into memory (its size is 2 GB or more, or the heap is too small); give Java more with"
                        + " -Xmx",
                e);
    }

    private static NetworkGraph convert(String name, byte[] bytes, Optional<Shape> asked) {
        try {
            KerasFile file = KerasFile.of(bytes);
            if (file.major() == 1) {
                file = new KerasFile(Keras1.translated(file.model()), file.version(), file.weights());
            }
            checkArgument(
                    ModelJson.isModel(file.model()),
                    "it holds a model of class '%s', expected Sequential or Functional; build the model from layers",
                    file.model().path("class_name").asText());
            Layout layout = Layout.of(file.model());
            Shape input = shape(InputShape.of(file.model()), layout, asked);
            String digest = Hashing.sha256().hashBytes(bytes).toString();
            return new Conversion(name, file, layout, NetworkGraph.builder(name, digest, input)).run();
        } catch (NeurflowException e) {
            throw e;
        } catch (JsonProcessingException e) {
            throw new NeurflowException(
                    name + ": its description is not JSON: " + firstLine(e.getOriginalMessage())
                            + "; copy the file again, or save the model again",
                    e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new NeurflowException(name + ": " + firstLine(e.getMessage()), e);
        } catch (OutOfMemoryError e) {
            throw tooLarge(name, e);
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // Whatever a broken file does to the reader of HDF5 or zip.
            throw new NeurflowException(
                    name + " is broken: " + e.getClass().getSimpleName() + " (" + firstLine(e.getMessage())
                            + "); copy the file again",
                    e);
        }
    }

    private static String firstLine(@Nullable String message) {
        String line =
                message == null ? "no details" : message.lines().findFirst().orElse("no details");
        return line.length() > 400 ? line.substring(0, 400) + "..." : line;
    }

    private static Shape shape(ImmutableList<Integer> declared, Layout layout, Optional<Shape> asked) {
        checkArgument(
                declared.size() == 3,
                "its input has %s axes per image, expected 3: rows, columns and channels",
                declared.size());
        int channelAxis = layout.channelsFirst() ? 0 : 2;
        int rowAxis = layout.channelsFirst() ? 1 : 0;
        int[] extents = {declared.get(channelAxis), declared.get(rowAxis), declared.get(rowAxis + 1)};
        for (int i = 0; i < 3; i++) {
            if (asked.isPresent()) {
                Shape shape = asked.get();
                int wanted = i == 0 ? shape.channels() : i == 1 ? shape.height() : shape.width();
                checkArgument(
                        extents[i] == -1 || extents[i] == wanted,
                        "its input is fixed to %s channels, %s rows and %s columns (-1: open), but images of %s were asked"
                                + " for; leave the shape away",
                        extents[0],
                        extents[1],
                        extents[2],
                        shape);
                extents[i] = wanted;
            }
            checkArgument(
                    extents[i] != -1,
                    "its input leaves channels, rows or columns open; say them: KerasImporter.read(file, new Shape(3, 224,"
                            + " 224))");
            checkArgument(
                    extents[i] > 0 && extents[i] <= LARGEST,
                    "its input has an extent of %s, expected 1 to %s",
                    extents[i],
                    LARGEST);
        }
        return new Shape(extents[0], extents[1], extents[2]);
    }
}
