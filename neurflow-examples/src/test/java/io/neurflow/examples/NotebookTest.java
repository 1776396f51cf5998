package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The notebook runs cell by cell in JShell, where results show as text. */
class NotebookTest {
    private static final Path NOTEBOOK = Path.of("notebook/circuit-of-the-beetle.ipynb");

    @Test
    void everyCellRunsAndTheDaisiesAreFound() throws IOException {
        PrintStream out = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        List<String> values = new ArrayList<>();
        try (ShellSession shell = ShellSession.bare()) {
            System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
            for (JsonNode cell : cells()) {
                if (cell.get("cell_type").asText().equals("code")) {
                    shell.run(source(cell)).ifPresent(values::add);
                }
            }
        } finally {
            System.setOut(out);
        }
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("concept circuit of fc#0")
                .contains("these predictions hang on block3/")
                .contains("certificate for the circuit of fc#0: better than random")
                .contains("intervals of 95 % from 200 draws of the images");
        assertThat(values).anyMatch(value -> value.contains("white"));
    }

    @Test
    void noOutputIsStored() throws IOException {
        for (JsonNode cell : cells()) {
            if (cell.get("cell_type").asText().equals("code")) {
                assertThat(cell.get("outputs")).isEmpty();
                assertThat(cell.get("execution_count").isNull()).isTrue();
            }
        }
    }

    private static JsonNode cells() throws IOException {
        JsonNode cells = new ObjectMapper().readTree(NOTEBOOK.toFile()).get("cells");
        assertThat(cells).hasSizeGreaterThan(10);
        return cells;
    }

    private static String source(JsonNode cell) {
        StringBuilder source = new StringBuilder();
        cell.get("source").forEach(line -> source.append(line.asText()));
        return source.append('\n').toString();
    }
}
