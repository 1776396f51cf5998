package io.neurflow.core.onnx;

import static io.neurflow.core.onnx.OnnxBytes.attribute;
import static io.neurflow.core.onnx.OnnxBytes.integers;
import static io.neurflow.core.onnx.OnnxBytes.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.neurflow.api.NeurflowException;
import io.neurflow.core.graph.LayerNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files that ask for much: memory, time, depth, or a place outside their folder. */
class HostileModelTest {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Refused, soon, without taking more than 100 MB. */
    private static void refused(byte[] bytes, String... parts) {
        within(100, () -> {
            assertThatThrownBy(() -> OnnxImporter.read("m.onnx", bytes))
                    .isInstanceOf(NeurflowException.class)
                    .message()
                    .contains(parts)
                    .doesNotContain("\n");
            return 0;
        });
    }

    private static <T> T within(int megabytes, Supplier<T> work) {
        return assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            T result = work.get();
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan((long) megabytes << 20);
            return result;
        });
    }

    private static OnnxBytes.Model image() {
        return new OnnxBytes.Model().input(-1, 2, 6, 6).output("scores");
    }

    @Test
    void aCompressedFileThatUnpacksToMuchMoreIsRefused() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 256; i++) {
                out.write(zeros);
            }
        }
        refused(zipped.toByteArray(), "unpacks to more than 16", "expected a model");
    }

    @Test
    void manyEmptyPartsAreRefused() {
        byte[] graph = new byte[1 << 20];
        for (int i = 0; i < graph.length; i += 2) {
            graph[i] = 0x0a; // field 1, a node, of no bytes
        }
        refused(OnnxBytes.message(m -> m.bytes(7, graph)), "more than 16384 parts of one kind (field 1)");
    }

    /** (65535 * 65536 + 1) wraps around to a window that seems to fit. */
    @Test
    void windowsThatWrapAroundAreRefused() {
        refused(
                image().node(
                                "MaxPool",
                                "input",
                                "scores",
                                ints("kernel_shape", 65536, 65536),
                                ints("dilations", 65536, 65536))
                        .bytes(13),
                "MaxPool node 'n0'",
                "needs a value that its window fits into");
        refused(
                image().node("MaxPool", "input", "scores", ints("kernel_shape", 2, 2), ints("pads", 2, 2, 2, 2))
                        .bytes(13),
                "expected less than its window");
    }

    @Test
    void valuesLargerThanAnyImageNeedsAreRefused() {
        refused(
                new OnnxBytes.Model()
                        .input(-1, 32768, 32768, 32768)
                        .output("scores")
                        .node("GlobalMaxPool", "input", "scores")
                        .bytes(13),
                "has 35184372088832 values, expected at most 268435456");
        OnnxBytes.Model growing = image().initializer(integers("pads", 0, 0, 65536, 65536, 0, 0, 65536, 65536));
        String value = "input";
        for (int i = 0; i < 40; i++) {
            growing.node("Pad", value + " pads", "p" + i);
            value = "p" + i;
        }
        refused(growing.node("GlobalMaxPool", value, "scores").bytes(13), "Pad node 'n0'", "268435456 values in all");
    }

    @Test
    void constantsMadeOfNothingAreRefused() {
        OnnxBytes.Model model = image().initializer(integers("million", 1 << 20));
        StringBuilder all = new StringBuilder("input");
        for (int i = 0; i < 100; i++) {
            model.node("ConstantOfShape", "million", "c" + i);
            all.append(" c").append(i);
        }
        refused(
                model.node("Concat", all.toString(), "scores", attribute("axis", 1))
                        .bytes(13),
                "ConstantOfShape node 'n4'",
                "which is too many");
    }

    @Test
    void deepAndLongNamesAreNoModules() {
        String deep = "a.".repeat(3000);
        OnnxBytes.Model model = image().initializer(deep + "weight", new float[] {1, 1}, 1, 2, 1, 1)
                .named("/" + "b/".repeat(3000) + "Conv", "Conv", "input " + deep + "weight", "c")
                .named("plain", "Conv", "input " + deep + "weight", "d")
                .node("Add", "c d", "s");
        for (int i = 0; i < 200; i++) {
            model.named("/" + "a.".repeat(500) + "/Relu", "Relu", i == 0 ? "s" : "r" + (i - 1), "r" + i);
        }
        byte[] bytes = model.node("GlobalMaxPool", "r199", "p")
                .node("Flatten", "p", "scores")
                .bytes(13);
        LayerNames names = within(100, () -> LayerNames.of(OnnxImporter.read("m.onnx", bytes)));
        assertThat(names.all()).allMatch(cut -> cut.name().length() < 1100);
    }

    @Test
    void longChainsAndWideSumsTakeNoTimeToSpeakOf() {
        OnnxBytes.Model model = image();
        String value = "input";
        for (int i = 0; i < 8000; i++) {
            model.node(i % 2 == 0 ? "Relu" : "Add", i % 2 == 0 ? value : value + " " + value, "v" + i);
            value = "v" + i;
        }
        byte[] bytes = model.node("GlobalMaxPool", value, "p")
                .node("Flatten", "p", "scores")
                .bytes(13);
        within(1000, () -> LayerNames.of(OnnxImporter.read("m.onnx", bytes)).suggested(3));
    }

    @Test
    void controlCharactersInNamesAreReplaced() {
        refused(
                image().named("\u001b[2J\u202Egnp.exe\n", "Ein\u0007sum", "input", "scores")
                        .bytes(13),
                "m.onnx: Ein\uFFFDsum node '\uFFFD[2J\uFFFDgnp.exe\uFFFD'");
    }

    @Test
    void aNodeThatReadsItselfIsRefused() {
        refused(
                image().node("Add", "input b", "a")
                        .node("Relu", "a", "b")
                        .node("Relu", "b", "scores")
                        .bytes(13),
                "nothing before it makes its input 'b'");
    }

    @Test
    void aVarianceBelowZeroIsNamed() {
        refused(
                image().initializer("one", new float[] {1, 1}, 2)
                        .initializer("bn.running_var", new float[] {1, -0.5f}, 2)
                        .node("BatchNormalization", "input one one one bn.running_var", "scores")
                        .bytes(13),
                "the variance 'bn.running_var' of channel 1 is -0.5, expected none below 0");
    }

    private static byte[] external(String location, long length, long... dims) {
        return OnnxBytes.message(t -> {
            for (long dim : dims) {
                t.integer(1, dim);
            }
            t.integer(2, 1)
                    .string(8, "w")
                    .nested(13, e -> e.string(1, "location").string(2, location))
                    .nested(13, e -> e.string(1, "length").string(2, "" + length))
                    .integer(14, 1);
        });
    }

    @Test
    void weightsMayNotStandOutsideTheFolder(@TempDir Path folder) throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Path outside = Files.write(folder.resolve("outside.bin"), new byte[8]);
        Files.createSymbolicLink(inner.resolve("link.bin"), outside);
        Files.createSymbolicLink(inner.resolve("up"), folder);
        for (String location : new String[] {
            "../outside.bin",
            outside.toString(),
            "link.bin",
            "up/outside.bin",
            "./../inner/../outside.bin",
            "",
            "\u0000",
            "/dev/zero"
        }) {
            Path file = Files.write(
                    inner.resolve("m.onnx"),
                    image().initializer(external(location, 8, 1, 2, 1, 1))
                            .node("Conv", "input w", "scores")
                            .bytes(13));
            assertThatThrownBy(() -> OnnxImporter.read(file))
                    .as(location)
                    .isInstanceOf(NeurflowException.class)
                    .message()
                    .contains("'w' stands in");
        }
    }

    @Test
    void theSameBytesAreNotReadOverAndOver(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("w.bin"), new byte[1 << 20]);
        OnnxBytes.Model model = image();
        StringBuilder all = new StringBuilder("input");
        for (int i = 0; i < 200; i++) {
            model.node("Constant", "", "c" + i, attribute("value", external("w.bin", 1 << 20, 1 << 18)));
            all.append(" c").append(i);
        }
        Path file = Files.write(
                folder.resolve("m.onnx"),
                model.node("Sum", all.toString(), "scores").bytes(13));
        within(100, () -> {
            assertThatThrownBy(() -> OnnxImporter.read(file))
                    .isInstanceOf(NeurflowException.class)
                    .hasMessageContaining("expected each to have its own");
            return 0;
        });
    }
}
