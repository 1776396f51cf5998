package io.neurflow.examples.ownprobe;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.testkit.ModelProbeContract;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/write-a-probe.md quotes stands in the sources, and the tests that it explains are there. */
class DocumentedSnippetsTest {
    private static final Pattern SNIPPET = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("`([a-z]\\w{20,})(\\.\\.\\.)?(\\w*)(?:\\(s\\))?`");

    @Test
    void everySnippetIsQuotedFromATestedSource() throws IOException {
        List<String> sources = new ArrayList<>();
        for (String folder : List.of("src/main/java", "src/test/java")) {
            try (Stream<Path> files = Files.list(Path.of(folder, "io/neurflow/examples/ownprobe"))) {
                for (Path file : files.toList()) {
                    sources.add(plain(Files.readString(file)));
                }
            }
        }
        Matcher m = SNIPPET.matcher(page());
        int count = 0;
        for (; m.find(); count++) {
            String snippet = plain(Objects.requireNonNull(m.group(1)));
            assertThat(sources).as(snippet).anyMatch(source -> source.contains(snippet));
        }
        assertThat(count).isGreaterThanOrEqualTo(7);
    }

    @Test
    void everyTestOfTheContractThatThePageNamesExists() throws IOException {
        List<String> tests = new ArrayList<>();
        for (Class<?> c = ModelProbeContract.class; c != null; c = c.getSuperclass()) {
            for (Method method : c.getDeclaredMethods()) {
                tests.add(method.getName());
            }
        }
        Matcher m =
                NAME.matcher(page().lines().filter(line -> line.startsWith("|")).collect(Collectors.joining("\n")));
        int count = 0;
        for (; m.find(); count++) {
            String start = Objects.requireNonNull(m.group(1));
            assertThat(tests).as(start).anyMatch(test -> test.startsWith(start));
        }
        assertThat(count).isGreaterThan(10);
    }

    private static String page() throws IOException {
        return Files.readString(Path.of("..", "docs", "write-a-probe.md"));
    }

    private static String plain(String code) {
        return code.replaceAll("\\s+", " ").strip();
    }
}
