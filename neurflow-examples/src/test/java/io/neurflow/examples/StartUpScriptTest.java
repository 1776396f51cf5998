package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.reflect.ClassPath;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** jshell/neurflow.jsh runs, brings every part of the library, and leaves no name ambiguous. */
class StartUpScriptTest {
    private static final Path SCRIPT = Path.of("jshell/neurflow.jsh");

    @Test
    void oneClassOfEachPackageCanBeUsedByItsName() throws IOException {
        try (ShellSession shell = ShellSession.started()) {
            Map<String, String> uses = Map.ofEntries(
                    Map.entry("ConfidenceRule.RELU_CLIPPED", "RELU_CLIPPED"),
                    Map.entry("CircuitDiff.TOLERANCE", "0.01"),
                    Map.entry("ModelDoctor.of(EmbeddedModel.graph()).look().findings().isEmpty()", "true"),
                    Map.entry("Ablation.ZERO", "ZERO"),
                    Map.entry("new StatisticsLabeler().name()", "\"image statistics\""),
                    Map.entry("KerasImporter.class.getSimpleName()", "\"KerasImporter\""),
                    Map.entry("Dl4jImporter.class.getSimpleName()", "\"Dl4jImporter\""),
                    Map.entry("SameDiffImporter.class.getSimpleName()", "\"SameDiffImporter\""),
                    Map.entry("Fidelity.class.getSimpleName()", "\"Fidelity\""),
                    Map.entry("Rivals.class.getSimpleName()", "\"Rivals\""),
                    Map.entry("RunStore.class.getSimpleName()", "\"RunStore\""),
                    Map.entry("NotebookView.class.getSimpleName()", "\"NotebookView\""),
                    Map.entry("Finding.class.getName()", "\"io.neurflow.core.doctor.Finding\""),
                    Map.entry("Preset.PAPER", "PAPER"));
            uses.forEach((use, value) -> assertThat(shell.run(use)).as(use).hasValue(value));
        }
    }

    @Test
    void namesThatTwoPackagesHaveAreSettledByAnImportOfTheirOwn() throws IOException {
        List<String> imports = Files.readAllLines(SCRIPT).stream()
                .filter(line -> line.startsWith("import "))
                .map(line -> line.substring("import ".length(), line.length() - 1))
                .toList();
        Map<String, Set<String>> packagesOf = new TreeMap<>();
        Set<String> settled = new TreeSet<>();
        ClassPath classes = ClassPath.from(StartUpScriptTest.class.getClassLoader());
        for (String line : imports) {
            if (!line.endsWith(".*")) {
                settled.add(line.substring(line.lastIndexOf('.') + 1));
                continue;
            }
            String name = line.substring(0, line.length() - 2);
            Set<String> known = new TreeSet<>();
            classes.getTopLevelClasses(name).forEach(type -> {
                if (Modifier.isPublic(type.load().getModifiers())) {
                    known.add(type.getSimpleName());
                }
            });
            assertThat(name.startsWith("java.") || !known.isEmpty()).as(name).isTrue();
            known.forEach(type ->
                    packagesOf.computeIfAbsent(type, any -> new TreeSet<>()).add(name));
        }
        // of the platform's packages, those names that we have, too
        for (String name : List.of("java.util", "java.nio.file")) {
            packagesOf.forEach((type, packages) -> {
                try {
                    Class.forName(name + "." + type);
                    packages.add(name);
                } catch (ClassNotFoundException e) {
                    // no such name there
                }
            });
        }
        packagesOf.entrySet().removeIf(entry -> entry.getValue().size() == 1);
        assertThat(settled).containsAll(packagesOf.keySet());
        assertThat(packagesOf.keySet()).contains("Finding");
    }
}
