package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.neurflow.examples.embedded.DrawnWorld;
import io.neurflow.examples.embedded.EmbeddedModel;
import io.neurflow.examples.embedded.Thing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path pictures;

    @BeforeEach
    void aModelAndPictures() throws IOException {
        model = Files.write(folder.resolve("model.onnx"), EmbeddedModel.modelBytes());
        pictures = Files.createDirectories(folder.resolve("fish"));
        for (var picture : DrawnWorld.seeded(31).natural(Thing.FISH, 4)) {
            javax.imageio.ImageIO.write(
                    picture.image(),
                    "png",
                    pictures.resolve(picture.name() + ".png").toFile());
        }
    }

    @Test
    void aSoundModelIsFine() {
        CommandRun run = CommandRun.of("doctor");
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .contains("nothing speaks against an analysis", "suggested layers: fc,block3", "imagenet: 16 of");
    }

    @Test
    void aWrongPreprocessingIsAWarning() {
        int fish = EmbeddedModel.classNames().indexOf("fish");
        CommandRun run = CommandRun.of(
                "doctor",
                "--model",
                model,
                "--images",
                pictures,
                "--class",
                fish,
                "--preprocessing",
                "caffe",
                "--json");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("\"preprocessing\"").contains("\"worst\" : \"WARNING\"");
        assertThat(run.code()).isEqualTo(DoctorCommand.WARNINGS);
    }

    @Test
    void theJsonIsJson() throws IOException {
        CommandRun run = CommandRun.of("doctor", "--model", model, "--json");
        var json = new ObjectMapper().readTree(run.out());
        assertThat(json.get("model").asText()).startsWith("model.onnx: 3x64x64 -> 6");
        assertThat(json.get("suggestedLayers").get(0).asText()).isEqualTo("fc");
    }

    @Test
    void whatCannotBeReadIsRefused() throws IOException {
        CommandRun.of("doctor", "--model", folder.resolve("none.onnx")).refuses("there is no file");
        CommandRun.of("doctor", "--class", 0).refuses("expected photographs for --class and --preprocessing");
        CommandRun.of("doctor", "--model", model, "--reference", folder.resolve("none"))
                .refuses("input.npy");
        CommandRun.of("doctor", "--model", model, "--layers", "blok3").refuses("there is no layer 'blok3'");
        CommandRun.of("doctor", "--model", model, "--images", pictures, "--class", 6)
                .refuses("class from 0 to 5");
    }

    @Test
    void controlCharactersDoNotReachTheTerminal() throws IOException {
        Path odd = Files.writeString(folder.resolve("names.txt"), "\u001b]0;x\u0007\u202Eeelteeb\n");
        assertThat(Printable.line(Files.readString(odd))).isEqualTo("?]0;x??eelteeb ");
        CommandRun.of("layers", "--model", folder.resolve("a\u001b[31m\nb")).refuses("a\uFFFD[31m b");
    }
}
