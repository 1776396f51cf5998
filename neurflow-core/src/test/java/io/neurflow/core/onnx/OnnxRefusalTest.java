package io.neurflow.core.onnx;

import static io.neurflow.core.onnx.OnnxBytes.attribute;
import static io.neurflow.core.onnx.OnnxBytes.floats;
import static io.neurflow.core.onnx.OnnxBytes.integers;
import static io.neurflow.core.onnx.OnnxBytes.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.golden.GoldenCase;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are broken, or that cannot be imported exactly, and the messages that say so; files of other forms. */
class OnnxRefusalTest {
    private static OnnxBytes.Model image() {
        return new OnnxBytes.Model().input(-1, 2, 6, 6).output("scores");
    }

    private static void refused(byte[] bytes, String message) {
        assertThatThrownBy(() -> OnnxImporter.read("m.onnx", bytes))
                .isInstanceOf(NeurflowException.class)
                .hasMessage(message);
    }

    private static byte[] tiny() throws IOException {
        return Files.readAllBytes(GoldenCase.tiny("tiny-paper").folder().resolve("model.onnx"));
    }

    @Test
    void whatIsNotKnownIsNamedWithItsNode() {
        refused(
                image().node("Einsum", "input", "scores").bytes(13),
                "m.onnx: Einsum node 'n0': this operator cannot be imported exactly; export the model without it, or"
                        + " implement ModelProbe on the engine that runs it");
        refused(
                image().node("Relu", "input", "scores", attribute("slope", 1)).bytes(13),
                "m.onnx: Relu node 'n0': attribute 'slope' is not known");
        refused(
                image().node("Concat", "input input", "scores", attribute("axis", 2))
                        .bytes(13),
                "m.onnx: Concat node 'n0': attribute 'axis' is 2, expected 1 (channels)");
        refused(
                image().node("Relu", "other", "scores").bytes(13),
                "m.onnx: Relu node 'n0': nothing before it makes its input 'other'; export the model again");
        refused(
                image().node("Relu", "input", "scores").bytes(6),
                "m.onnx uses operator set 6, expected 7 to 22; export the model again with one of these");
        refused(
                image().node("Relu", "input", "scores").bytes(23),
                "m.onnx uses operator set 23, expected 7 to 22; export the model again with one of these");
        refused(
                image().node("Flatten", "input", "scores", attribute("axis", 0)).bytes(13),
                "m.onnx: Flatten node 'n0': attribute 'axis' is 0, expected 1");
        refused(
                image().node("Relu", "input", "r")
                        .node("Softmax", "r", "scores")
                        .bytes(13),
                "m.onnx: Softmax node 'n1': it runs along axis 3 of dimensions [2, 6, 6] per image, expected one over all"
                        + " of them");
        refused(
                image().node("Transpose", "input", "scores", ints("perm", 0, 2, 3, 1))
                        .bytes(13),
                "m.onnx: Transpose node 'n0': attribute 'perm' is [0, 2, 3, 1] on dimensions [2, 6, 6] per image, expected"
                        + " one that leaves rows and columns where they are; if the model was written for channels behind rows and"
                        + " columns, export it with channels in front; if positions and channels change places by design"
                        + " (vision transformers, ConvNeXt), explain it through a probe of your own");
    }

    @Test
    void weightsThatAreNotFiniteAreRefused() {
        refused(
                image().initializer("w", new float[] {1, Float.NaN}, 1, 2, 1, 1)
                        .node("Conv", "input w", "scores")
                        .bytes(13),
                "m.onnx: Conv node 'n0': 'w' holds NaN, expected finite weights; train or export the model again");
        refused(
                image().initializer("w", new float[] {1, 2, 3}, 1, 2, 1, 1)
                        .node("Conv", "input w", "scores")
                        .bytes(13),
                "m.onnx: Conv node 'n0': tensor 'w' with dimensions [1, 2, 1, 1] has 3 values, expected 2");
    }

    @Test
    void inputsAndOutputsAreChecked() {
        refused(
                new OnnxBytes.Model()
                        .input(-1, 3, -1, -1)
                        .output("scores")
                        .node("GlobalMaxPool", "input", "scores")
                        .bytes(13),
                "m.onnx: input 'input' leaves channels, rows or columns open; say them: OnnxImporter.read(file, new Shape(3,"
                        + " 224, 224))");
        refused(
                image().graph(11, OnnxBytes.value("mask", Proto.FLOAT, -1, 1))
                        .node("Relu", "input", "scores")
                        .bytes(13),
                "m.onnx has inputs [input, mask], expected one, the images; export the model with its image input alone");
        refused(
                image().node("Relu", "input", "scores").bytes(13),
                "m.onnx has outputs [scores], expected one with a score per class; export the classifier, not its parts");
        refused(
                new OnnxBytes.Model()
                        .graph(11, OnnxBytes.value("input", Proto.UINT8, -1, 3, 4, 4))
                        .output("scores")
                        .bytes(13),
                "m.onnx: input 'input' has element type 2, expected real numbers (1, 10, 11 or 16); export the model without"
                        + " preprocessing of bytes");
    }

