package io.neurflow.core.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A whole {@link ConceptCircuit} as one JSON document, {@code "format": "neurflow-circuit", "version": 1} (2 if it has a
 * certificate), described by the schema {@code circuit.schema.json} beside this class.
 *
 * <p>Reading what was written gives an equal circuit: floating point numbers are written with the fewest digits that
 * identify them. The reader trusts nothing: a field that is missing, unknown or of another type, a reference to something
 * that is not there, a file of more than 256 MiB or nested deeper than 16 levels is a {@link NeurflowException} whose
 * message names the place, such as {@code $.nodes[3].concept[0]}.
 */
public final class CircuitJson {
    /** What {@code format} says. */
    public static final String FORMAT = "neurflow-circuit";

    /** What {@code version} says. */
    public static final int VERSION = 1;

    /** What {@code version} says of a circuit with a certificate, which older readers do not know. */
    public static final int CERTIFIED_VERSION = 2;

    private static final long MOST_CHARACTERS = 256L << 20;
    private static final int DEEPEST = 16;

    private CircuitJson() {}

    /**
     * Writes a circuit.
     *
     * @param circuit any circuit
     * @return the JSON document
     * @throws IllegalArgumentException if a number of the circuit is not finite, or it refers to what it does not hold
     */
    public static String write(ConceptCircuit circuit) {
        StringWriter text = new StringWriter();
        try {
            write(circuit, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /**
     * Writes a circuit to a file, in UTF-8. The file appears at once and complete, or not at all.
     *
     * @param circuit any circuit
     * @param file replaced if it exists
     * @throws IllegalArgumentException if a number of the circuit is not finite, or it refers to what it does not hold
     * @throws NeurflowException if the file cannot be written
     */
    public static void write(ConceptCircuit circuit, Path file) {
        WholeFile.write(file, out -> write(circuit, out));
    }

    private static void write(ConceptCircuit circuit, Writer out) throws IOException {
        try (JsonGenerator json = mapper().getFactory().createGenerator(out)) {
            DefaultPrettyPrinter lines = new DefaultPrettyPrinter();
            lines.indentObjectsWith(new DefaultIndenter(" ", "\n"));
            json.setPrettyPrinter(lines);
            new CircuitJsonWriter(json, circuit).write();
        }
    }

    /**
     * Reads a circuit from a file.
     *
     * @param file what {@link #write(ConceptCircuit, Path)} wrote
     * @return the circuit
     * @throws NeurflowException if the file cannot be read or is not such a circuit
     */
    public static ConceptCircuit read(Path file) {
        try (var in = Files.newBufferedReader(file)) {
            return new CircuitJsonReader(new JsonPlace(mapper().readTree(in), "$")).read();
        } catch (NoSuchFileException e) {
            throw new NeurflowException(
                    "expected a circuit in JSON, but there is no file '" + file
                            + "'; name the circuit.json that 'neurflow explain' wrote, or the folder it is in",
                    e);
        } catch (IOException e) {
            throw unreadable("'" + file + "'", e);
        } catch (NeurflowException e) {
            throw new NeurflowException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads a circuit from text.
     *
     * @param json what {@link #write(ConceptCircuit)} returned
     * @return the circuit
     * @throws NeurflowException if the text is not such a circuit
     */
    public static ConceptCircuit read(String json) {
        JsonNode tree;
        try {
            tree = mapper().readTree(json);
        } catch (IOException e) {
            throw unreadable("the text", e);
        }
        return new CircuitJsonReader(new JsonPlace(tree, "$")).read();
    }

    private static NeurflowException unreadable(String what, IOException e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
        return new NeurflowException(
                "expected a circuit in JSON, as 'neurflow explain' or CircuitJson writes it, but " + what
                        + " cannot be read: " + reason,
                e);
    }

    /** A mapper is not a value (it can be reconfigured), so there is one per call; making it takes well under a millisecond. */
    private static ObjectMapper mapper() {
        StreamReadConstraints limits = StreamReadConstraints.builder()
                .maxDocumentLength(MOST_CHARACTERS)
                .maxNestingDepth(DEEPEST)
                .maxStringLength(1 << 20)
                .maxNameLength(1 << 16)
                .maxNumberLength(64)
                .build();
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(limits)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                .build();
        return new ObjectMapper(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }
}
