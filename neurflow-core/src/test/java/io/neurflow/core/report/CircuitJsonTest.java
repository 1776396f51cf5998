package io.neurflow.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.neurflow.api.CircuitCertificate;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.NeurflowException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CircuitJsonTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Test
    void aRealisticCircuitComesBackEqual() {
        ConceptCircuit circuit = SampleCircuits.realistic();
        assertThat(CircuitJson.read(CircuitJson.write(circuit))).isEqualTo(circuit);
    }

    @Property(tries = 40)
    void anyCircuitComesBackEqual(@ForAll("circuits") ConceptCircuit circuit) {
        String json = CircuitJson.write(circuit);
        ConceptCircuit back = CircuitJson.read(json);
        assertThat(back).isEqualTo(circuit);
        assertThat(CircuitJson.write(back)).isEqualTo(json);
    }

    @Property
    void everyFiniteDoubleComesBackBitForBit(@ForAll double weight) {
        ConceptCircuit circuit = withWeight(SampleCircuits.small(), weight);
        double back =
                CircuitJson.read(CircuitJson.write(circuit)).edges().get(0).weight();
        assertThat(Double.doubleToRawLongBits(back)).isEqualTo(Double.doubleToRawLongBits(weight));
    }

    @Provide
    Arbitrary<ConceptCircuit> circuits() {
        Arbitrary<List<String>> names = Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(8)
                .filter(name -> !name.isBlank() && name.chars().noneMatch(c -> Character.isSurrogate((char) c)))
                .list()
                .uniqueElements()
                .ofMinSize(1)
                .ofMaxSize(4);
        Arbitrary<Integer> few = Arbitraries.integers().between(1, 6);
        return Combinators.combine(Arbitraries.longs(), names, few, few, few, few, few)
                .as((seed, layers, n, g, i, k, tau) -> new SampleCircuits(seed, layers, n, g, i, k, tau).circuit());
    }

    @Test
    void infinityAndNanAreRefusedOnTheWayOut() {
        for (double wrong : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
            ConceptCircuit circuit = withWeight(SampleCircuits.small(), wrong);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CircuitJson.write(circuit))
                    .withMessageContaining(Double.toString(wrong))
                    .withMessageContaining("->");
        }
    }

    @Test
    void aCertificateComesBackEqualWithWhatHasNoValue() throws Exception {
        ConceptCircuit circuit = certified();
        String json = CircuitJson.write(circuit);
        assertThat(CircuitJson.read(json)).isEqualTo(circuit);
        assertThat(CircuitJson.write(CircuitJson.read(json))).isEqualTo(json);
        assertThat(json).contains("\"version\" : 2", "\"slope\" : null");
        assertThat(schema().validate(MAPPER.readTree(json))).isEmpty();
        assertThat(CircuitJson.write(SampleCircuits.small()))
                .contains("\"version\" : 1")
                .doesNotContain("certificate");
        assertThat(circuit.toString())
                .contains("certificate: better than random (p 0.048, alpha 0.05, 3 held-out images)", "keeps 0.900");
    }

    private static ConceptCircuit certified() {
        return SampleCircuits.small()
                .withCertificate(new CircuitCertificate(
                        0.05,
                        3,
                        2,
                        9,
                        ImmutableList.of(
                                new CircuitCertificate.Ablated("zero", 0.9, 0.1, 1 / 21.0, 0.8, 0.2),
                                new CircuitCertificate.Ablated("mean", Double.NaN, 1 / 0.0, 1, -1 / 0.0, 0.2)),
                        0.5,
                        1,
                        1,
                        0,
                        Double.NaN,
                        Double.NaN,
                        Double.NEGATIVE_INFINITY,
                        0.75,
                        ImmutableList.of("better", "  than \"random\"")));
    }

    @Test
    void damagedCertificatesAreRefused() throws Exception {
        refusesCertificate("$.certificate", "level", j -> j.put("alpha", 1.5));
        refusesCertificate("$.certificate.better_than_random", "true", j -> j.put("better_than_random", false));
        refusesCertificate("$.certificate.better_than_random", "true", j -> j.put("better_than_random", 1));
        refusesCertificate("$.certificate", "needless", j -> j.put("needless", 3));
        refusesCertificate("$.certificate", "neurons", j -> j.put("neurons", -1));
        refusesCertificate("$.certificate", "held-out", j -> j.put("images", 0));
        refusesCertificate("$.certificate.lines", "array", j -> j.put("lines", "x"));
        refusesCertificate(
                "$.certificate.lines[0]", "string", j -> j.putArray("lines").add(1));
        refusesCertificate("$.certificate.slope", "number", j -> j.put("slope", "NaN"));
        refusesCertificate("$.certificate", "ablation", j -> j.putArray("ablations"));
        refusesCertificate(
                "$.certificate.ablations[0]", "p between", j -> ((ObjectNode) j.at("/ablations/0")).put("p", 2));
        refusesCertificate(
                "$.certificate.ablations[1].p", "number", j -> ((ObjectNode) j.at("/ablations/1")).putNull("p"));
        refusesCertificate("$.certificate", "surprise", j -> j.put("surprise", 1));
        for (String field : ImmutableList.copyOf(MAPPER.readTree(CircuitJson.write(certified()))
                .get("certificate")
                .fieldNames())) {
            refusesCertificate("$.certificate." + field, "nothing", j -> j.remove(field));
        }
        ObjectNode old = (ObjectNode) MAPPER.readTree(CircuitJson.write(certified()));
        old.put("version", 1);
        assertThatThrownBy(() -> CircuitJson.read(old.toString()))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("certificate");
        assertThat(schema().validate(old)).isNotEmpty();
    }

    @Test
    void aMutatedCertificateIsRefusedOrRead() {
        String json = CircuitJson.write(certified());
        int start = json.indexOf("\"certificate\"");
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            StringBuilder damaged = new StringBuilder(json);
            damaged.setCharAt(start + random.nextInt(json.length() - start), (char) (' ' + random.nextInt(95)));
            try {
                CircuitJson.read(damaged.toString());
            } catch (NeurflowException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    private static void refusesCertificate(String place, String what, Consumer<ObjectNode> damage) throws Exception {
        ObjectNode json = (ObjectNode) MAPPER.readTree(CircuitJson.write(certified()));
        damage.accept((ObjectNode) json.get("certificate"));
        assertThatThrownBy(() -> CircuitJson.read(json.toString()))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("at " + place + ":")
                .hasMessageContaining(what);
    }

    private static ConceptCircuit withWeight(ConceptCircuit c, double weight) {
        List<GroupEdge> edges = new ArrayList<>(c.edges());
        GroupEdge first = edges.get(0);
        edges.set(0, new GroupEdge(first.child(), first.parent(), weight, first.edgeCount()));
        return new ConceptCircuit(
                c.neurons(),
                c.groups(),
                ImmutableList.copyOf(edges),
                c.silhouettes(),
                c.images(),
                c.patches(),
                c.provenance());
    }

    @Test
    void whatIsWrittenSatisfiesTheSchema() throws Exception {
        for (ConceptCircuit circuit :
                List.of(SampleCircuits.small(), SampleCircuits.hostile(), SampleCircuits.realistic())) {
            assertThat(schema().validate(MAPPER.readTree(CircuitJson.write(circuit))))
                    .isEmpty();
        }
    }

    @Test
    void theSchemaRefusesWhatTheReaderRefuses() throws Exception {
        ObjectNode json = tree();
        ((ObjectNode) json.at("/nodes/0")).remove("core_scores");
        assertThat(schema().validate(json)).isNotEmpty();
        assertThatThrownBy(() -> CircuitJson.read(json.toString())).hasMessageContaining("$.nodes[0].core_scores");
    }

    private static JsonSchema schema() throws Exception {
        try (var in = CircuitJson.class.getResourceAsStream("circuit.schema.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in);
        }
    }

    @Test
    void aFileIsWrittenWholeAndLeavesNothingBeside(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("circuit.json");
        Files.writeString(file, "old");
        ConceptCircuit circuit = SampleCircuits.small();
        CircuitJson.write(circuit, file);
        assertThat(CircuitJson.read(file)).isEqualTo(circuit);
        ConceptCircuit broken = withWeight(circuit, Double.NaN);
        assertThatIllegalArgumentException().isThrownBy(() -> CircuitJson.write(broken, file));
        assertThat(CircuitJson.read(file)).isEqualTo(circuit);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
        assertThatThrownBy(() -> CircuitJson.write(circuit, folder.resolve("missing/circuit.json")))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void complaintsNameThePlace() {
        refuses("$.format", "neurflow-circuit", j -> j.put("format", "other"));
        refuses("$.version", "version 1 or 2", j -> j.put("version", 3));
        refuses("$.certificate", "nothing", j -> j.put("version", 2));
        refuses("$.nodes", "nothing", j -> j.remove("nodes"));
        refuses("$", "surprise", j -> j.put("surprise", 1));
        refuses("$.nodes[0].concept[1]", "patch", j -> ((ArrayNode) j.at("/nodes/0/concept")).set(1, 9999));
        refuses("$.nodes[0].layer", "layer", j -> ((ObjectNode) j.at("/nodes/0")).put("layer", "none"));
        refuses("$.nodes[1].neuron", "2048", j -> ((ObjectNode) j.at("/nodes/1")).put("neuron", 2048));
        refuses("$.nodes[1].neuron", "32 bits", j -> ((ObjectNode) j.at("/nodes/1")).put("neuron", 1L << 40));
        refuses("$.nodes[1].neuron", "32 bits", j -> ((ObjectNode) j.at("/nodes/1")).put("neuron", 1.5));
        refuses("$.nodes[2]", "twice", j -> ((ArrayNode) j.get("nodes"))
                .insert(1, j.at("/nodes/1").deepCopy()));
        refuses("$.edges[0].group", "semantic groups", j -> ((ObjectNode) j.at("/edges/0")).put("group", 77));
        refuses("$.edges[0].weight", "number", j -> ((ObjectNode) j.at("/edges/0")).put("weight", "NaN"));
        refuses("$.groups[1].neurons", "members", j -> ((ArrayNode) j.at("/groups/1/neurons")).add(3));
        refuses("$.group_edges[0].child", "group", j -> ((ObjectNode) j.at("/group_edges/0")).put("child", 50));
        refuses("$.patches[0].image", "image", j -> ((ObjectNode) j.at("/patches/0")).put("image", 50));
        refuses("$.patches[0]", "window", j -> ((ObjectNode) j.at("/patches/0")).put("size", 0));
        refuses("$.target", "node", j -> j.put("target", 4));
        refuses("$.group_silhouettes", "layer", j -> ((ObjectNode) j.get("group_silhouettes")).putObject("none"));
        refuses("$.settings", "string", j -> ((ObjectNode) j.get("settings")).put("preset", 3));
        refuses("$.layer_info[0].shape", "3", j -> ((ArrayNode) j.at("/layer_info/0/shape")).add(3));
    }

    @Test
    void whatIsOutsideTheCircuitOrJoinsLayersThatAreNotNeighboursIsRefused() {
        refuses("$.nodes[1].layer", "one of $.layers", j -> ((ObjectNode) j.at("/nodes/1")).put("layer", "aside"));
        refuses("$.groups[1].layer", "one of $.layers", j -> ((ObjectNode) j.at("/groups/1")).put("layer", "aside"));
        refuses("$.edges[0].parent_layer", "$.layers", j -> ((ObjectNode) j.at("/edges/0"))
                .put("parent_layer", "aside"));
        refuses("$.edges[0].child_layer", "follows \"fc\"", j -> ((ObjectNode) j.at("/edges/0"))
                .put("child_layer", "layer4.1"));
        refuses("$.edges[0].child_layer", "follows \"fc\"", j -> ((ObjectNode) j.at("/edges/0"))
                .put("child_layer", "fc"));
        refuses("$.edges[0].child", "a neuron of a node", j -> ((ObjectNode) j.at("/edges/0")).put("child", unused(j)));
        refuses("$.nodes[0].core_layer", "follows \"fc\"", j -> ((ObjectNode) j.at("/nodes/0"))
                .put("core_layer", "layer4.1"));
        refuses("$.group_edges[0].child_layer", "follows \"fc\"", j -> ((ObjectNode) j.at("/group_edges/0"))
                .put("child_layer", "layer4.1"));
        refuses("$.group_silhouettes.aside", "of the circuit", j -> ((ObjectNode) j.get("group_silhouettes"))
                .putObject("aside"));
        refuses("$.groups", "the root first", j -> ((ArrayNode) j.get("groups")).remove(0));
    }

    /** A channel of the second layer that is no node. */
    private static int unused(JsonNode json) {
        List<Integer> used = new ArrayList<>();
        json.get("nodes").forEach(node -> used.add(node.get("neuron").asInt()));
        return java.util.stream.IntStream.range(0, 2048)
                .filter(c -> !used.contains(c))
                .findFirst()
                .orElseThrow();
    }

    private static void refuses(String path, String word, Consumer<ObjectNode> damage) {
        ObjectNode json = tree();
        damage.accept(json);
        assertThatThrownBy(() -> CircuitJson.read(json.toString()))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("at " + path)
                .hasMessageContaining(word)
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }

    private static ObjectNode tree() {
        try {
            ObjectNode tree = (ObjectNode) MAPPER.readTree(CircuitJson.write(SampleCircuits.small()));
            // A layer that is known, but not part of the circuit: it could be a semantic space.
            ObjectNode aside = ((ArrayNode) tree.get("layer_info")).addObject();
            aside.put("name", "aside").put("index", 7).put("kind", "Relu");
            aside.putArray("shape").add(2048).add(7).add(7);
            return tree;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whatIsNotJsonIsRefusedInOneLine(@TempDir Path folder) throws Exception {
        String good = CircuitJson.write(SampleCircuits.small());
        for (String bad : List.of(
                "",
                "null",
                "[]",
                "{",
                good + "{}",
                good.substring(0, good.length() / 2),
                "[".repeat(100_000),
                "{\"format\": \"neurflow-circuit\", \"format\": \"neurflow-circuit\"}",
                good.replace("\"target\" : 309", "\"target\" : " + "9".repeat(1000)),
                good.replaceFirst("\"weight\" : -?[0-9.E-]+", "\"weight\" : 1e999"))) {
            assertThatThrownBy(() -> CircuitJson.read(bad))
                    .isInstanceOf(NeurflowException.class)
                    .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
        }
        Path file = folder.resolve("c.json");
        Files.writeString(file, "[]");
        assertThatThrownBy(() -> CircuitJson.read(file))
                .hasMessageContaining("c.json")
                .hasMessageContaining("$.format");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertThatThrownBy(() -> CircuitJson.read(file)).isInstanceOf(NeurflowException.class);
    }
}
