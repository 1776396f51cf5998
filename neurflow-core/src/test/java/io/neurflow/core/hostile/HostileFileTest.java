package io.neurflow.core.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.common.hash.Hashing;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Files from strangers: a reader returns or refuses with a {@link NeurflowException}, soon, and takes memory in proportion to
 * the file. {@code -Dneurflow.hostile.tries=100000} makes a long run of it ({@code -Dneurflow.hostile.seed=…} another one,
 * {@code -Dneurflow.hostile.format=png} of one format, {@code -Dneurflow.hostile.native=true} with ND4J's engine on accepted
 * models); what it finds is kept in {@code target/hostile}. Finds of former runs stand in {@code src/test/resources/hostile}.
 */
class HostileFileTest {
    private static final int TRIES = Integer.getInteger("neurflow.hostile.tries", 25);
    private static final long SEED = Long.getLong("neurflow.hostile.seed", 0);
    private static final String ONLY = System.getProperty("neurflow.hostile.format", "");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Property(tries = 8, seed = "20250422", shrinking = ShrinkingMode.OFF)
    void harmedFilesAreReadOrRefused(@ForAll long seed) throws IOException {
        for (Format format : Format.all()) {
            if (ONLY.isEmpty() || ONLY.equals(format.name())) {
                for (int i = 0; i < TRIES; i++) {
                    withstands(format, harmed(format, new Random(seed + SEED + 31L * i)));
                }
            }
        }
    }

    static byte[] harmed(Format format, Random random) {
        byte[] seed = format.seeds().get(random.nextInt(format.seeds().size()));
        byte[] knowing = format.repair().apply(seed, random);
        boolean blind = random.nextInt(4) == 0 || (knowing == seed && random.nextBoolean());
        byte[] harmed =
                blind || knowing == seed ? new Mutator(random).apply(seed, format.seeds(), format.words()) : knowing;
        return blind ? harmed : format.repair().apply(harmed, random);
    }

    @TestFactory
    Stream<DynamicTest> formerFindsStayFound() throws IOException {
        Path folder = Path.of("src/test/resources/hostile");
        try (Stream<Path> finds = Files.list(folder)) {
            return finds.sorted().toList().stream()
                    .filter(file -> !file.toString().endsWith(".md"))
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                        String name = file.getFileName().toString();
                        withstands(Format.named(name.substring(name.indexOf('.') + 1)), Files.readAllBytes(file));
                    }));
        }
    }

    @Test
    void theSeedsAreValid() throws IOException {
        for (Format format : Format.all()) {
            for (byte[] seed : format.seeds()) {
                Path folder = Files.createTempDirectory("hostile");
                Path file = Files.write(folder.resolve("file." + format.name()), seed);
                format.reader().read(file);
                Format.delete(folder);
            }
        }
    }

    static void withstands(Format format, byte[] bytes) throws IOException {
        Path folder = Files.createTempDirectory("hostile");
        try {
            Path file = Files.write(folder.resolve("file." + format.name()), bytes);
            long[] allocated = new long[1];
            assertTimeoutPreemptively(PATIENCE, () -> {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                try {
                    format.reader().read(file);
                } catch (NeurflowException e) {
                    assertThat(e.getMessage()).hasSizeLessThan(1 << 15).doesNotContain("\u001b", "\n");
                }
                allocated[0] = THREADS.getCurrentThreadAllocatedBytes() - before;
            });
            assertThat(allocated[0])
                    .as("bytes of memory for a file of %s", bytes.length)
                    .isLessThan(Format.FREE + format.perByte() * bytes.length);
        } catch (Throwable e) {
            Path find = Path.of("target/hostile")
                    .resolve(Hashing.sha256().hashBytes(bytes).toString().substring(0, 8) + "." + format.name());
            Files.createDirectories(find.getParent());
            Files.write(find, bytes);
            fail(find + ": " + e, e);
        } finally {
            Format.delete(folder);
        }
    }
}