    @Test
    void theFirstOutputWithScoresIsTaken() {
        NetworkGraph graph = OnnxImporter.read(
                "m.onnx",
                new OnnxBytes.Model()
                        .input(-1, 2, 6, 6)
                        .output("map", -1, 2, 6, 6)
                        .output("logits", -1, 2)
                        .output("aux", -1, 2)
                        .node("Relu", "input", "map")
                        .node("GlobalMaxPool", "map", "p")
                        .node("Flatten", "p", "logits")
                        .node("Unheard", "map", "aux")
                        .bytes(13));
        assertThat(graph.output().value()).isEqualTo("logits");
    }

    @Test
    void trainingModeIsRefused() {
        refused(
                image().initializer("one", new float[] {1, 1}, 2)
                        .node("BatchNormalization", "input one one one one", "scores mean")
                        .bytes(13),
                "m.onnx: BatchNormalization node 'n0': it is in training mode (2 outputs); export the model in evaluation"
                        + " mode");
    }

    @Test
    void bytesThatAreNoModelAreRefused() {
        refused(
                new byte[0],
                "m.onnx is not an ONNX model: it holds no graph, expected a graph and its operator set; copy the file again,"
                        + " or export the model again");
        refused(
                new byte[] {0x3a, 0x7f, 1},
                "m.onnx is not an ONNX model: it ends after 3 bytes, expected 127 more after byte 2; copy the file again, or"
                        + " export the model again");
        assertThatThrownBy(() -> OnnxImporter.read(Path.of("absent.onnx")))
                .hasMessage("there is no file 'absent.onnx', expected an ONNX model; check the path");
        assertThatThrownBy(() -> OnnxImporter.read(Path.of("src")))
                .hasMessage("'src' is a folder, expected an ONNX model; name the file in it");
    }

