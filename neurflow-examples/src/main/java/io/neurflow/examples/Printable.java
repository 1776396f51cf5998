package io.neurflow.examples;

import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Text that comes from files and goes to a terminal. */
final class Printable {
    /** A name is not much longer than a line, and there are not many more classes than in ImageNet-21k. */
    private static final int MOST_BYTES = 1 << 24;

    private Printable() {}

    /** One line without characters that a terminal would obey. */
    static String line(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ")
                .replaceAll("[\\p{Cntrl}\u0080-\u009F\u202A-\u202E\u2066-\u2069]", "?");
    }

    /** The same for several lines, each of which stays one. */
    static String lines(String text) {
        return text.lines().map(Printable::line).map(line -> line + "\n").collect(Collectors.joining());
    }

    /** The lines of a UTF-8 file. */
    static List<String> lines(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new NeurflowException("expected a text file with a name on each line, but '" + file
                        + "' has more than " + MOST_BYTES + " bytes; check the file");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .lines()
                    .toList();
        }
    }
}
