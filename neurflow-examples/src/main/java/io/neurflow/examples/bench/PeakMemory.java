package io.neurflow.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The most memory that this process has held so far, native memory included, where the system tells. */
public final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern HIGH_WATER = Pattern.compile("VmHWM:\\s*(\\d+) kB");

    private PeakMemory() {}

    /**
     * The high-water mark of resident memory.
     *
     * @return bytes; empty on systems without {@code /proc}
     */
    public static OptionalLong bytes() {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try {
            Matcher found = HIGH_WATER.matcher(Files.readString(STATUS));
            return found.find() ? OptionalLong.of(Long.parseLong(found.group(1)) << 10) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
