package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** An option that several commands have is the same in all of them; and every command's help has a line to copy. */
class SharedOptionsTest {
    /** The same meaning, but a list, or another unit: told in the description. */
    private static final Set<String> OF_ANOTHER_TYPE = Set.of("experiment --tau", "report --out");

    /** Defaults that say where a command writes, or how much it takes. */
    private static final Set<String> WITH_DEFAULTS_OF_THEIR_OWN =
            Set.of("--out", "--max-images", "--targets", "--rule");

    private static Map<String, CommandLine> commands() {
        return new TreeMap<>(new CommandLine(Main.class).getSubcommands());
    }

    /** Option by name, then command. */
    private static Map<String, Map<String, OptionSpec>> options() {
        Map<String, Map<String, OptionSpec>> all = new TreeMap<>();
        commands().forEach((name, command) -> command.getCommandSpec().options().forEach(option -> all.computeIfAbsent(
                        option.longestName(), any -> new TreeMap<>())
                .put(name, option)));
        return all;
    }

    @Test
    void optionsOfOneNameTakeTheSameAndHaveTheSameDefault() {
        List<String> wrong = new ArrayList<>();
        options().forEach((name, by) -> {
            Set<String> types = new TreeSet<>();
            Set<String> defaults = new TreeSet<>();
            by.forEach((command, option) -> {
                if (!OF_ANOTHER_TYPE.contains(command + " " + name)) {
                    boolean paths = Set.of("DIR", "PATH").contains(option.paramLabel());
                    types.add((paths ? "DIR" : option.paramLabel()) + " "
                            + option.type().getSimpleName().replace("Integer", "int"));
                    defaults.add(String.valueOf(option.defaultValue()));
                }
            });
            if (types.size() != 1 && !name.equals("--rule")) {
                wrong.add(name + " takes " + types + " in " + by.keySet());
            }
            if (defaults.size() != 1 && !WITH_DEFAULTS_OF_THEIR_OWN.contains(name)) {
                wrong.add(name + " has defaults " + defaults + " in " + by.keySet());
            }
        });
        assertThat(wrong).isEmpty();
    }

    @Test
    void whatAllCommandsOverAModelNeedIsThereInAllOfThem() {
        Map<String, Map<String, OptionSpec>> options = options();
        Map<String, List<String>> needed = Map.of(
                "--model", List.of("explain", "debug", "diff", "layers", "doctor", "experiment", "bench"),
                "--images", List.of("explain", "debug", "diff", "label", "doctor", "experiment", "bench"),
                "--preprocessing", List.of("explain", "debug", "diff", "label", "doctor", "experiment", "bench"),
                "--max-images", List.of("explain", "debug", "diff", "experiment", "bench"),
                "--class", List.of("explain", "doctor", "experiment", "bench"),
                "--layers", List.of("explain", "doctor", "experiment"),
                "--circuit", List.of("debug", "label"),
                "--out", List.of("explain", "debug", "diff", "label", "experiment"),
                "--seed", List.of("explain", "debug", "label", "experiment"),
                "--quiet", List.of("explain", "debug", "diff", "label", "experiment"));
        needed.forEach((option, commands) ->
                assertThat(options.get(option).keySet()).as(option).containsAll(commands));
    }

    @Test
    void helpOfEveryCommandHasAnExampleAndNamesNoOptionThatThereIsNot() {
        commands().forEach((name, command) -> {
            String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
            assertThat(help.lines()).as(name).anyMatch(line -> line.startsWith("  neurflow " + name));
            List<String> examples = help.lines()
                    .filter(line -> line.startsWith("  neurflow "))
                    .flatMap(line -> Stream.of(line.split(" && ")))
                    .map(String::strip)
                    .toList();
            for (String example : examples) {
                List<String> words = List.of(example.replace(" \\", "").split(" "));
                CommandLine called = commands().get(words.get(1));
                assertThat(called).as(example).isNotNull();
                Stream<String> said = words.stream().filter(word -> word.startsWith("--"));
                assertThat(said).as(example).allSatisfy(option -> assertThat(
                                called.getCommandSpec().findOption(option))
                        .as(option)
                        .isNotNull());
            }
        });
    }

    @Test
    void sentencesThatSayTheSameAreTheSame() {
        options().forEach((name, by) -> {
            if (Set.of("--quiet", "--model", "--preprocessing", "--class-names", "--k", "--steps")
                    .contains(name)) {
                assertThat(by.values().stream()
                                .map(option -> String.join(" ", option.description()))
                                .distinct())
                        .as(name)
                        .hasSize(1);
            }
        });
    }
}
