package io.neurflow.examples.bench;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Writes down what a run was about, so that another program can do the same work on the same numbers: for each block a folder
 * {@code LOWER--UPPER} with {@code x.npy} [patches, shape of the lower layer], {@code rows.npy} [targets, k] (rows of x, as
 * float32), {@code scores.npy} [targets, k, channels of the lower layer] and {@code block.json}, which is the line that was
 * printed.
 *
 * @param folder where it goes; made if need be
 */
public record BlockDump(Path folder) {
    /**
     * Writes a block.
     *
     * @param times what was measured
     * @param line what was printed
     * @throws NeurflowException if it cannot be written
     */
    public void write(BlockTimes times, JsonLine line) {
        Path home = folder.resolve(
                plain(times.lower().name()) + "--" + plain(times.upper().name()));
        int targets = times.targets().size();
        int channels = times.lower().shape().channels();
        float[] rows = new float[targets * times.k()];
        float[] scores = new float[rows.length * channels];
        int at = 0;
        for (var target : times.targets().entrySet()) {
            ImmutableIntArray patches = target.getValue();
            ImportanceScores found = Objects.requireNonNull(times.scores().get(target.getKey()));
            for (int v = 0; v < patches.length(); v++) {
                rows[at] = patches.get(v);
                for (int c = 0; c < channels; c++) {
                    scores[at * channels + c] = (float) found.value(v, c);
                }
                at++;
            }
        }
        try {
            Files.createDirectories(home);
            writeTensor(home.resolve("x.npy"), times.x());
            NpyFile.write(home.resolve("rows.npy"), rows, targets, times.k());
            NpyFile.write(home.resolve("scores.npy"), scores, targets, times.k(), channels);
            Files.writeString(home.resolve("block.json"), line.indented());
        } catch (IOException e) {
            throw failure(home, e);
        }
    }

    /**
     * Writes inputs and the logits that they gave, as {@code inputs.npy} and {@code logits.npy}.
     *
     * @param inputs normalised pixels
     * @param logits one row for each
     * @throws NeurflowException if they cannot be written
     */
    public void writeForward(Tensor inputs, Tensor logits) {
        try {
            Files.createDirectories(folder);
            writeTensor(folder.resolve("inputs.npy"), inputs);
            writeTensor(folder.resolve("logits.npy"), logits);
        } catch (IOException e) {
            throw failure(folder, e);
        }
    }

    private static void writeTensor(Path file, Tensor tensor) throws IOException {
        Shape shape = tensor.shape();
        NpyFile.write(file, tensor.toFloats(), tensor.count(), shape.channels(), shape.height(), shape.width());
    }

    private static NeurflowException failure(Path folder, IOException cause) {
        return new NeurflowException(
                "expected to write into '" + folder + "', but it failed (" + cause.getMessage()
                        + "); name another folder with --dump",
                cause);
    }

    /** Names of tensors may hold slashes and colons. */
    private static String plain(String name) {
        return name.replaceAll("[^A-Za-z0-9._-]", "_");
    }
}
