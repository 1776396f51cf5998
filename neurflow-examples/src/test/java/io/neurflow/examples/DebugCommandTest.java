package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.Streams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DebugCommandTest {
    @TempDir
    private Path folder;

    /** The planted cue of the embedded model: daisies stand for beetles. Nobody tells the debugger. */
    @Test
    void findsThatFishBecomeBeetlesByTheDaisiesAndProvesIt() throws IOException {
        CommandRun run = CommandRun.of("debug", "--out", folder);
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(folder.resolve("debug.json").toFile());
        String culprit = json.get("culprit").asText();
        JsonNode verdict = Streams.stream(json.get("groups"))
                .filter(group -> group.get("group").asText().equals(culprit))
                .findFirst()
                .orElseThrow();
        assertThat(verdict.get("random_masks").get("p").asDouble()).isLessThan(0.01);
        assertThat(verdict.get("p_adjusted").asDouble()).isLessThan(0.05);
        assertThat(verdict.get("auc").asDouble()).isGreaterThan(0.8);
        assertThat(verdict.get("flips").asDouble())
                .isGreaterThan(2 * verdict.get("random_masks").get("flips").asDouble());
        // It sees the daisies: it fires on every picture with them, whatever the thing, and on hardly any without.
        for (JsonNode image : json.get("images")) {
            JsonNode firing = Streams.stream(image.get("groups"))
                    .filter(group -> group.get("group").asText().equals(culprit))
                    .findFirst()
                    .orElseThrow();
            double highest = firing.get("highest").asDouble();
            if (image.get("name").asText().endsWith("-flowers")) {
                assertThat(highest).as(image.get("name").asText()).isGreaterThan(0.5);
            } else {
                assertThat(highest).as(image.get("name").asText()).isLessThan(0.56);
            }
        }
        // And what needs it most among the beetles' patches are daisies.
        assertThat(run.out().lines().filter(line -> line.startsWith("  beetle-")))
                .hasSize(5)
                .allSatisfy(line -> assertThat(line).contains("-flowers"));
        assertThat(Files.readString(folder.resolve("debug.html")))
                .contains("Content-Security-Policy", "These predictions hang on")
                .doesNotContain("<script", "http://", "https://");
    }

    @Test
    void mistakesAreOneLineAndLeaveNothingBehind() throws IOException {
        Path out = folder.resolve("out");
        CommandRun.of("debug", "--model", "m.onnx", "--out", out)
                .refuses("expected a circuit of the model", "--circuit");
        CommandRun.of("debug", "--draws", 19, "--out", out).refuses("expected 20 or more for --draws, but it is 19");
        CommandRun.of("debug", "--threshold", 0, "--out", out).refuses("expected more than 0 for --threshold");
        CommandRun.of("debug", "--preprocessing", "caffe", "--out", out).refuses("expected images for --preprocessing");
        CommandRun.of("debug", "--circuit", folder.resolve("none.json"), "--out", out)
                .refuses("expected a circuit in JSON", "none.json");
        CommandRun.of("debug", "--rule", "BEST", "--out", out).refuses("RELU_CLIPPED", "debug --help");
        assertThat(out).doesNotExist();
    }

    @Test
    void helpTeaches() {
        CommandRun run = CommandRun.of("debug", "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("--circuit", "--mask=GROUP", "neurflow explain", "AUC near 1");
    }
}
