package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentCommandTest {
    @TempDir
    private Path folder;

    @Test
    void runsWhatIsChosenOnTheEmbeddedModelAndWritesTablesAndPlots() throws IOException {
        CommandRun run = CommandRun.of(
                "experiment",
                "--only",
                "fidelity,overlap,crops",
                "--layers",
                "block3",
                "--tau",
                "4,8",
                "--k",
                "20",
                "--max-images",
                "10",
                "--out",
                folder);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(folder.resolve("experiments.md"))
                .content()
                .contains("## fidelity", "## ranking-overlap", "## crop-shares", "](fidelity-4.svg)", "judged on")
                .doesNotContain("## optimality");
        assertThat(Files.readAllLines(folder.resolve("fidelity.csv"))).hasSize(1 + 2 * 4);
        for (String file : new String[] {"fidelity-1.png", "ranking-overlap.svg", "crop-shares.svg"}) {
            assertThat(folder.resolve(file)).isNotEmptyFile();
        }
        assertThat(run.out()).contains("wrote " + folder.resolve("crop-shares.csv"));
    }

    @Test
    void attributionsAreHeldAgainstEachOther() throws IOException {
        CommandRun run = CommandRun.of(
                "experiment",
                "--only",
                "attributions",
                "--layers",
                "block3",
                "--tau",
                "4",
                "--k",
                "10",
                "--targets",
                "2",
                "--max-images",
                "4",
                "--out",
                folder);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(Files.readAllLines(folder.resolve("attribution-choices.csv")))
                .hasSize(1 + 12)
                .anyMatch(line -> line.startsWith("fc <- block3,LRP-z+,4,2,"))
                .anyMatch(line -> line.startsWith("fc <- block3,knockoffs,4,2,"));
        assertThat(folder.resolve("attribution-choices-2.svg")).isNotEmptyFile();
    }

    @Test
    void mistakesAreOneLineAndSayWhatToDo() {
        CommandRun.of("experiment", "--model", "m.onnx", "--out", folder)
                .refuses("expected a folder of photographs", "--images");
        CommandRun.of("experiment", "--sets", "19", "--out", folder).refuses("expected 20 or more for --sets");
        CommandRun.of("experiment", "--max-images", "40", "--only", "crops", "--out", folder)
                .refuses("so that some are held out", "--held-out");
        CommandRun.of("experiment", "--only", "everything").refuses("everything");
    }

    @Test
    void helpSaysWhatThereIsToChoose() {
        CommandRun run = CommandRun.of("experiment", "--help");
        assertThat(run.out()).contains("KNOCK_OUTS", "Fig. 5, 16", "Table 4", "A session with a model of your own");
    }
}
