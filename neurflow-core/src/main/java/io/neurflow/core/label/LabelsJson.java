package io.neurflow.core.label;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * {@link ConceptLabels} as one JSON document, {@code "format": "neurflow-labels", "version": 1}; {@code docs/labels.md}
 * describes it. Prompts are there once each. The reader trusts nothing: what is missing, unknown or of another type is a
 * {@link NeurflowException} that says where.
 */
public final class LabelsJson {
    /** What {@code format} says. */
    public static final String FORMAT = "neurflow-labels";

    /** What {@code version} says. */
    public static final int VERSION = 1;

    private LabelsJson() {}

    /**
     * Writes labels.
     *
     * @param labels any
     * @return the JSON document
     */
    public static String write(ConceptLabels labels) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("format", FORMAT).put("version", VERSION);
        json.put("labeler", labels.labeler()).put("circuit", labels.circuit());
        Map<String, Integer> prompts = new LinkedHashMap<>();
        ArrayNode list = json.putArray("labels");
        for (ConceptLabel label : labels.labels()) {
            ObjectNode node = list.addObject().put("group", label.group()).put("caption", label.caption());
            words(node.putArray("features"), label.features());
            origin(node.putObject("origin"), label.origin(), prompts);
        }
        ArrayNode formations = json.putArray("formations");
        for (Formation formation : labels.formations()) {
            ObjectNode node =
                    formations.addObject().put("group", formation.group()).put("caption", formation.caption());
            words(node.putArray("features"), formation.features());
            ArrayNode steps = node.putArray("from");
            for (Formation.Step step : formation.steps()) {
                ObjectNode from = steps.addObject().put("group", step.child());
                words(from.putArray("features"), step.features());
                ArrayNode matches = from.putArray("matches");
                step.matches()
                        .forEach(match ->
                                matches.addObject().put("from", match.from()).put("to", match.to()));
            }
            origin(node.putObject("origin"), formation.origin(), prompts);
        }
        problems(json.putArray("problems"), labels.problems());
        if (labels.audit().isPresent()) {
            audit(json.putObject("audit"), labels.audit().get());
        } else {
            json.putNull("audit");
        }
        ArrayNode texts = json.putArray("prompts");
        prompts.keySet().forEach(texts::add);
        return json.toPrettyString() + "\n";
    }

    private static void words(ArrayNode array, Iterable<String> words) {
        words.forEach(array::add);
    }

    private static void origin(ObjectNode node, LabelOrigin origin, Map<String, Integer> prompts) {
        node.put("labeler", origin.labeler());
        if (origin.prompt().isEmpty()) {
            node.putNull("prompt");
        } else {
            Integer known = prompts.putIfAbsent(origin.prompt(), prompts.size());
            node.put("prompt", known == null ? prompts.size() - 1 : known);
        }
        node.put("pictures", origin.pictures()).put("answer", origin.answer());
        usage(node.putObject("usage"), origin.usage());
        node.put("cached", origin.cached());
    }

    private static void usage(ObjectNode node, Usage usage) {
        node.put("requests", usage.requests())
                .put("unmetered", usage.unmetered())
                .put("input_tokens", usage.inputTokens())
                .put("output_tokens", usage.outputTokens());
        if (usage.cost().isPresent()) {
            node.put("cost", usage.cost().getAsDouble());
        } else {
            node.putNull("cost");
        }
    }

    private static void problems(ArrayNode array, ImmutableList<LabelProblem> problems) {
        for (LabelProblem problem : problems) {
            ObjectNode node = array.addObject().put("group", problem.group()).put("reason", problem.reason());
            usage(node.putObject("usage"), problem.usage());
        }
    }

    private static void audit(ObjectNode node, AuditResult audit) {
        node.put("judge", audit.judge()).put("choices", audit.choices()).put("seed", audit.seed());
        // What follows from the counts, for readers that have no binomial distribution at hand; not read back.
        node.putObject("summary")
                .put("right", audit.right())
                .put("asked", audit.asked())
                .put("accuracy", audit.accuracy())
                .put("lower", audit.lower())
                .put("upper", audit.upper())
                .put("chance", audit.chance())
                .put("p", audit.pValue());
        ArrayNode groups = node.putArray("groups");
        audit.groups().forEach(score -> groups.addObject()
                .put("group", score.group())
                .put("right", score.right())
                .put("asked", score.asked())
                .put("unseen", score.unseen()));
        problems(node.putArray("problems"), audit.problems());
        usage(node.putObject("usage"), audit.usage());
    }

    /**
     * Writes labels to a file, in UTF-8. The file appears at once and complete, or not at all.
     *
     * @param labels any
     * @param file replaced if it exists
     * @throws NeurflowException if the file cannot be written
     */
    public static void write(ConceptLabels labels, Path file) {
        Path target = file.toAbsolutePath();
        Path half = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try {
                Files.writeString(half, write(labels), StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
                rename(half, target);
            } finally {
                Files.deleteIfExists(half);
            }
        } catch (IOException e) {
            throw new NeurflowException(
                    "cannot write " + file + " (" + e + "): choose a folder that can be written to", e);
        }
    }

    private static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * Reads labels from a file.
     *
     * @param file what {@link #write(ConceptLabels, Path)} wrote
     * @return equal labels
     * @throws NeurflowException if it cannot be read or is something else
     */
    public static ConceptLabels read(Path file) {
        try {
            return read(Files.readString(file));
        } catch (IOException e) {
            throw new NeurflowException("expected labels in JSON, but " + file + " cannot be read (" + e + ")", e);
        } catch (NeurflowException e) {
            throw new NeurflowException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads labels from text.
     *
     * @param json what {@link #write(ConceptLabels)} returned
     * @return equal labels
     * @throws NeurflowException if it is something else
     */
    public static ConceptLabels read(String json) {
        JsonFactory strict = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(16).build())
                .build();
        try {
            ObjectMapper mapper = new ObjectMapper(strict).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
            return new LabelsReader(mapper.readTree(json)).read();
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
            throw new NeurflowException("expected labels in JSON, but the text cannot be read: " + reason, e);
        }
    }
}
