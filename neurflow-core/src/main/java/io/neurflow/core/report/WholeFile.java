package io.neurflow.core.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file so that a reader sees the old one or the new one, never a half: a temporary file, then a rename. */
final class WholeFile {
    private WholeFile() {}

    /** What produces the text. */
    @FunctionalInterface
    interface Body {
        void writeTo(Writer out) throws IOException;
    }

    /** What fills an empty file. */
    @FunctionalInterface
    private interface Filling {
        void fill(Path file) throws IOException;
    }

    static void write(Path file, Body body) {
        put(file, half -> {
            try (Writer out = Files.newBufferedWriter(half, UTF_8, StandardOpenOption.CREATE_NEW)) {
                body.writeTo(out);
            }
        });
    }

    static void write(Path file, byte[] bytes) {
        put(file, half -> Files.write(half, bytes, StandardOpenOption.CREATE_NEW));
    }

    private static void put(Path file, Filling filling) {
        Path target = file.toAbsolutePath();
        Path half = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            filling.fill(half);
            rename(half, target);
        } catch (IOException e) {
            throw new NeurflowException(
                    "cannot write " + file + " (" + e + "): choose a folder that can be written to", e);
        } finally {
            delete(half);
        }
    }

    private static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void delete(Path half) {
        try {
            Files.deleteIfExists(half);
        } catch (IOException e) {
            half.toFile().deleteOnExit();
        }
    }
}
