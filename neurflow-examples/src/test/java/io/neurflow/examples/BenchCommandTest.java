package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.neurflow.examples.embedded.DrawnWorld;
import io.neurflow.examples.embedded.EmbeddedModel;
import io.neurflow.examples.embedded.Thing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
    private static final List<Object> SMALL = List.of("bench", "--k", 3, "--steps", 4, "--repeat", 1);

    @TempDir
    private Path folder;

    private static List<JsonNode> lines(CommandRun run) throws IOException {
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        List<JsonNode> nodes = new ArrayList<>();
        for (String line : run.out().lines().toList()) {
            nodes.add(new ObjectMapper().readTree(line));
        }
        return nodes;
    }

    @Test
    void eachBlockIsALineOfJsonAndAgreesWithThePlainWay() throws IOException {
        CommandRun run =
                CommandRun.of(SMALL, "--pair", "block2:block3, block3:fc", "--targets", 2, "--plain", "--forward");
        List<JsonNode> lines = lines(run);
        assertThat(lines).extracting(line -> line.get("kind").textValue()).containsExactly("forward", "block", "block");
        assertThat(lines.get(0).get("images_per_second").doubleValue()).isPositive();
        assertThat(lines.get(0).get("share_of_convolution_peak").doubleValue()).isPositive();
        assertThat(lines.subList(1, 3))
                .extracting(line -> line.get("block").textValue())
                .containsExactly("block2:block3", "block3:fc");
        for (JsonNode line : lines.subList(1, 3)) {
            assertThat(line.get("model").textValue()).isEqualTo("embedded model");
            assertThat(line.get("k").intValue()).isEqualTo(3);
            assertThat(line.get("steps").intValue()).isEqualTo(4);
            assertThat(line.get("rule").textValue()).isEqualTo("GAUSS_LEGENDRE");
            assertThat(line.get("targets").intValue()).isEqualTo(2);
            assertThat(line.get("channels")).hasSize(2);
            assertThat(line.get("runs").intValue()).isPositive();
            assertThat(line.get("run_seconds_range")).hasSize(2);
            for (String field : List.of(
                    "seconds_per_target",
                    "plain_gflop_per_target",
                    "effective_gflops_per_second",
                    "convolution_peak_gflops_per_second",
                    "effective_share_of_convolution_peak",
                    "plain_seconds_per_target",
                    "ratio_to_plain")) {
                assertThat(line.get(field).doubleValue()).as(field).isPositive();
            }
            assertThat(line.get("relative_l2_to_plain").doubleValue()).isBetween(0.0, 5e-4);
        }
    }

    @Test
    void allBlocksOfTheEmbeddedModelByDefault() throws IOException {
        assertThat(lines(CommandRun.of(SMALL, "--targets", 1)))
                .extracting(line -> line.get("block").textValue())
                .containsExactly("block3:fc", "block2:block3", "block1:block2");
    }

    @Test
    void whatItDumpsIsThereForAnotherProgram() throws IOException {
        Path dump = folder.resolve("made").resolve("dump");
        List<JsonNode> lines =
                lines(CommandRun.of(SMALL, "--pair", "block1:block2", "--neuron", "5,0", "--forward", "--dump", dump));
        JsonNode block = lines.get(1);
        assertThat(block.get("channels")).extracting(JsonNode::intValue).containsExactly(5, 0);
        Path home = dump.resolve("block1--block2");
        assertThat(new ObjectMapper().readTree(home.resolve("block.json").toFile()))
                .isEqualTo(block);
        assertThat(block.get("lower_tensor").textValue()).contains("block1");
        int patches = block.get("distinct_patches").intValue();
        assertThat(home.resolve("x.npy"))
                .content(StandardCharsets.ISO_8859_1)
                .contains("'shape': (" + patches + ", 24, 16, 16)");
        assertThat(Files.size(home.resolve("rows.npy"))).isEqualTo(128 + 4 * 2 * 3);
        assertThat(Files.size(home.resolve("scores.npy"))).isEqualTo(128 + 4 * 2 * 3 * 24);
        assertThat(Files.size(dump.resolve("inputs.npy"))).isEqualTo(128 + 4 * 32 * 3 * 64 * 64);
        assertThat(Files.size(dump.resolve("logits.npy"))).isEqualTo(128 + 4 * 32 * 6);
    }

    @Test
    void photographsOfAClassTakeItsLogitAsTarget() throws IOException {
        Path model = Files.write(folder.resolve("model.onnx"), EmbeddedModel.modelBytes());
        Path pictures = Files.createDirectories(folder.resolve("beetles"));
        for (var picture : DrawnWorld.seeded(31).natural(Thing.BEETLE, 2)) {
            javax.imageio.ImageIO.write(
                    picture.image(),
                    "png",
                    pictures.resolve(picture.name() + ".png").toFile());
        }
        List<JsonNode> lines = lines(
                CommandRun.of(SMALL, "--model", model, "--images", pictures, "--class", 0, "--pair", "block3:fc"));
        assertThat(lines.get(0).get("channels")).extracting(JsonNode::intValue).containsExactly(0);
        CommandRun.of(SMALL, "--model", model, "--images", pictures, "--k", 500).refuses("k");
    }

    @Test
    void badPairs() {
        CommandRun.of("bench", "--pair", "block3fc")
                .refuses("expected two layers with a colon between them for --pair", "'block3fc' is not");
        CommandRun.of("bench", "--pair", "block3:").refuses("'block3:' is not");
        CommandRun.of("bench", "--pair", " , ").refuses("expected pairs of layers for --pair");
        CommandRun.of("bench", "--pair", "blok3:fc")
                .refuses("there is no layer 'blok3'; the nearest names are [block3,", "'neurflow layers' lists all");
        CommandRun.of("bench", "--pair", "fc:block3").refuses("'fc' is not below 'block3'; swap them");
        CommandRun.of("bench", "--pair", "block3:block3").refuses("'block3' is not below 'block3'");
    }

    @Test
    void badNumbers() {
        CommandRun.of("bench", "--k", 1).refuses("expected 2 or more for --k, but it is 1");
        CommandRun.of("bench", "--steps", 0).refuses("steps", "0");
        CommandRun.of("bench", "--targets", 0).refuses("--targets");
        CommandRun.of("bench", "--repeat", 0).refuses("--repeat");
        CommandRun.of("bench", "--neuron", "three").refuses("after --neuron", "'three' is none");
        CommandRun.of("bench", "--neuron", "-1").refuses("--neuron");
        CommandRun.of("bench", "--pair", "block3:fc", "--neuron", 6)
                .refuses("expected 0 to 5 for --neuron, since fc has 6 channels, but it is 6");
        CommandRun.of("bench", "--class", 6).refuses("expected 0 to 5 for --class");
        CommandRun.of("bench", "--rule", "SIMPSON").refuses("SIMPSON");
    }

    @Test
    void whatIsMissingOrInTheWay() throws IOException {
        Path model = Files.write(folder.resolve("model.onnx"), EmbeddedModel.modelBytes());
        CommandRun.of("bench", "--model", model).refuses("--pair", "--forward");
        CommandRun.of("bench", "--images", folder.resolve("none")).refuses("none");
        Path file = Files.writeString(folder.resolve("taken"), "a file");
        CommandRun.of("bench", "--dump", file).refuses("name another folder with --dump");
    }

    @Test
    void explainSaysWhereItsTimeGoes() {
        CommandRun run = CommandRun.of(
                "explain",
                "--max-images",
                3,
                "--k",
                4,
                "--tau",
                2,
                "--steps",
                4,
                "--layers",
                "block3",
                "--quiet",
                "--timings",
                "--out",
                folder.resolve("out"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains(" s  report", " s  in all");
        assertThat(run.out().lines()).allMatch(line -> line.matches("\\s*\\d+\\.\\d\\d (s  |GiB resident).*"));
    }
}
