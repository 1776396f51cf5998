package io.neurflow.core.onnx;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.graph.NetworkGraph;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Reads image classifiers from ONNX files, operator sets 7 to 22: exactly, or with a {@link NeurflowException} that names
 * the file, the node, its operator and what about it cannot be imported.
 *
 * <p>The model has one input of real numbers, [images, channels, rows, columns], and an output of class scores. If it has
 * several outputs, the first one with one value per class is taken and the others (auxiliary classifiers) are left out.
 * Weights may be float, double, float16 or bfloat16 and are held in single precision; they may stand in the file, in
 * Constant nodes, behind Identity nodes, or in other files of the model's folder. Batch normalisation and arithmetic with
 * constants become {@link io.neurflow.core.graph.Op.Affine}; Identity, Dropout and casts between real types vanish;
 * arithmetic between constants is done at import. A Softmax at the end stays: the output is then probabilities.
 *
 * <p>The graph's digest is the SHA-256 of the model's bytes (unzipped), followed by those of each other file that holds
 * weights, in the order in which the model comes to them.
 */
public final class OnnxImporter {
    /** What any compressed file may unpack to, in bytes. */
    private static final long SMALL = 1L << 24;

    private static final long LARGEST_RATIO = 64;

    private OnnxImporter() {}

    /**
     * Reads a model whose image size is fixed.
     *
     * @param file an ONNX file, which may be compressed with gzip
     * @return the model
     * @throws NeurflowException if the file cannot be read, or not imported exactly
     */
    public static NetworkGraph read(Path file) {
        return read(file, Optional.empty());
    }

    /**
     * Reads a model for images of one size.
     *
     * @param file an ONNX file, which may be compressed with gzip
     * @param input channels, rows and columns of the images; where the model fixes them they must agree
     * @return the model
     * @throws NeurflowException if the file cannot be read, or not imported exactly for this size
     */
    public static NetworkGraph read(Path file, Shape input) {
        return read(file, Optional.of(input));
    }

    /**
     * Reads a model from memory, such as one packed into a jar; all its weights stand in these bytes.
     *
     * @param name of the model, for people and messages
     * @param bytes of an ONNX file, which may be compressed with gzip
     * @return the model
     * @throws NeurflowException if the bytes cannot be imported exactly
     */
    public static NetworkGraph read(String name, byte[] bytes) {
        return convert(name, bytes, Optional.empty(), Optional.empty());
    }

    private static NetworkGraph read(Path file, Optional<Shape> input) {
        String name = String.valueOf(file.getFileName());
        if (Files.isDirectory(file)) {
            throw new NeurflowException("'" + file + "' is a folder, expected an ONNX model; name the file in it");
        }
        if (!Files.isRegularFile(file)) {
            throw new NeurflowException("there is no file '" + file + "', expected an ONNX model; check the path");
        }
        try {
            Path folder = file.toAbsolutePath().normalize().getParent();
            return convert(name, Files.readAllBytes(file), input, Optional.ofNullable(folder));
        } catch (IOException e) {
            throw new NeurflowException(
                    "'" + file + "' cannot be read: " + e.getMessage() + "; check its permissions", e);
        } catch (OutOfMemoryError e) {
            throw new NeurflowException(
                    name
                            + " does not fit into memory (its size is 2 GB or more, or the heap is too small); give Java more"
                            + " with -Xmx, or save the model with external data",
                    e);
        }
    }

    private static NetworkGraph convert(String name, byte[] stored, Optional<Shape> input, Optional<Path> folder) {
        byte[] bytes = unzip(name, stored);
        Hasher digest = Hashing.sha256().newHasher().putBytes(bytes);
        Proto.Model model = Proto.Model.parse(name, bytes);
        return new Conversion(name, model, input, new ExternalFiles(folder, digest)).run();
    }

    private static byte[] unzip(String name, byte[] bytes) {
        // Told by the content: an ONNX file cannot begin with gzip's two bytes.
        if (bytes.length < 2 || (bytes[0] & 0xff) != 0x1f || (bytes[1] & 0xff) != 0x8b) {
            return bytes;
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes), 1 << 16)) {
            // Weights hardly compress; what grows a hundredfold is no model, and must not fill the memory.
            long most = Math.min(Integer.MAX_VALUE - 16L, Math.max(SMALL, LARGEST_RATIO * bytes.length));
            byte[] unzipped = in.readNBytes((int) most + 1);
            if (unzipped.length > most) {
                throw new NeurflowException(name + " unpacks to more than " + most + " bytes from " + bytes.length
                        + ", expected a model; unpack it yourself if you trust it");
            }
            return unzipped;
        } catch (IOException e) {
            throw new NeurflowException(
                    name + " is not a complete gzip file: " + e.getMessage() + "; copy the file again", e);
        }
    }
}
