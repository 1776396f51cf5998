package io.neurflow.core.label;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeurflowException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiFunction;

/** Reads what {@link LabelsJson} writes, and complains about the place where it is something else. */
final class LabelsReader {
    private final JsonNode root;
    private ImmutableList<String> prompts = ImmutableList.of();

    LabelsReader(JsonNode root) {
        this.root = root;
    }

    ConceptLabels read() {
        only(
                root,
                "$",
                List.of(
                        "format",
                        "version",
                        "labeler",
                        "circuit",
                        "labels",
                        "formations",
                        "problems",
                        "audit",
                        "prompts"));
        if (!text(root, "$", "format").equals(LabelsJson.FORMAT)) {
            throw expected("$.format", "\"" + LabelsJson.FORMAT + "\"");
        }
        if (integer(root, "$", "version") != LabelsJson.VERSION) {
            throw expected("$.version", String.valueOf(LabelsJson.VERSION));
        }
        prompts = texts(root, "$", "prompts");
        try {
            return new ConceptLabels(
                    text(root, "$", "labeler"),
                    text(root, "$", "circuit"),
                    list(root, "$", "labels", this::label),
                    list(root, "$", "formations", this::formation),
                    list(root, "$", "problems", LabelsReader::problem),
                    field(root, "$", "audit").isNull()
                            ? Optional.empty()
                            : Optional.of(audit(field(root, "$", "audit"), "$.audit")));
        } catch (IllegalArgumentException e) {
            throw new NeurflowException(String.valueOf(e.getMessage()), e);
        }
    }

    private ConceptLabel label(JsonNode node, String at) {
        only(node, at, List.of("group", "caption", "features", "origin"));
        return new ConceptLabel(
                text(node, at, "group"),
                text(node, at, "caption"),
                texts(node, at, "features"),
                origin(field(node, at, "origin"), at + ".origin"));
    }

    private Formation formation(JsonNode node, String at) {
        only(node, at, List.of("group", "caption", "features", "from", "origin"));
        return new Formation(
                text(node, at, "group"),
                text(node, at, "caption"),
                texts(node, at, "features"),
                list(node, at, "from", LabelsReader::step),
                origin(field(node, at, "origin"), at + ".origin"));
    }

    private static Formation.Step step(JsonNode node, String at) {
        only(node, at, List.of("group", "features", "matches"));
        return new Formation.Step(
                text(node, at, "group"), texts(node, at, "features"), list(node, at, "matches", (match, place) -> {
                    only(match, place, List.of("from", "to"));
                    return new Formation.Match(text(match, place, "from"), text(match, place, "to"));
                }));
    }

    private LabelOrigin origin(JsonNode node, String at) {
        only(node, at, List.of("labeler", "prompt", "pictures", "answer", "usage", "cached"));
        String prompt = "";
        if (!field(node, at, "prompt").isNull()) {
            int index = integer(node, at, "prompt");
            if (index < 0 || index >= prompts.size()) {
                throw expected(at + ".prompt", "a position in $.prompts");
            }
            prompt = prompts.get(index);
        }
        return new LabelOrigin(
                text(node, at, "labeler"),
                prompt,
                text(node, at, "pictures"),
                text(node, at, "answer"),
                usage(field(node, at, "usage"), at + ".usage"),
                bool(node, at, "cached"));
    }

    private static Usage usage(JsonNode node, String at) {
        only(node, at, List.of("requests", "unmetered", "input_tokens", "output_tokens", "cost"));
        JsonNode cost = field(node, at, "cost");
        if (!cost.isNull() && !cost.isNumber()) {
            throw expected(at + ".cost", "a number or null");
        }
        return new Usage(
                integer(node, at, "requests"),
                integer(node, at, "unmetered"),
                whole(node, at, "input_tokens"),
                whole(node, at, "output_tokens"),
                cost.isNull() ? OptionalDouble.empty() : OptionalDouble.of(cost.doubleValue()));
    }

    private static LabelProblem problem(JsonNode node, String at) {
        only(node, at, List.of("group", "reason", "usage"));
        return new LabelProblem(
                text(node, at, "group"), text(node, at, "reason"), usage(field(node, at, "usage"), at + ".usage"));
    }

    private static AuditResult audit(JsonNode node, String at) {
        only(node, at, List.of("judge", "choices", "seed", "summary", "groups", "problems", "usage"));
        return new AuditResult(
                text(node, at, "judge"),
                integer(node, at, "choices"),
                whole(node, at, "seed"),
                list(node, at, "groups", (score, place) -> {
                    only(score, place, List.of("group", "right", "asked", "unseen"));
                    return new AuditResult.Score(
                            text(score, place, "group"),
                            integer(score, place, "right"),
                            integer(score, place, "asked"),
                            bool(score, place, "unseen"));
                }),
                list(node, at, "problems", LabelsReader::problem),
                usage(field(node, at, "usage"), at + ".usage"));
    }

    private static NeurflowException expected(String at, String what) {
        return new NeurflowException("at " + at + ": expected " + what + ", but there is something else");
    }

    private static void only(JsonNode node, String at, List<String> names) {
        if (!node.isObject()) {
            throw expected(at, "an object");
        }
        for (Iterator<String> fields = node.fieldNames(); fields.hasNext(); ) {
            String name = fields.next();
            if (!names.contains(name)) {
                throw expected(at, "no fields but " + names);
            }
        }
    }

    private static JsonNode field(JsonNode node, String at, String name) {
        JsonNode field = node.path(name);
        if (field.isMissingNode()) {
            throw expected(at + "." + name, "a value");
        }
        return field;
    }

    private static String text(JsonNode node, String at, String name) {
        JsonNode field = field(node, at, name);
        if (!field.isTextual()) {
            throw expected(at + "." + name, "a string");
        }
        return field.textValue();
    }

    private static int integer(JsonNode node, String at, String name) {
        JsonNode field = field(node, at, name);
        if (!field.isIntegralNumber() || !field.canConvertToInt()) {
            throw expected(at + "." + name, "an integer");
        }
        return field.intValue();
    }

    private static long whole(JsonNode node, String at, String name) {
        JsonNode field = field(node, at, name);
        if (!field.isIntegralNumber() || !field.canConvertToLong()) {
            throw expected(at + "." + name, "an integer");
        }
        return field.longValue();
    }

    private static boolean bool(JsonNode node, String at, String name) {
        JsonNode field = field(node, at, name);
        if (!field.isBoolean()) {
            throw expected(at + "." + name, "true or false");
        }
        return field.booleanValue();
    }

    private static ImmutableList<String> texts(JsonNode node, String at, String name) {
        return list(node, at, name, (item, place) -> {
            if (!item.isTextual()) {
                throw expected(place, "a string");
            }
            return item.textValue();
        });
    }

    private static <T> ImmutableList<T> list(
            JsonNode node, String at, String name, BiFunction<JsonNode, String, T> read) {
        JsonNode field = field(node, at, name);
        if (!field.isArray()) {
            throw expected(at + "." + name, "an array");
        }
        ImmutableList.Builder<T> items = ImmutableList.builder();
        for (int i = 0; i < field.size(); i++) {
            items.add(read.apply(field.get(i), at + "." + name + "[" + i + "]"));
        }
        return items.build();
    }
}
