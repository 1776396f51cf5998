package io.neurflow.core.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.NeurflowException;
import io.neurflow.core.diff.WeightDraws;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * {@link WeightDraws} beside their circuit, {@code "format": "neurflow-weight-draws", "version": 1}: {@code seed}, and
 * {@code edges} with {@code child}, {@code parent}, {@code weight} of the circuit, to tell whose they are, and {@code draws}, rounded to
 * 1e-5.
 */
public final class WeightDrawsJson {
    /** What {@code format} says. */
    public static final String FORMAT = "neurflow-weight-draws";

    /** The name of the file beside {@code circuit.json}. */
    public static final String FILE = "intervals.json";

    private static final long MOST_BYTES = 256L << 20;

    private WeightDrawsJson() {}

    /**
     * Writes draws to a file. It appears at once and complete, or not at all.
     *
     * @param draws any
     * @param file replaced if it exists
     * @throws NeurflowException if the file cannot be written
     */
    public static void write(WeightDraws draws, Path file) {
        WholeFile.write(file, out -> {
            out.write("{\"format\": \"" + FORMAT + "\", \"version\": 1, \"seed\": " + draws.seed() + ", \"edges\": [");
            for (int e = 0; e < draws.edges().size(); e++) {
                GroupEdge edge = draws.edges().get(e);
                ObjectMapper mapper = new ObjectMapper();
                out.write((e == 0 ? "\n" : ",\n") + "{\"child\": "
                        + mapper.writeValueAsString(edge.child().name()) + ", \"parent\": "
                        + mapper.writeValueAsString(edge.parent().name()) + ", \"weight\": " + edge.weight()
                        + ", \"draws\": [");
                String separator = "";
                for (float weight : draws.weights(e)) {
                    out.write(separator);
                    out.write(String.format(Locale.ROOT, "%.5f", weight));
                    separator = ",";
                }
                out.write("]}");
            }
            out.write("\n]}\n");
        });
    }

    /**
     * Reads draws.
     *
     * @param file that {@link #write} wrote
     * @param circuit whose they are
     * @return the draws
     * @throws NeurflowException if it is something else, or of another circuit
     */
    public static WeightDraws read(Path file, ConceptCircuit circuit) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new NeurflowException(
                        "expected at most " + MOST_BYTES + " bytes, but there are " + Files.size(file));
            }
            JsonFactory strict = JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(8).build())
                    .build();
            ObjectMapper mapper = new ObjectMapper(strict).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
            return read(new JsonPlace(mapper.readTree(file.toFile()), "$"), circuit);
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
            throw new NeurflowException(
                    "expected draws of weights in JSON, but " + file + " cannot be read: " + reason, e);
        } catch (NeurflowException | IllegalArgumentException e) {
            throw new NeurflowException(
                    file + ": " + e.getMessage() + "; write it again with 'neurflow explain --intervals', or delete it",
                    e);
        }
    }

    private static WeightDraws read(JsonPlace root, ConceptCircuit circuit) {
        if (!root.field("format").node().asText().equals(FORMAT)
                || root.field("version").node().asInt() != 1) {
            throw root.expected("\"format\": \"" + FORMAT + "\", \"version\": 1");
        }
        JsonPlace seed = root.field("seed");
        if (!seed.node().isIntegralNumber() || !seed.node().canConvertToLong()) {
            throw seed.expected("a whole number");
        }
        JsonNode edges = root.field("edges").node();
        List<GroupEdge> known = circuit.edges();
        if (!edges.isArray() || edges.size() != known.size()) {
            throw root.field("edges").expected("the circuit's " + known.size() + " edges");
        }
        float[][] values = new float[known.size()][];
        for (int e = 0; e < values.length; e++) {
            JsonPlace place = new JsonPlace(edges.get(e), "$.edges[" + e + "]");
            GroupEdge edge = known.get(e);
            boolean same =
                    place.field("child").node().asText().equals(edge.child().name())
                            && place.field("parent")
                                    .node()
                                    .asText()
                                    .equals(edge.parent().name())
                            && place.field("weight").node().asDouble(Double.NaN) == edge.weight();
            if (!same) {
                throw new NeurflowException("at " + place.path() + ": expected draws of this circuit, whose edge is "
                        + edge + ", but they are of another one");
            }
            values[e] = numbers(place.field("draws"));
        }
        return WeightDraws.of(circuit, seed.node().asLong(), values);
    }

    private static float[] numbers(JsonPlace place) {
        if (!place.node().isArray()) {
            throw place.expected("numbers");
        }
        float[] values = new float[place.node().size()];
        for (int i = 0; i < values.length; i++) {
            if (!place.node().get(i).isNumber()) {
                throw new JsonPlace(place.node().get(i), place.path() + "[" + i + "]").expected("a number");
            }
            values[i] = place.node().get(i).floatValue();
        }
        return values;
    }
}
