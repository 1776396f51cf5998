package io.neurflow.examples;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeurflowException;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What classes are called. */
final class ClassNamesOption {
    @Option(
            names = "--class-names",
            paramLabel = "FILE",
            description = "A UTF-8 text file with the name of one class on each line.")
    private @Nullable Path file;

    /** Names in the order of the logits; for the embedded model its own, else none unless a file says them. */
    ImmutableList<String> names(boolean embedded) {
        if (file == null) {
            return embedded ? EmbeddedModel.classNames() : ImmutableList.of();
        }
        try {
            return Printable.lines(file).stream().map(String::strip).collect(ImmutableList.toImmutableList());
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected a UTF-8 text file for --class-names, but '" + file + "' "
                            + (Files.exists(file) ? "cannot be read as one" : "does not exist") + "; check the file",
                    e);
        }
    }

    /** The name of one class; empty if no names are known. */
    Optional<String> name(int classIndex, boolean embedded) {
        ImmutableList<String> names = names(embedded);
        if (file == null && names.isEmpty()) {
            return Optional.empty();
        }
        String name = classIndex < names.size() ? names.get(classIndex) : "";
        if (name.isEmpty()) {
            throw new NeurflowException("expected the name of class " + classIndex + " on line " + (classIndex + 1)
                    + " of '" + file + "', but "
                    + (classIndex < names.size() ? "that line is empty" : "it has only " + names.size() + " lines")
                    + "; give it one line for each class");
        }
        return Optional.of(Printable.line(name));
    }
}
