package io.neurflow.core;

import com.google.common.io.Resources;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** The version of Neurflow that is running, as the build wrote it down. */
public final class LibraryVersion {
    private LibraryVersion() {}

    /**
     * The version.
     *
     * @return such as {@code 0.1.0}
     */
    public static String current() {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(Resources.toString(
                    Resources.getResource(LibraryVersion.class, "version.properties"), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "unknown");
    }
}
