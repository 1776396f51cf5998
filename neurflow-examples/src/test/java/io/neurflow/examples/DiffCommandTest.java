package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.Streams;
import io.neurflow.examples.embedded.DrawnWorld;
import io.neurflow.examples.embedded.Thing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffCommandTest {
    @TempDir
    private Path folder;

    private Path explain(String name, Object... more) {
        List<Object> options = List.of(
                "explain", "--layers", "block3", "--max-images", 4, "--k", 8, "--tau", 4, "--steps", 5, "--quiet");
        CommandRun run = CommandRun.of(
                options,
                Streams.concat(List.of(more).stream(), List.<Object>of("--out", folder.resolve(name)).stream())
                        .toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return folder.resolve(name).resolve("circuit.json");
    }

    @Test
    void twoPresetsAndTwoClassesAreComparedOrRefused() throws IOException {
        Path ours = explain("ours");
        Path paper = explain("paper", "--preset", "PAPER");
        Path fish = explain("fish", "--class", Thing.FISH.index());
        Path out = folder.resolve("out");

        CommandRun same = CommandRun.of("diff", ours, ours, "--out", out);
        assertThat(same.code()).as(same.err()).isZero();
        assertThat(same.out()).contains("0 only before, 0 only after").contains("0 differ");
        assertThat(read(out).get("empty").asBoolean()).isTrue();

        CommandRun presets = CommandRun.of("diff", paper, ours, "--out", out);
        assertThat(presets.code()).as(presets.err()).isZero();
        assertThat(presets.out()).contains("preset: PAPER | RECOMMENDED", "rule: RIEMANN_RIGHT | GAUSS_LEGENDRE");
        assertThat(out.resolve("diff.html"))
                .content()
                .contains("Content-Security-Policy")
                .doesNotContain("<script");

        assertThat(presets.out()).contains("no confidence intervals", "explain --intervals");

        explain("drawn", "--intervals");
        explain("again", "--preset", "PAPER", "--intervals");
        CommandRun sure = CommandRun.of("diff", folder.resolve("drawn"), folder.resolve("again"), "--out", out);
        assertThat(sure.code()).as(sure.err()).isZero();
        assertThat(sure.out()).contains("intervals of 95 % from 200 draws of the images (seed 1)");
        for (JsonNode edge : read(out).get("edges")) {
            boolean clear = edge.get("difference_low").asDouble() > 0
                    || edge.get("difference_high").asDouble() < 0;
            assertThat(edge.get("kind").asText())
                    .isIn(clear ? List.of("added", "lost", "reweighted", "kept") : List.of("unclear", "kept"));
        }

        Path never = folder.resolve("never");
        CommandRun.of("diff", ours, fish, "--out", never).refuses("expected circuits of the same images", "--images");
        assertThat(never).doesNotExist();
        CommandRun.of("diff", ours, folder.resolve("none.json"), "--out", never).refuses("none.json");
        CommandRun.of("diff", ours, "--out", never).refuses("AFTER", "diff --help");

        Path pictures = Files.createDirectories(folder.resolve("pictures"));
        for (Thing thing : List.of(Thing.BEETLE, Thing.FISH)) {
            for (var picture : DrawnWorld.seeded(5).natural(thing, 2)) {
                javax.imageio.ImageIO.write(
                        picture.image(),
                        "png",
                        pictures.resolve(picture.name() + ".png").toFile());
            }
        }
        CommandRun classes = CommandRun.of("diff", ours, fish, "--images", pictures, "--out", out);
        assertThat(classes.code()).as(classes.err()).isZero();
        assertThat(classes.out()).contains("class neuron: fc#0 | fc#2", "rank correlation of M");
    }

    private static JsonNode read(Path out) throws IOException {
        return new ObjectMapper().readTree(out.resolve("diff.json").toFile());
    }
}
