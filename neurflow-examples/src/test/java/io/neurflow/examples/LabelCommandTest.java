package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.neurflow.core.label.LabelsJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelCommandTest {
    @TempDir
    private Path folder;

    @Test
    void labelsTheEmbeddedModelsCircuitWithoutANetworkAndAuditsThem() throws IOException {
        Path out = folder.resolve("labels");
        CommandRun run = CommandRun.of("label", "--audit", "--questions", 2, "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("labels by image statistics", "odd one out of 5 by image statistics", "wrote ");
        // Nobody was asked, so that there is nothing to pay.
        assertThat(run.out()).doesNotContain(" requests");
        JsonNode json = new ObjectMapper().readTree(out.resolve("labels.json").toFile());
        assertThat(json.get("labels")).isNotEmpty();
        assertThat(json.get("audit").get("summary").get("asked").asInt()).isPositive();
        assertThat(LabelsJson.read(out.resolve("labels.json")).labels())
                .hasSameSizeAs(json.get("labels").findValues("caption"));
        try (var sheets = Files.list(out.resolve("sheets"))) {
            assertThat(sheets).hasSize(json.get("labels").size()).allMatch(file -> file.toString()
                    .endsWith(".png"));
        }
    }

    @Test
    void aDryRunWritesTheSheetsAndAsksNobody() {
        Path out = folder.resolve("dry");
        CommandRun run = CommandRun.of(
                "label",
                "--labeler",
                "openai",
                "--language-model",
                "tiny",
                "--base-url",
                "http://localhost:9/v1",
                "--audit",
                "--dry-run",
                "--out",
                out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains(" captions, ", " formations, at most ", " questions of the audit");
        assertThat(out.resolve("sheets")).isDirectory();
        assertThat(out.resolve("labels.json")).doesNotExist();
    }

    @Test
    void mistakesAreOneLineAndLeaveNothingBehind() throws IOException {
        Path out = folder.resolve("out");
        CommandRun.of("label", "--patches", 0, "--out", out).refuses("expected 1 to 100 for --patches, but it is 0");
        CommandRun.of("label", "--choices", 1, "--out", out).refuses("expected 2 to 20 for --choices, but it is 1");
        CommandRun.of("label", "--questions", 0, "--out", out).refuses("expected 1 or more for --questions");
        CommandRun.of("label", "--below", -1, "--out", out).refuses("expected 0 or more for --below");
        CommandRun.of("label", "--labeler", "guess", "--out", out).refuses("STATISTICS", "label --help");
        CommandRun.of("label", "--folders", folder, "--out", out).refuses("expected --labeler names for --folders");
        CommandRun.of("label", "--images", folder, "--out", out).refuses("name it with --circuit");
        CommandRun.of("label", "--language-model", "gpt", "--out", out)
                .refuses("expected --labeler openai for the options");
        CommandRun.of("label", "--labeler", "openai", "--out", out)
                .refuses("expected a language model", "--language-model");
        CommandRun.of("label", "--labeler", "openai", "--language-model", "m", "--prices", "free", "--out", out)
                .refuses("expected two prices parted by a comma for --prices", "free");
        CommandRun.of("label", "--circuit", folder.resolve("none.json"), "--out", out)
                .refuses("expected a circuit in JSON", "none.json");
        Path wrong = Files.writeString(folder.resolve("labels.json"), "{\"format\": \"neurflow-labels\"}");
        CommandRun.of("label", "--circuit", wrong, "--out", out).refuses("labels.json");
        assertThat(out).doesNotExist();
    }

    @Test
    void helpTeaches() {
        CommandRun run = CommandRun.of("label", "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("--audit", "--dry-run", "OPENAI_API_KEY", "statistics", "Names of files");
    }
}
