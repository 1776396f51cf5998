package io.neurflow.core.golden;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A golden case: numbers that a slow reading of the paper in Python (float64) produced, in files beside a case.json that
 * says from what. The cases "tiny-paper", "tiny-authors-code" and "preprocessing" hold drawn pictures and a toy network and
 * travel with the sources; those on real models are read from the data folder that NEURFLOW_DATA names.
 */
public record GoldenCase(Path folder) {
    public static GoldenCase tiny(String name) {
        URL url = GoldenCase.class.getResource("/golden/" + name + "/case.json");
        try {
            return new GoldenCase(Path.of(url.toURI()).getParent());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A case on a real model; without NEURFLOW_DATA the test that asks is skipped, with a line that says so. */
    public static GoldenCase real(String name) {
        return new GoldenCase(data().resolveSibling("golden").resolve(name));
    }

    /** The folder of real weights and photographs; without NEURFLOW_DATA the test that asks is skipped. */
    public static Path data() {
        String variable = System.getenv("NEURFLOW_DATA");
        if (variable == null || variable.isBlank()) {
            return abort("skipped: needs real weights and photographs; set NEURFLOW_DATA to their folder");
        }
        // Maven runs tests in the module's folder, but people set the variable where they start Maven.
        Path root = Path.of("").toAbsolutePath();
        Path folder = root.resolve(variable).normalize();
        if (!Files.isDirectory(folder)) {
            folder = root.getParent().resolve(variable).normalize();
        }
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException("NEURFLOW_DATA is " + variable + ", but there is no such folder");
        }
        return folder;
    }

    public Npy array(String name) {
        return Npy.read(folder.resolve(name + ".npy"));
    }

    public JsonNode json(String name) {
        try {
            return new ObjectMapper().readTree(folder.resolve(name + ".json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
