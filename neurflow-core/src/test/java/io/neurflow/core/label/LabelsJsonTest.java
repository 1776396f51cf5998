package io.neurflow.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in labels.json, and what must not. */
public class LabelsJsonTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Labels with everything that can be in them. */
    public static ConceptLabels full() {
        Usage usage = new Usage(2, 1, 300, 40, OptionalDouble.of(0.25));
        LabelOrigin origin = new LabelOrigin("a model", "What is it?", "ab".repeat(32), "It is a daisy.", usage, true);
        LabelOrigin computed = LabelOrigin.computed("image statistics");
        LabelProblem problem = new LabelProblem("a/G1", "declined", usage);
        return new ConceptLabels(
                "a model",
                "cd".repeat(32),
                ImmutableList.of(
                        new ConceptLabel(
                                "a/G0", "Daisies \u2028</script>", ImmutableList.of("white", "petals"), origin),
                        new ConceptLabel("b/G0", "green", ImmutableList.of(), computed)),
                ImmutableList.of(new Formation(
                        "a/G0",
                        "From petals.",
                        ImmutableList.of("petals"),
                        ImmutableList.of(new Formation.Step(
                                "b/G0",
                                ImmutableList.of("white"),
                                ImmutableList.of(new Formation.Match("white", "petals")))),
                        origin)),
                ImmutableList.of(problem),
                Optional.of(new AuditResult(
                        "a model",
                        5,
                        -7,
                        ImmutableList.of(new AuditResult.Score("a/G0", 3, 8, false)),
                        ImmutableList.of(problem),
                        usage)));
    }

    @Test
    void whatIsWrittenIsReadBack(@TempDir Path folder) {
        Path file = folder.resolve("labels.json");
        LabelsJson.write(full(), file);
        assertThat(LabelsJson.read(file)).isEqualTo(full());
        assertThat(LabelsJson.write(LabelsJson.read(file))).isEqualTo(LabelsJson.write(full()));
    }

    /** Every field, one after the other: gone, or of another type. */
    @Test
    void everyFieldThatIsMissingOrOfAnotherTypeIsNamedByItsPlace() throws JsonProcessingException {
        int refused = 0;
        for (String path : paths(MAPPER.readTree(LabelsJson.write(full())), "")) {
            for (boolean gone : new boolean[] {true, false}) {
                JsonNode json = MAPPER.readTree(LabelsJson.write(full()));
                ObjectNode parent = (ObjectNode) json.at(path.substring(0, path.lastIndexOf('/')));
                String name = path.substring(path.lastIndexOf('/') + 1);
                if (gone) {
                    parent.remove(name);
                } else if (parent.get(name).isTextual()) {
                    parent.put(name, 1.5);
                } else {
                    parent.put(name, "text");
                }
                // Follows from the counts, and is there for others.
                if (path.startsWith("/audit/summary")) {
                    continue;
                }
                assertThatThrownBy(() -> LabelsJson.read(json.toString()))
                        .as("%s %s", path, gone)
                        .isInstanceOf(NeurflowException.class)
                        .hasMessageStartingWith("at $")
                        .hasMessageContaining(name)
                        .hasMessageNotContaining("\n");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(80);
    }

    private static List<String> paths(JsonNode node, String at) {
        List<String> all = new ArrayList<>();
        node.properties().forEach(entry -> {
            all.add(at + "/" + entry.getKey());
            all.addAll(paths(entry.getValue(), at + "/" + entry.getKey()));
        });
        for (int i = 0; node instanceof ArrayNode && i < node.size(); i++) {
            all.addAll(paths(node.get(i), at + "/" + i));
        }
        return all;
    }

    private static void refused(String json, String... parts) {
        assertThatThrownBy(() -> LabelsJson.read(json))
                .isInstanceOf(NeurflowException.class)
                .hasMessageNotContaining("\n")
                .hasMessageContainingAll(parts);
    }

    @Test
    void whatIsNoLabelsFileIsRefusedInOneLine(@TempDir Path folder) throws IOException {
        String good = LabelsJson.write(full());
        refused("", "expected");
        refused("[]", "at $: expected an object");
        refused("{", "cannot be read");
        refused(good + "{}", "cannot be read");
        refused("[".repeat(10_000), "cannot be read");
        refused(good.replace("neurflow-labels", "neurflow-circuit"), "at $.format");
        refused(good.replace("\"version\" : 1", "\"version\" : 2"), "at $.version: expected 1");
        refused(good.replace("\"choices\" : 5", "\"choices\" : 1"), "expected 2 or more choices");
        refused(
                good.replace(
                        "\"right\" : 3,\n      \"asked\" : 8,\n      \"unseen\"",
                        "\"right\" : 9,\n      \"asked\" : 8,\n      \"unseen\""),
                "expected 0 to 8 right answers");
        refused(good.replace("\"prompt\" : 0", "\"prompt\" : 7"), "a position in $.prompts");
        refused(good.replace("\"labeler\"", "\"twice\" : 1, \"labeler\""), "no fields but");
        refused(good.replaceFirst("\"caption\" : \"[^\"]*\"", "\"caption\" : \" \""), "it is blank");
        Path none = folder.resolve("none.json");
        assertThatThrownBy(() -> LabelsJson.read(none))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("none.json cannot be read");
        Path bytes = Files.write(folder.resolve("bytes.json"), new byte[] {(byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> LabelsJson.read(bytes)).isInstanceOf(NeurflowException.class);
    }
}