    @Test
    void aFileCutOffAnywhereIsRefused() throws IOException {
        byte[] whole = tiny();
        OnnxImporter.read("tiny", whole);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> OnnxImporter.read("part", part))
                    .as("the first %s bytes", length)
                    .isInstanceOf(NeurflowException.class);
        }
    }

    @Property(tries = 2000, seed = "20250422")
    void changedBytesAreReadOrRefusedButNothingElse(
            @ForAll @Size(min = 1, max = 8) int[] places, @ForAll @IntRange(max = 255) int value) throws IOException {
        byte[] bytes = tiny();
        for (int place : places) {
            bytes[Math.floorMod(place, bytes.length)] = (byte) value;
        }
        try {
            OnnxImporter.read("changed", bytes);
        } catch (NeurflowException e) {
            assertThat(e).hasMessageContaining("changed");
        }
    }

    private static OnnxBytes.Model linear(byte[] weights) {
        return new OnnxBytes.Model()
                .input(-1, 2, 1, 1)
                .output("scores")
                .initializer(weights)
                .node("Identity", "w", "v")
                .node("Flatten", "input", "f")
                .node("Gemm", "f v", "scores", attribute("transB", 1));
    }

    private static float[] weights(NetworkGraph graph) {
        return ((Op.Dense) graph.output().op()).weights().toFloats();
    }

    @Test
    void weightsOfEveryPrecisionAreRead() {
        byte[] half = {0x00, 0x3c, 0x00, (byte) 0xc1}; // 1, -2.5
        byte[] brain = {(byte) 0x80, 0x3f, 0x20, (byte) 0xc0};
        byte[] twice = {0, 0, 0, 0, 0, 0, (byte) 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0x04, (byte) 0xc0};
        for (byte[] tensor : new byte[][] {
            OnnxBytes.tensor("w", new float[] {1, -2.5f}, 1, 2),
            OnnxBytes.tensor("w", Proto.FLOAT16, half, 1, 2),
            OnnxBytes.tensor("w", Proto.BFLOAT16, brain, 1, 2),
            OnnxBytes.tensor("w", Proto.DOUBLE, twice, 1, 2),
            OnnxBytes.message(t ->
                    t.integer(1, 1).integer(1, 2).integer(2, 1).string(8, "w").bytes(4, floats(1, -2.5f))),
            OnnxBytes.message(t -> t.integer(1, 1)
                    .integer(1, 2)
                    .integer(2, 10)
                    .string(8, "w")
                    .integer(5, 0x3c00)
                    .integer(5, 0xc100)),
        }) {
            assertThat(weights(OnnxImporter.read("m", linear(tensor).bytes(13))))
                    .containsExactly(1, -2.5f);
        }
    }

    @Test
    void everyHalfPrecisionNumberIsExact() {
        assertThat(Tensors.float16((short) 0x0001)).isEqualTo(0x1p-24f);
        assertThat(Tensors.float16((short) 0x83ff)).isEqualTo(-0x3ffp-24f);
        assertThat(Tensors.float16((short) 0x7bff)).isEqualTo(65504);
        assertThat(Tensors.float16((short) 0xfc00)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Tensors.float16((short) 0x7e00)).isNaN();
    }

    private static byte[] external(String location, int offset, int length) {
        return OnnxBytes.message(t -> t.integer(1, 1)
                .integer(1, 2)
                .integer(2, 1)
                .string(8, "w")
                .nested(13, e -> e.string(1, "location").string(2, location))
                .nested(13, e -> e.string(1, "offset").string(2, "" + offset))
                .nested(13, e -> e.string(1, "length").string(2, "" + length))
                .integer(14, 1));
    }

    @Test
    void weightsMayStandInOtherFilesOfTheFolder(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("w.bin"), floats(7, 1, -2.5f));
        Path file = folder.resolve("m.onnx");
        Files.write(file, linear(external("w.bin", 4, 8)).bytes(13));
        NetworkGraph graph = OnnxImporter.read(file);
        assertThat(weights(graph)).containsExactly(1, -2.5f);
        Files.write(folder.resolve("w.bin"), floats(8, 1, -2.5f));
        assertThat(OnnxImporter.read(file).digest()).isNotEqualTo(graph.digest());
    }

    @Test
    void weightsOutsideTheFolderOrTheFileAreRefused(@TempDir Path folder) throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.write(folder.resolve("w.bin"), floats(1, 2));
        Path file = inner.resolve("m.onnx");
        Files.write(file, linear(external("../w.bin", 0, 8)).bytes(13));
        assertThatThrownBy(() -> OnnxImporter.read(file))
                .isInstanceOf(NeurflowException.class)
                .hasMessage("m.onnx: tensor 'w' stands in '../w.bin', expected a file in the model's own folder");
        Files.write(inner.resolve("w.bin"), floats(1, 2));
        Files.write(file, linear(external("w.bin", 4, 8)).bytes(13));
        assertThatThrownBy(() -> OnnxImporter.read(file))
                .isInstanceOf(NeurflowException.class)
                .hasMessage(
                        "m.onnx: Identity node 'n0': tensor 'w' stands at bytes 4 to 12 of 'w.bin', which has only 8;"
                                + " copy it again");
        refused(
                linear(external("w.bin", 0, 8)).bytes(13),
                "m.onnx: tensor 'w' stands in another file ('w.bin'), expected all weights in these bytes; read the model"
                        + " from its file, or save it with its weights inside");
    }

    @Test
    void compressedFilesAndOpenSizesAreRead(@TempDir Path folder) throws IOException {
        byte[] bytes = new OnnxBytes.Model()
                .input(-1, 3, -1, -1)
                .output("scores")
                .node("GlobalMaxPool", "input", "p")
                .node("Flatten", "p", "scores")
                .bytes(13);
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(bytes);
        }
        Path file = folder.resolve("m.onnx.gz");
        Files.write(file, zipped.toByteArray());
        Path plain = Files.write(folder.resolve("m.onnx"), bytes);
        NetworkGraph graph = OnnxImporter.read(file, new Shape(3, 32, 48));
        assertThat(graph.input()).isEqualTo(new Shape(3, 32, 48));
        assertThat(graph.digest())
                .hasSize(64)
                .isEqualTo(OnnxImporter.read(plain, new Shape(3, 8, 8)).digest());
        Files.write(file, Arrays.copyOf(zipped.toByteArray(), 30));
        assertThatThrownBy(() -> OnnxImporter.read(file)).isInstanceOf(NeurflowException.class);
    }

    @Test
    void aShapeThatTheBatchDecidesIsRefused() {
        refused(
                image().initializer(integers("to", 3, -1))
                        .node("Reshape", "input to", "scores")
                        .bytes(13),
                "m.onnx: Reshape node 'n0': the new shape is [3, -1], expected the batch in front; export the model with a"
                        + " dynamic batch axis");
    }
}
