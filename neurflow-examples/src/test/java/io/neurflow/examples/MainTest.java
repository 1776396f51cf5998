package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.core.report.CircuitJson;
import io.neurflow.examples.embedded.DrawnWorld;
import io.neurflow.examples.embedded.EmbeddedModel;
import io.neurflow.examples.embedded.Thing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @TempDir
    private Path folder;

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

    @Test
    void aDryRunWritesNothingAndAStoreChangesNothingInTheCircuit() throws IOException {
        Path pictures = pictures(Thing.BEETLE, 4);
        Path store = folder.resolve("store");
        List<Object> options = List.of(
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
                5,
                "--quiet");
        Path never = folder.resolve("never");
        CommandRun dry = CommandRun.of(options, "--dry-run", "--store", store, "--out", never);
        assertThat(dry.code()).as(dry.err()).isZero();
        assertThat(dry.out()).contains("plan for ", "forwards", "backwards", "memory", "disk", "time");
        assertThat(never).doesNotExist();
        assertThat(store).doesNotExist();
        Path plain = folder.resolve("plain");
        assertThat(CommandRun.of(options, "--out", plain).code()).isZero();
        for (String out : List.of("first", "again")) {
            CommandRun run = CommandRun.of(options, "--store", store, "--out", folder.resolve(out));
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(folder.resolve(out).resolve("circuit.json"))
                    .hasSameBinaryContentAs(plain.resolve("circuit.json"));
        }
        CommandRun.of(options, "--store", pictures, "--out", never).refuses("expected a store or an empty folder");
        assertThat(never).doesNotExist();
    }

    @Test
    void certifiesACircuitOnPicturesThatHadNoPartInIt() throws IOException {
        Path others = Files.createDirectories(folder.resolve("others"));
        for (var picture : DrawnWorld.seeded(32).natural(Thing.BEETLE, 4)) {
            javax.imageio.ImageIO.write(
                    picture.image(),
                    "png",
                    others.resolve(picture.name() + ".png").toFile());
        }
        Path out = folder.resolve("certified");
        CommandRun run = CommandRun.of(
                "explain",
                "--model",
                model(),
                "--images",
                pictures(Thing.BEETLE, 4),
                "--class",
                0,
                "--layers",
                "block3",
                "--k",
                8,
                "--tau",
                3,
                "--steps",
                5,
                "--certify",
                others,
                "--out",
                out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("certificate for the circuit of fc#0: ", "wrote " + out.resolve("certificate.txt"));
        assertThat(Files.readString(out.resolve("certificate.txt")))
                .contains("held-out images", "CPR", "edges against");
        assertThat(CircuitJson.read(out.resolve("circuit.json")).certificate()).isPresent();
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
        CommandRun run = CommandRun.of(
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
        CommandRun run = CommandRun.of("layers", "--model", model());
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("block2", "Concat", "32x16x16", "suggested for --layers: fc,");
    }

    @Test
    void aFolderDoesNotChangeWhatABuiltInPreprocessingMeans() throws IOException {
        // Java has no other working directory than the one it was started in, so the folder lies there.
        Path shadow = Path.of("imagenet");
        assumeThat(shadow).doesNotExist();
        Files.createDirectory(shadow);
        try {
            CommandRun run = CommandRun.of(
                    "explain",
                    "--model",
                    model(),
                    "--images",
                    pictures(Thing.BEETLE, 2),
                    "--class",
                    0,
                    "--layers",
                    "block3",
                    "--preprocessing",
                    "imagenet",
                    "--k",
                    4,
                    "--tau",
                    1,
                    "--steps",
                    2,
                    "--quiet",
                    "--out",
                    folder.resolve("out"));
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.out()).isEmpty();
        } finally {
            Files.delete(shadow);
        }
    }

    @Test
    void theNameOfTheClassIsInTheTitle() throws IOException {
        Path names = Files.writeString(folder.resolve("names.txt"), "  stag beetle \nfish\n");
        CommandRun run = CommandRun.of(
                "explain",
                "--model",
                model(),
                "--images",
                pictures(Thing.BEETLE, 2),
                "--class",
                0,
                "--class-names",
                names,
                "--layers",
                "block3",
                "--k",
                4,
                "--tau",
                1,
                "--steps",
                2,
                "--out",
                folder.resolve("out"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(folder.resolve("out").resolve("circuit.html")).content().contains("stag beetle");
    }

    @Test
    void helpNamesTheNumbersOfOptions() {
        CommandRun run = CommandRun.of("explain", "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("--k=N", "--tau=N", "--steps=N", "--side=N");
    }
}
