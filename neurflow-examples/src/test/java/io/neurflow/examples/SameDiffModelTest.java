package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.examples.embedded.DrawnWorld;
import io.neurflow.examples.embedded.Thing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;

/** Commands on a file that SameDiff saved. */
class SameDiffModelTest {
    @TempDir
    private Path folder;

    private static INDArray weights(long seed, long... shape) {
        Random random = new Random(seed);
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, 0.2 * random.nextGaussian());
        }
        return array;
    }

    private Path model(String name, int side, boolean exact) {
        SameDiff sd = SameDiff.create();
        SDVariable image = sd.placeHolder("image", DataType.FLOAT, -1, side, side, 3);
        Conv2DConfig config = Conv2DConfig.builder()
                .kH(5)
                .kW(5)
                .sH(4)
                .sW(4)
                .paddingMode(PaddingMode.SAME)
                .dataFormat("NHWC")
                .build();
        SDVariable maps = sd.cnn().conv2d("maps", image, sd.var("w1", weights(1, 5, 5, 3, 6)), config);
        SDVariable bent = exact ? sd.nn().relu("edges", maps, 0) : sd.nn().gelu("edges", maps);
        SDVariable more = sd.cnn().conv2d("more", bent, sd.var("w2", weights(2, 5, 5, 6, 8)), config);
        sd.mmul("logits", sd.mean(sd.nn().relu("parts", more, 0), 1, 2), sd.var("w3", weights(3, 8, 3)));
        Path file = folder.resolve(name);
        sd.save(file.toFile(), false);
        return file;
    }

    /** By its content: the name says nothing. */
    @Test
    void layersOfASameDiffFileAreListed() {
        CommandRun run = CommandRun.of("layers", "--model", model("model", 64, true));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("3x64x64 -> 3", "edges", "6x16x16", "parts", "8x4x4", "logits");
        CommandRun sized = CommandRun.of("layers", "--side", 32, "--model", model("open.fb", -1, true));
        assertThat(sized.out()).contains("3x32x32 -> 3");
    }

    @Test
    void aSameDiffFileIsExplained() throws IOException {
        Path pictures = Files.createDirectories(folder.resolve("pictures"));
        for (var picture : DrawnWorld.seeded(5).natural(Thing.BEETLE, 3)) {
            Path file = pictures.resolve(picture.name() + ".png");
            ImageIO.write(picture.image(), "png", file.toFile());
        }
        Path out = folder.resolve("out");
        Path model = model("model.fb", 64, true);
        for (int c = 0; c < 3; c++) {
            CommandRun run = CommandRun.of(
                    "explain",
                    "--model",
                    model,
                    "--images",
                    pictures,
                    "--class",
                    c,
                    "--layers",
                    "edges,parts",
                    "--k",
                    8,
                    "--tau",
                    2,
                    "--steps",
                    5,
                    "--out",
                    out,
                    "--quiet");
            if (run.code() == 0) {
                assertThat(out.resolve("circuit.json")).content().contains("\"edges\"", "\"parts\"");
                return;
            }
            run.refuses(); // the model assigns no picture to this class
        }
        throw new AssertionError("the model assigns the pictures to no class");
    }

    @Test
    void whatCannotBeDoneIsSaidInTermsOfTheCommandLine() throws IOException {
        CommandRun.of("layers", "--model", model("open.fb", -1, true))
                .refuses("leaves channels, rows or columns open", "say how many pixels with --side");
        CommandRun.of("layers", "--model", model("gelu.fb", 64, false))
                .refuses("gelu node", "'gelu'", "from Java, SameDiffWrap explains such graphs");
        byte[] bytes = Files.readAllBytes(model("cut.fb", 64, true));
        Path half = Files.write(folder.resolve("half.fb"), Arrays.copyOf(bytes, bytes.length / 2));
        CommandRun.of("layers", "--model", half).refuses("half.fb");
    }
}
