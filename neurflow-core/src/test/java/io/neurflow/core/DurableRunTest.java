package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.store.RunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is killed, damaged, cancelled or doubled ends with the bytes of one that was left in peace. */
class DurableRunTest {
    private static final long SEED = 77;
    private static final long PATIENCE_SECONDS = 120;

    private static String peaceful = "";

    @TempDir
    Path temporary;

    @BeforeAll
    static void runInPeaceWithoutAStore() {
        peaceful = StoredRun.json(Optional.empty(), ProgressListener.NONE);
    }

    private Process start(String store, String out) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        classPath,
                        StoredRun.class.getName(),
                        temporary.resolve(store).toString(),
                        temporary.resolve(out).toString())
                .redirectErrorStream(true)
                .redirectOutput(temporary.resolve(out + ".log").toFile())
                .start();
    }

    private void finish(Process process, String out) throws Exception {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(temporary.resolve(out + ".log")))
                .isZero();
        assertThat(Files.readString(temporary.resolve(out))).isEqualTo(peaceful);
    }

    private List<Path> entries(String store) throws IOException {
        if (!Files.exists(temporary.resolve(store))) {
            return List.of();
        }
        try (Stream<Path> all = Files.find(
                temporary.resolve(store), 2, (file, about) -> file.toString().endsWith(".entry"))) {
            return all.sorted().toList();
        }
    }

    @Test
    void killedThreeTimesAndStartedAgainItEndsWithTheSameBytes() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        int most = 0;
        for (int kill = 0; kill < 3; kill++) {
            Process victim = start("killed", "killed.json");
            int wanted = most + 1 + random.nextInt(2);
            while (victim.isAlive() && entries("killed").size() < wanted) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(60));
            victim.destroyForcibly().waitFor();
            assertThat(temporary.resolve("killed.json")).doesNotExist();
            most = entries("killed").size();
            assertThat(most).isGreaterThanOrEqualTo(wanted);
        }
        finish(start("killed", "killed.json"), "killed.json");
        assertThat(entries("killed").size()).isGreaterThan(most);
    }

    @Test
    void twoProcessesOnOneStoreBothEndWithTheSameBytes() throws Exception {
        Process one = start("shared", "one.json");
        Process two = start("shared", "two.json");
        finish(one, "one.json");
        finish(two, "two.json");
    }

    @Test
    void aDamagedEntryIsNoticedComputedAgainAndReplaced() throws IOException {
        List<String> warnings = new ArrayList<>();
        RunStore store = RunStore.at(temporary.resolve("damaged")).onWarning(warnings::add);
        assertThat(StoredRun.json(Optional.of(store), ProgressListener.NONE)).isEqualTo(peaceful);
        SplittableRandom random = new SplittableRandom(SEED + 1);
        List<Path> entries = entries("damaged");
        Path victim = entries.get(random.nextInt(entries.size()));
        byte[] whole = Files.readAllBytes(victim);
        byte[] damaged = whole.clone();
        damaged[random.nextInt(damaged.length)] ^= 4;
        Files.write(victim, damaged);
        assertThat(StoredRun.json(Optional.of(store), ProgressListener.NONE)).isEqualTo(peaceful);
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains(victim.getFileName().toString());
        assertThat(Files.readAllBytes(victim)).isEqualTo(whole);
    }

    @Test
    void cancelledItKeepsWhatIsStoredAndSaysWhatItReuses() throws IOException {
        RunStore store = RunStore.at(temporary.resolve("cancelled"));
        assertThatThrownBy(() -> StoredRun.json(Optional.of(store), progress -> {
                    if (progress.stage().contains("block2") && progress.done() > 0) {
                        throw new CancellationException("enough");
                    }
                }))
                .isInstanceOf(CancellationException.class);
        int kept = entries("cancelled").size();
        assertThat(kept).isGreaterThanOrEqualTo(4);
        List<Progress> heard = new ArrayList<>();
        assertThat(StoredRun.json(Optional.of(store), heard::add)).isEqualTo(peaceful);
        assertThat(heard)
                .filteredOn(progress -> progress.stage().startsWith("activations"))
                .last()
                .satisfies(progress -> assertThat(progress.reused()).isEqualTo(progress.total()));
        assertThat(entries("cancelled").size()).isGreaterThan(kept);
    }
}
