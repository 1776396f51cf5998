package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.neurflow.examples.embedded.DrawnWorld;
import io.neurflow.examples.embedded.EmbeddedModel;
import io.neurflow.examples.embedded.Thing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorShapeProto;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be done is refused with one line that says what to type instead, and leaves nothing behind. */
class MainRefusalTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path pictures;
    private Path out;
    private List<Object> good;

    @BeforeEach
    void aModelAndPictures() throws IOException {
        model = Files.write(folder.resolve("model.onnx"), EmbeddedModel.modelBytes());
        pictures = Files.createDirectories(folder.resolve("beetles"));
        for (var picture : DrawnWorld.seeded(31).natural(Thing.BEETLE, 2)) {
            javax.imageio.ImageIO.write(
                    picture.image(),
                    "png",
                    pictures.resolve(picture.name() + ".png").toFile());
        }
        out = folder.resolve("made").resolve("out");
        good = List.of(
                "explain", "--model", model, "--images", pictures, "--layers", "block3", "--class", 0, "--out", out);
    }

    private void refuses(List<Object> more, String... parts) {
        CommandRun.of(good, more.toArray()).refuses(parts);
        assertThat(out.getParent()).doesNotExist();
    }

    /** The last value of an option would be ambiguous, so options that are already there are replaced. */
    private void refusesInstead(String option, Object value, String... parts) {
        Object[] args = good.toArray();
        args[good.indexOf(option) + 1] = value;
        CommandRun.of(args).refuses(parts);
        assertThat(out.getParent()).doesNotExist();
    }

    @Test
    void badModels() throws IOException {
        Path text = Files.writeString(folder.resolve("text.onnx"), "this is no model");
        Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(EmbeddedModel.modelBytes(), 100_000));
        refusesInstead("--model", text, "text.onnx");
        refusesInstead("--model", cut, "cut.onnx");
        refusesInstead("--model", pictures, "beetles' is a folder, expected a model in one file; name the file in it");
        refusesInstead("--model", folder.resolve("none.onnx"), "there is no file", "none.onnx", "check the path");
        CommandRun.of("layers", "--model", folder.resolve("none.onnx")).refuses("none.onnx");
        CommandRun.of("layers", "--model", folder).refuses("is a folder");
    }

    @Test
    void aSideThatTheModelDoesNotHave() {
        refuses(List.of("--side", 0), "expected 1 pixel or more for --side, but it is 0");
        refuses(List.of("--side", 32), "model.onnx: input", "64", "; leave --side out");
        CommandRun.of("layers", "--side", 32).refuses("--side", "--model");
    }

    @Test
    void aSideThatTheModelLeavesOpen() throws IOException {
        ModelProto.Builder open = ModelProto.parseFrom(EmbeddedModel.modelBytes()).toBuilder();
        for (TensorShapeProto.Dimension.Builder dimension : open.getGraphBuilder()
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilderList()
                .subList(2, 4)) {
            dimension.setDimParam("pixels");
        }
        Path file = Files.write(folder.resolve("open.onnx"), open.build().toByteArray());
        CommandRun.of("layers", "--model", file).refuses("open.onnx: input", "say how many pixels with --side");
        CommandRun run = CommandRun.of("layers", "--model", file, "--side", 48);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("open.onnx: 3x48x48 -> 6");
    }

    @Test
    void badClasses() {
        for (int bad : List.of(6, -1)) {
            refusesInstead(
                    "--class", bad, "expected 0 to 5 for --class, since the model has 6 classes, but it is " + bad);
        }
        CommandRun.of("explain", "--class", 6).refuses("the model has 6 classes");
        refusesInstead("--class", "bee", "bee", "'neurflow explain --help' lists the options");
        refusesInstead("--class", 4, "expected images of class 4, but the model assigns none of 2");
    }

    @Test
    void badLayers() {
        String list = "'neurflow layers --model " + model + "' lists";
        refusesInstead("--layers", "blok3", "there is no layer 'blok3'; the nearest names are [block3,", list);
        refusesInstead("--layers", " , ", "expected names of layers after --layers", list);
        refusesInstead("--layers", "fc", "expected a layer below the logits fc", "neurflow layers --model");
        CommandRun.of("explain", "--layers", "blok3").refuses("blok3", "; 'neurflow layers' lists all");
    }

    @Test
    void numbersThatAreTooSmall() {
        refuses(List.of("--k", 0), "expected 2 or more for --k, but it is 0");
        refuses(List.of("--tau", 0), "expected 1 or more for --tau, but it is 0");
        refuses(List.of("--steps", 0), "expected 1 to 100000 for --steps, but it is 0");
        refuses(List.of("--max-images", 0), "expected 1 or more for --max-images, but it is 0");
    }

    @Test
    void moreForAConceptThanThereArePatches() {
        refuses(List.of("--k", 500), "k = 500", "118");
    }

    @Test
    void preprocessingThatIsNotThere() {
        refuses(
                List.of("--preprocessing", "imagnet"),
                "expected imagenet, caffe, keras-caffe, tf or a JSON file for --preprocessing, but 'imagnet' is none of them");
        refuses(List.of("--preprocessing", pictures), "beetles' is a folder");
    }

    @Test
    void preprocessingOfAnotherSize() throws IOException {
        Path file = Files.writeString(
                folder.resolve("p.json"),
                "{\"side\": 60, \"divisor\": 255, \"mean\": [0, 0, 0], \"std\": [1, 1, 1], \"order\": \"RGB\"}");
        refuses(List.of("--preprocessing", file), "p.json' says 60", "put \"side\": 64 into it");
    }

    @Test
    void preprocessingWithoutPhotographs() {
        CommandRun.of("explain", "--preprocessing", "caffe").refuses("--preprocessing", "--images");
    }

    @Test
    void classNamesThatDoNotReachTheClass() throws IOException {
        Path names = Files.writeString(folder.resolve("names.txt"), "beetle\nfish\n\n");
        List<Object> more = List.of("--class-names", names);
        Object[] args = good.toArray();
        args[good.indexOf("--class") + 1] = 5;
        CommandRun.of(List.of(args), more.toArray())
                .refuses("expected the name of class 5 on line 6 of", "names.txt', but it has only 3 lines");
        args[good.indexOf("--class") + 1] = 2;
        CommandRun.of(List.of(args), more.toArray()).refuses("class 2 on line 3", "that line is empty");
        refuses(List.of("--class-names", folder.resolve("none.txt")), "none.txt' does not exist");
        refuses(List.of("--class-names", folder), "cannot be read");
    }

    @Test
    void whatIsMissing() {
        CommandRun.of("explain", "--model", model).refuses("--images");
        CommandRun.of("explain", "--model", model, "--images", pictures).refuses("--class");
    }

    @Test
    void unknownCommandsAndOptions() {
        CommandRun.of("explane").refuses("explane", "; 'neurflow --help' lists the options");
        refuses(List.of("--kay", 3), "--kay", "; 'neurflow explain --help' lists the options");
    }

    @Test
    void badFolders() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Path texts = Files.createDirectories(folder.resolve("texts"));
        Files.writeString(texts.resolve("a.txt"), "no picture");
        Path fakes = Files.createDirectories(folder.resolve("fakes"));
        Files.writeString(fakes.resolve("a.jpg"), "no picture");
        for (Path images : List.of(empty, texts, folder.resolve("none"))) {
            refusesInstead("--images", images, images.getFileName().toString());
        }
        refusesInstead("--images", fakes, "a.jpg", "convert");
    }

    @Test
    void foldersThatCannotBeWrittenTo() throws IOException {
        Path file = Files.writeString(folder.resolve("taken"), "a file");
        refusesInstead("--out", file, "taken' is no folder; name another folder with --out");
        refusesInstead("--out", file.resolve("below").resolve("it"), "taken' is no folder");
        assertThat(file).hasContent("a file");
    }

    @Test
    void foldersThatAreReadOnly() throws IOException {
        Path locked = Files.createDirectories(folder.resolve("locked"));
        assumeThat(locked.toFile().setWritable(false)).isTrue();
        assumeThat(Files.isWritable(locked))
                .as("permissions bind whoever runs this")
                .isFalse();
        refusesInstead("--out", locked.resolve("out"), "nothing can be written into", "locked'");
        assertThat(locked).isEmptyDirectory();
    }
}
