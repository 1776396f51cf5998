package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What an experiment gives. */
public interface ExperimentResult {
    /**
     * A short name, fit for files.
     *
     * @return such as {@code weight-loss-correlation}
     */
    String name();

    /**
     * What was asked, and how.
     *
     * @return a sentence or two, with the seed and all that decides the figures
     */
    String question();

    /**
     * The figures.
     *
     * @return a table
     */
    ResultTable table();

    /**
     * The plots.
     *
     * @return one or more
     */
    ImmutableList<Chart> charts();

    /**
     * Question and table for a document.
     *
     * @return Markdown, with a heading of the second level
     */
    default String markdown() {
        return "## " + name() + "\n\n" + question() + "\n\n" + table().markdown();
    }

    /**
     * Writes {@code NAME.csv}, and {@code NAME.svg} and {@code NAME.png} for each plot, numbered if there are several.
     *
     * @param folder where, which is there
     * @return the files
     */
    default ImmutableList<Path> write(Path folder) {
        ImmutableList.Builder<Path> files = ImmutableList.builder();
        Path csv = folder.resolve(name() + ".csv");
        try {
            Files.writeString(csv, table().csv());
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected to write '" + csv + "', but it cannot be written; check its folder", e);
        }
        files.add(csv);
        for (int i = 0; i < charts().size(); i++) {
            String number = charts().size() == 1 ? "" : "-" + (i + 1);
            for (String suffix : new String[] {".svg", ".png"}) {
                Path file = folder.resolve(name() + number + suffix);
                charts().get(i).write(file);
                files.add(file);
            }
        }
        return files.build();
    }
}
