package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.examples.embedded.DrawnWorld;
import io.neurflow.examples.embedded.EmbeddedModel;
import io.neurflow.examples.embedded.Thing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's JShell snippet runs, with the embedded model in place of the reader's. */
class ReadmeTest {
    @TempDir
    private Path folder;

    @Test
    void theSnippetRuns() throws IOException {
        Path model = Files.write(folder.resolve("model.onnx"), EmbeddedModel.modelBytes());
        Path pictures = Files.createDirectories(folder.resolve("beetle"));
        for (var picture : DrawnWorld.seeded(5).natural(Thing.BEETLE, 3)) {
            javax.imageio.ImageIO.write(
                    picture.image(),
                    "png",
                    pictures.resolve(picture.name() + ".png").toFile());
        }
        Path page = folder.resolve("bee.html");
        String snippet = snippet()
                .replace("\"resnet50.onnx\"", quoted(model))
                .replace("\"photographs/bee\"", quoted(pictures))
                .replace("Preprocessing.imageNet()", "Preprocessing.imageNet().withSide(64)")
                .replace("309", "0")
                .replace("\"layer4.1\", \"layer4.2\"", "\"block2\", \"block3\"")
                .replace(
                        "topPatches(50).maxCoreNeurons(16).integrationSteps(50)",
                        "topPatches(9).maxCoreNeurons(2).integrationSteps(5)")
                .replace("\"bee.html\"", quoted(page));
        assertThat(snippet).doesNotContain("resnet50.onnx", "photographs", "309");
        try (ShellSession shell = ShellSession.started()) {
            shell.run(snippet);
        }
        assertThat(page).content().contains("Concept circuit");
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\") + '"';
    }

    private static String snippet() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        String from = "```java\n";
        int start = readme.indexOf(from, readme.indexOf("<!-- snippet")) + from.length();
        return readme.substring(start, readme.indexOf("```", start));
    }
}
