package io.neurflow.core.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;

/** What HTML and SVG need alike. */
final class Markup {
    private Markup() {}

    /** Text for element content and for attributes in double quotes. */
    static String escape(String text) {
        return CircuitGraphs.withoutControls(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A file beside this class, with the line ends that a browser hashes. */
    static String resource(String name) {
        try (InputStream in = Markup.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the library's jar");
            }
            return new String(in.readAllBytes(), UTF_8).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How a Content-Security-Policy names an inline block. */
    static String hash(String block) {
        byte[] digest = Hashing.sha256().hashString(block, UTF_8).asBytes();
        return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    }

    static String count(int count, String word) {
        return count + " " + word + (count == 1 ? "" : "s");
    }
}
