package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
