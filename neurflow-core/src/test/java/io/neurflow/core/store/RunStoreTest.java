package io.neurflow.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunStoreTest {
    private static final StoreKey KEY = StoreKey.of("test").with("model", "m").with("layer", "l");
    private static final List<double[][]> MATRICES = List.of(
            new double[][] {{1, -0.0, Double.MIN_VALUE}, {Math.PI, 1e300, 3}},
            new double[][] {{0.5f, 0.1f}},
            new double[0][]);

    @TempDir
    Path temporary;

    private final List<String> warnings = new ArrayList<>();

    private RunStore store() {
        return RunStore.at(temporary.resolve("store")).onWarning(warnings::add);
    }

    private Path onlyEntry() throws IOException {
        try (Stream<Path> all = Files.walk(temporary)) {
            return all.filter(file -> file.toString().endsWith(".entry"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void assertSame(List<double[][]> actual, List<double[][]> expected) {
        assertThat(Matrices.toBytes(actual)).isEqualTo(Matrices.toBytes(expected));
        for (int i = 0; i < expected.size(); i++) {
            assertThat(Arrays.deepEquals(actual.get(i), expected.get(i))).isTrue();
        }
    }

    @Test
    void whatIsPutIsFoundBitForBitByAnotherStoreOnTheFolder() {
        store().put(KEY, MATRICES);
        assertSame(store().get(KEY).orElseThrow(), MATRICES);
        assertThat(store().get(KEY.with("more", 1))).isEmpty();
        assertThat(store().size()).isPositive();
        store().clear();
        assertThat(store().get(KEY)).isEmpty();
        assertThat(store().size()).isZero();
        assertThat(warnings).isEmpty();
    }

    @Test
    void fieldsThatRunTogetherHaveDifferentDigests() {
        assertThat(Stream.of(
                                StoreKey.of("a").with("b", "cd"),
                                StoreKey.of("a").with("bc", "d"),
                                StoreKey.of("ab").with("", "cd"),
                                StoreKey.of("a").with("b", "c").with("d", ""),
                                StoreKey.of("a"))
                        .map(StoreKey::digest))
                .doesNotHaveDuplicates()
                .allMatch(digest -> digest.matches("[0-9a-f]{64}"));
    }

    @Test
    void everySingleFlippedByteIsNoticedAndReplaced() throws IOException {
        store().put(KEY, MATRICES);
        Path entry = onlyEntry();
        byte[] whole = Files.readAllBytes(entry);
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x10;
            assertThat(Entry.open(KEY.hash().asBytes(), damaged))
                    .as("byte " + i)
                    .isEmpty();
        }
        whole[whole.length / 2] ^= 1;
        Files.write(entry, whole);
        assertThat(store().get(KEY)).isEmpty();
        assertThat(warnings).singleElement().asString().contains("damaged").contains(entry.toString());
        store().put(KEY, MATRICES);
        assertSame(store().get(KEY).orElseThrow(), MATRICES);
    }

    @Test
    void aTruncatedEntryOrOneOfAnotherKeyIsNotThere() throws IOException {
        store().put(KEY, MATRICES);
        byte[] whole = Files.readAllBytes(onlyEntry());
        for (int length = 0; length < whole.length; length++) {
            assertThat(Entry.open(KEY.hash().asBytes(), Arrays.copyOf(whole, length)))
                    .as("%s bytes", length)
                    .isEmpty();
        }
        assertThat(Entry.open(KEY.hash().asBytes(), Arrays.copyOf(whole, whole.length + 1)))
                .isEmpty();
        assertThat(Entry.open(StoreKey.of("other").hash().asBytes(), whole)).isEmpty();
        assertThat(Entry.open(KEY.hash().asBytes(), whole)).isPresent();
    }

    @Test
    void aReaderNeverSeesAHalfWhileOthersWrite() throws Exception {
        double[][] large = new double[200][300];
        for (int i = 0; i < large.length; i++) {
            Arrays.fill(large[i], i + 0.1);
        }
        List<double[][]> content = new ArrayList<>();
        content.add(large);
        store().put(KEY, content);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                RunStore mine = RunStore.at(temporary.resolve("store"));
                work.add(() -> {
                    for (int i = 0; i < 20; i++) {
                        mine.put(KEY, content);
                    }
                    return true;
                });
            }
            RunStore reader = RunStore.at(temporary.resolve("store"));
            work.add(() -> {
                boolean always = true;
                for (int i = 0; i < 60; i++) {
                    always &= reader.get(KEY).isPresent();
                }
                return always;
            });
            for (var done : threads.invokeAll(work)) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            threads.shutdown();
        }
        try (Stream<Path> all = Files.walk(temporary)) {
            assertThat(all.filter(file -> file.toString().endsWith(".tmp"))).isEmpty();
        }
    }

    @Test
    void halvesOfDeadProcessesGoAfterADayAndStrangersFilesStay() throws IOException {
        store().put(KEY, MATRICES);
        Path entry = onlyEntry();
        Path old = Files.write(entry.resolveSibling(entry.getFileName() + ".old.tmp"), new byte[3]);
        Path young = Files.write(entry.resolveSibling(entry.getFileName() + ".young.tmp"), new byte[3]);
        Path stranger = Files.write(entry.resolveSibling("letter.tmp"), new byte[3]);
        for (Path file : List.of(old, stranger)) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        }
        store();
        assertThat(old).doesNotExist();
        assertThat(young).exists();
        store().clear();
        assertThat(young).doesNotExist();
        assertThat(stranger).exists();
    }

    @Test
    void whatIsNoStoreIsRefused() throws IOException {
        Path letters = Files.createDirectory(temporary.resolve("letters"));
        Path letter = Files.writeString(letters.resolve("letter.txt"), "Dear");
        assertThatThrownBy(() -> RunStore.at(letters))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("letter.txt");
        assertThatThrownBy(() -> RunStore.at(letter))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("is a file");
        store();
        Files.writeString(temporary.resolve("store").resolve("neurflow-store"), "neurflow-store 2\n");
        assertThatThrownBy(this::store).isInstanceOf(NeurflowException.class).hasMessageContaining("neurflow-store 2");
    }

    @Test
    void aDiskThatTakesNothingIsAWarning() throws IOException {
        RunStore store = store();
        Files.writeString(temporary.resolve("store").resolve(KEY.digest().substring(0, 2)), "in the way");
        store.put(KEY, MATRICES);
        assertThat(warnings).singleElement().asString().contains("cannot store");
    }

    @Test
    void matricesThatLieAboutTheirSizeAreRefused() {
        byte[] bytes = Matrices.toBytes(MATRICES);
        for (int i = 0; i < 24; i++) {
            byte[] lying = bytes.clone();
            lying[i] ^= 0x40;
            assertThatThrownBy(() -> Matrices.ofBytes(lying)).isInstanceOf(NeurflowException.class);
        }
        assertThatThrownBy(() -> Matrices.toBytes(List.<double[][]>of(new double[][] {{1}, {1, 2}})))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
