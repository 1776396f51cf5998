package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models in other forms than ONNX on the command line. */
class ModelFormatTest {
    private static final Path KERAS = Path.of("../neurflow-core/src/test/resources/keras");

    @TempDir
    private Path folder;

    @Test
    void aKerasModelIsToldByItsContent() throws IOException {
        for (String name : List.of("residual.h5", "residual.keras")) {
            Path renamed = Files.copy(KERAS.resolve(name), folder.resolve(name + ".onnx"));
            CommandRun run = CommandRun.of("layers", "--model", renamed);
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.out())
                    .contains("conv2_block2_out")
                    .contains("suggested for --layers: predictions,conv2_block2_out,conv2_block1_out");
        }
    }

    @Test
    void whatIsWrongIsSaidInOneLineWithWhatToTypeNext() throws IOException {
        Path deep = zip("model.zip", "configuration.json", "coefficients.bin");
        CommandRun.of("layers", "--model", deep)
                .refuses(
                        "model.zip: it does not say how many rows and columns its images have; say how many pixels with --side");
        CommandRun.of("layers", "--model", zip("photographs.zip", "bee.jpg"))
                .refuses(
                        "is a zip file with no model of Keras (config.json) or Deeplearning4j (configuration.json) in it");
        CommandRun.of("layers", "--model", zip("m.keras", "config.json"))
                .refuses("in this archive, expected one written by");
    }

    @Test
    void whatIsNoModelAtAllIsSaidWithoutTalkOfBytes() throws IOException {
        CommandRun.of("layers", "--model", folder.resolve("m.h5"))
                .refuses("there is no file", "m.h5', expected a model; check the path");
        CommandRun.of("layers", "--model", folder).refuses("is a folder, expected a model in one file");
        Path saved = Files.createDirectory(folder.resolve("saved"));
        Files.write(saved.resolve("saved_model.pb"), new byte[4]);
        CommandRun.of("layers", "--model", saved).refuses("is a SavedModel of TensorFlow", "model.save('model.keras')");
        CommandRun.of("layers", "--model", Files.createFile(folder.resolve("empty.h5")))
                .refuses("empty.h5' is empty, expected a model");
        for (String name : List.of("model.h5", "model.pb", "notes.txt")) {
            Path text = Files.writeString(folder.resolve(name), "Dear friend,\nthis is no model.\n");
            CommandRun.of("doctor", "--model", text)
                    .refuses(
                            name + "' is no model that can be read",
                            "Keras (.h5, .keras)",
                            "export the model as one of");
        }
        byte[] pickle = {(byte) 0x80, 2, '}', 'q', 0, '.'};
        CommandRun.of("layers", "--model", Files.write(folder.resolve("model.pt"), pickle))
                .refuses("is a file of PyTorch or Python", "torch.onnx.export");
        CommandRun.of("layers", "--model", zip("new.pt", "archive/data.pkl"))
                .refuses("is a file of PyTorch or Python", "torch.onnx.export");
    }

    @Test
    void filesOfOtherProgrammesAreNamedWithWhatToDoInstead() throws IOException {
        refuses("lfs.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:12\n", "'git lfs pull'");
        refuses("page.onnx", "\n<!DOCTYPE html><html><body>404</body>", "is a web page", "download the file itself");
        refuses("notes.onnx", "Dear friend,\n", "is no model that can be read but text");
        refuses("m.tflite", "\u001c\0\0\0TFL3\0\0", "is a model of TensorFlow Lite", "the Keras model");
        refuses("m.bin", "<\0\0\0\0\0\0\0{\"a\":{}}", "holds weights without the model");
        refuses("m.mlmodel", "\b\u0004\u0012\u0002", "is a model of Core ML");
        refuses("m.pb", "\b\u0001\u0012\u0002", "is a graph of TensorFlow", "model.save('model.keras')");
        CommandRun.of("layers", "--model", Files.createDirectory(folder.resolve("m.mlpackage")))
                .refuses("is a model of Core ML");
    }

    private void refuses(String name, String content, String... parts) throws IOException {
        CommandRun.of("layers", "--model", Files.writeString(folder.resolve(name), content))
                .refuses(parts);
    }

    @Test
    void whatIsCutShortIsSaidToBe() throws IOException {
        for (String name : List.of("residual.h5", "residual.keras")) {
            byte[] whole = Files.readAllBytes(KERAS.resolve(name));
            Path half = Files.write(folder.resolve("half-" + name), Arrays.copyOf(whole, whole.length / 2));
            CommandRun.of("layers", "--model", half).refuses("half-" + name, "broken", "copy the file again");
        }
    }

    @Test
    void aSizeThatTheModelDoesNotHaveIsToBeLeftOut() {
        CommandRun.of("layers", "--model", KERAS.resolve("residual.h5"), "--side", 7)
                .refuses("its input is fixed to 3 channels, 19 rows and 17 columns", "; leave --side out");
    }

    private Path zip(String name, String... parts) throws IOException {
        Path file = folder.resolve(name);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (String part : parts) {
                out.putNextEntry(new ZipEntry(part));
                out.write('{');
                out.write('}');
            }
        }
        return file;
    }
}
