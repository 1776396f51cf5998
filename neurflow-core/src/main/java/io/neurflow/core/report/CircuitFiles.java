package io.neurflow.core.report;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a circuit in all its forms into one folder. */
public final class CircuitFiles {
    private CircuitFiles() {}

    /**
     * Writes {@code circuit.html}, {@code circuit.json}, {@code circuit.svg}, {@code circuit.graphml} and
     * {@code circuit.dot}. Each file appears at
     * once and complete, or not at all.
     *
     * @param folder made if need be; files of these names are replaced
     * @param report how to show the circuit
     * @return the files, in this order
     * @throws NeurflowException if a file cannot be written or a picture cannot be made
     */
    public static ImmutableList<Path> write(Path folder, CircuitReport report) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected a folder to write to, but '" + folder + "' cannot be made (" + e + "); choose another",
                    e);
        }
        ConceptCircuit circuit = report.circuit();
        Path html = folder.resolve("circuit.html");
        Path json = folder.resolve("circuit.json");
        Path svg = folder.resolve("circuit.svg");
        Path graphMl = folder.resolve("circuit.graphml");
        Path dot = folder.resolve("circuit.dot");
        report.write(html);
        CircuitJson.write(circuit, json);
        WholeFile.write(svg, out -> out.write(report.toSvg()));
        WholeFile.write(graphMl, out -> out.write(CircuitGraphs.graphMl(circuit)));
        WholeFile.write(dot, out -> out.write(CircuitGraphs.dot(circuit)));
        return ImmutableList.of(html, json, svg, graphMl, dot);
    }
}
