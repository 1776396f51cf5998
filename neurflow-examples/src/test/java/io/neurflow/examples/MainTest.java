package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.core.report.CircuitJson;
import io.neurflow.examples.embedded.DrawnWorld;
import io.neurflow.examples.embedded.EmbeddedModel;
import io.neurflow.examples.embedded.Thing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @TempDir
    private Path folder;

    /** Exit code, and what was said on standard output and standard error. */
    private record Run(int code, String out, String err) {}

    private static Run run(Object... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            int code = Main.run(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
            return new Run(code, said.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private Path model() throws IOException {
        return Files.write(folder.resolve("model.onnx"), EmbeddedModel.modelBytes());
    }

    private Path pictures(Thing thing, int count) throws IOException {
        Path into = Files.createDirectories(folder.resolve(thing.label()));
        for (var picture : DrawnWorld.seeded(31).natural(thing, count)) {
            javax.imageio.ImageIO.write(
                    picture.image(),
                    "png",
                    into.resolve(picture.name() + ".png").toFile());
        }
        return into;
    }

    /** What a failed run says: one line, which contains the parts given. */
    private static void refuses(Run run, String... parts) {
        assertThat(run.code()).as(run.err()).isEqualTo(Main.ERROR);
        assertThat(run.err().lines()).as(run.err()).hasSize(1);
        assertThat(run.err()).startsWith("neurflow: ").contains(parts);
    }

    @Test
    void explainsAFolderOfPicturesAndCountsWhatIsLeftOut() throws IOException {
        Path pictures = pictures(Thing.BEETLE, 6);
        Path others = pictures(Thing.FISH, 2);
        for (String fish : Objects.requireNonNull(others.toFile().list())) {
            Files.move(others.resolve(fish), pictures.resolve("0-" + fish));
        }
        Files.writeString(pictures.resolve("broken.png"), "no picture");
        Path out = folder.resolve("out");
        Run run = run(
                "explain",
                "--model",
                model(),
                "--images",
                pictures,
                "--class",
                0,
                "--layers",
                "block3,block2",
                "--k",
                8,
                "--tau",
                3,
                "--steps",
                10,
                "--max-images",
                4,
                "--out",
                out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("concept circuit of fc#0 in model.onnx: 4 images, 236 patches")
                .contains("wrote ");
        ConceptCircuit circuit = CircuitJson.read(out.resolve("circuit.json"));
        assertThat(circuit.provenance().options())
                .containsEntry("k", "8")
                .containsEntry("images_of_other_classes", "2")
                .containsEntry("preset", "RECOMMENDED");
        assertThat(circuit.layers()).extracting(l -> l.name()).containsExactly("fc", "block3", "block2");
        assertThat(out.resolve("circuit.html")).content().contains("Content-Security-Policy");
        assertThat(out.resolve("circuit.graphml")).exists();
        assertThat(out.resolve("circuit.dot")).exists();
    }

    @Test
    void listsLayers() throws IOException {
        Run run = run("layers", "--model", model());
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("block2", "Concat", "32x16x16", "suggested for --layers: fc,");
    }

    @Test
    void badModelsAreNamed() throws IOException {
        Path text = Files.writeString(folder.resolve("text.onnx"), "this is no model");
        Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(EmbeddedModel.modelBytes(), 100_000));
        Path pictures = pictures(Thing.BEETLE, 1);
        refuses(run("explain", "--model", text, "--images", pictures, "--class", 0), "text.onnx");
        refuses(run("explain", "--model", cut, "--images", pictures, "--class", 0), "cut.onnx");
        refuses(run("layers", "--model", folder.resolve("none.onnx")), "none.onnx");
    }

    @Test
    void badArgumentsAreNamed() throws IOException {
        Path pictures = pictures(Thing.BEETLE, 2);
        List<Object> good = List.of("explain", "--model", model(), "--images", pictures, "--out", folder.resolve("o"));
        refuses(with(good, "--class", 6), "expected a class between 0 and 5, but it is 6");
        refuses(with(good, "--class", 0, "--layers", "blok3"), "blok3", "block3");
        refuses(with(good, "--class", 0, "--layers", "block3", "--k", 500), "k = 500", "118");
        refuses(with(good, "--class", 4, "--layers", "block3", "--k", 5), "class");
        refuses(with(good, "--class", 0, "--preprocessing", "imagnet"), "imagnet");
        refuses(with(good, "--class", 0, "--tau", 0), "tau");
        refuses(with(good, "--class", "bee"), "bee");
        refuses(run("explain", "--model", model()), "--images");
        refuses(run("explain", "--model", model(), "--images", pictures), "--class");
        refuses(run("explane"), "explane");
    }

    @Test
    void badFoldersAreNamed() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Path texts = Files.createDirectories(folder.resolve("texts"));
        Files.writeString(texts.resolve("a.txt"), "no picture");
        Path fakes = Files.createDirectories(folder.resolve("fakes"));
        Files.writeString(fakes.resolve("a.jpg"), "no picture");
        for (Path images : List.of(empty, texts, folder.resolve("none"))) {
            refuses(
                    run("explain", "--model", model(), "--images", images, "--class", 0),
                    images.getFileName().toString());
        }
        refuses(run("explain", "--model", model(), "--images", fakes, "--class", 0), "a.jpg", "convert");
    }

    private static Run with(List<Object> good, Object... more) {
        return run(java.util.stream.Stream.concat(good.stream(), Arrays.stream(more))
                .toArray());
    }
}
