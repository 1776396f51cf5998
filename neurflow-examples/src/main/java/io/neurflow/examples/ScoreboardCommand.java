package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.NeurflowException;
import io.neurflow.core.planted.Scoreboard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Holds our presets and other rankings to networks whose circuit is known. */
@Command(
        name = "scoreboard",
        description = {
            "Measures how well our presets and other rankings find circuits that are known by construction.",
            "Prints a table in Markdown; docs/scoreboard.md says what is in it."
        },
        footer = {
            "%nA quick look, and the table of the documentation:",
            "  neurflow scoreboard --seeds 1",
            "  neurflow scoreboard --csv scoreboard.csv"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ScoreboardCommand implements Callable<Integer> {
    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Networks of each family, with seeds 1 to N. Default: ${DEFAULT-VALUE}.")
    private int seeds;

    @Option(names = "--csv", paramLabel = "FILE", description = "Write the table here too, as comma-separated values.")
    private @Nullable Path csv;

    @Override
    public Integer call() {
        checkArgument(seeds >= 1, "expected 1 or more for --seeds, but it is %s", seeds);
        Scoreboard board = Scoreboard.measure(seeds, family -> System.err.println("measuring " + family));
        System.out.print(board);
        if (csv != null) {
            try {
                Files.writeString(csv, board.csv());
            } catch (IOException e) {
                throw new NeurflowException(
                        "expected to write '" + csv + "', but it cannot be written; check its folder", e);
            }
        }
        return 0;
    }
}
