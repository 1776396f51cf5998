package io.neurflow.core.report;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.ImportanceScore;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.Provenance;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SourceImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Writes the fields in the order of {@code circuit.schema.json}. */
final class CircuitJsonWriter {
    private final JsonGenerator json;
    private final ConceptCircuit circuit;
    private final ImmutableSet<SemanticGroup> known;
    private final ImmutableSet<Layer> layers;

    CircuitJsonWriter(JsonGenerator json, ConceptCircuit circuit) {
        this.json = json;
        this.circuit = circuit;
        this.known = circuit.neurons().nodes().stream()
                .flatMap(node -> node.groups().stream())
                .collect(ImmutableSet.toImmutableSet());
        this.layers = mentioned(circuit);
    }

    /** The circuit's layers, and after them those that only say where semantic groups were found. */
    private static ImmutableSet<Layer> mentioned(ConceptCircuit circuit) {
        ImmutableSet.Builder<Layer> layers = ImmutableSet.<Layer>builder().addAll(circuit.layers());
        for (CircuitNode node : circuit.neurons().nodes()) {
            layers.add(node.semanticGroups().space());
        }
        return layers.build();
    }

    void write() throws IOException {
        json.writeStartObject();
        json.writeStringField("format", CircuitJson.FORMAT);
        json.writeNumberField(
                "version", circuit.certificate().isPresent() ? CircuitJson.CERTIFIED_VERSION : CircuitJson.VERSION);
        provenance(circuit.provenance());
        json.writeObjectFieldStart("settings");
        for (Map.Entry<String, String> option : circuit.provenance().options().entrySet()) {
            json.writeStringField(option.getKey(), option.getValue());
        }
        json.writeEndObject();
        strings("layers", circuit.layers().stream().map(Layer::name).toList());
        json.writeArrayFieldStart("layer_info");
        for (Layer layer : layers) {
            layer(layer);
        }
        json.writeEndArray();
        json.writeNumberField("target", circuit.neurons().root().channel());
        images();
        json.writeArrayFieldStart("nodes");
        for (CircuitNode node : circuit.neurons().nodes()) {
            node(node);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("edges");
        for (ConceptEdge edge : circuit.neurons().edges()) {
            edge(edge);
        }
        json.writeEndArray();
        groups();
        json.writeObjectFieldStart("group_silhouettes");
        for (var curve : circuit.silhouettes().entrySet()) {
            curve(curve.getKey(), curve.getValue());
        }
        json.writeEndObject();
        json.writeArrayFieldStart("group_edges");
        for (GroupEdge edge : circuit.edges()) {
            groupEdge(edge);
        }
        json.writeEndArray();
        if (circuit.certificate().isPresent()) {
            CertificateJson.write(circuit.certificate().get(), json);
        }
        json.writeEndObject();
    }

    private void provenance(Provenance provenance) throws IOException {
        json.writeObjectFieldStart("provenance");
        json.writeObjectFieldStart("model");
        json.writeStringField("name", provenance.model().name());
        json.writeStringField("digest", provenance.model().digest());
        json.writeStringField("engine", provenance.model().engine());
        json.writeStringField("precision", JsonPlace.word(provenance.model().precision()));
        json.writeEndObject();
        json.writeStringField("library_version", provenance.libraryVersion());
        strings("warnings", provenance.warnings());
        json.writeEndObject();
    }

    private void layer(Layer layer) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", layer.name());
        json.writeNumberField("index", layer.index());
        json.writeStringField("kind", layer.kind());
        json.writeFieldName("shape");
        json.writeArray(
                new int[] {
                    layer.shape().channels(),
                    layer.shape().height(),
                    layer.shape().width()
                },
                0,
                3);
        json.writeEndObject();
    }

    private void images() throws IOException {
        json.writeArrayFieldStart("images");
        for (SourceImage image : circuit.images()) {
            json.writeStartObject();
            json.writeNumberField("index", image.index());
            json.writeStringField("name", image.name());
            json.writeStringField("digest", image.digest());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("patches");
        for (Patch patch : circuit.patches()) {
            json.writeStartObject();
            json.writeNumberField("index", patch.index());
            json.writeNumberField("image", patch.image());
            number("fraction", patch.fraction(), patch);
            json.writeNumberField("top", patch.top());
            json.writeNumberField("left", patch.left());
            json.writeNumberField("size", patch.size());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void node(CircuitNode node) throws IOException {
        Neuron neuron = node.neuron();
        checkArgument(
                circuit.layers().contains(neuron.layer()),
                "expected a neuron of the circuit's layers, but it is %s",
                neuron);
        json.writeStartObject();
        json.writeStringField("layer", neuron.layer().name());
        json.writeNumberField("neuron", neuron.channel());
        ints("concept", node.concept().patches());
        numbers("phi", node.concept().activations(), neuron);
        json.writeArrayFieldStart("semantic_groups");
        for (int j = 0; j < node.groups().size(); j++) {
            SemanticGroup group = node.groups().get(j);
            checkArgument(
                    group.neuron().equals(neuron) && group.index() == j,
                    "expected semantic group %s of %s, but it is %s",
                    j,
                    neuron,
                    group);
            int[] patches = group.patches().toArray();
            json.writeArray(patches, 0, patches.length);
        }
        json.writeEndArray();
        json.writeStringField(
                "semantic_space", known(node.semanticGroups().space()).name());
        curve("silhouettes", node.semanticGroups().silhouettes());
        if (node.core().isPresent()) {
            core(node.core().get(), neuron);
        } else {
            json.writeNullField("core_layer");
        }
        json.writeEndObject();
    }

    private void core(CoreConceptNeurons core, Neuron neuron) throws IOException {
        checkArgument(
                core.target().equals(neuron), "expected core concept neurons of %s, but they are of %s", neuron, core);
        json.writeStringField("core_layer", known(core.source()).name());
        json.writeStringField("selection", JsonPlace.word(core.selection()));
        json.writeArrayFieldStart("core");
        for (ImportanceScore score : core.scores()) {
            checkArgument(
                    score.target().equals(neuron) && score.source().layer().equals(core.source()),
                    "expected a score of a neuron of %s for %s, but it is %s for %s",
                    core.source(),
                    neuron,
                    score.source(),
                    score.target());
            json.writeNumber(score.source().channel());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("core_importance");
        for (ImportanceScore score : core.scores()) {
            json.writeNumber(finite(score.value(), score));
        }
        json.writeEndArray();
        numbers("core_scores", core.rankingValues(), neuron);
        ints("core_mean_abs", core.byMeanAbs());
        ints("core_abs_of_sum", core.byAbsOfSum());
        number("residual_max", core.largestResidual(), neuron);
        number("change_max", core.largestChange(), neuron);
        json.writeNumberField("steps_max", core.mostSteps());
        number("steps_mean", core.meanSteps(), neuron);
    }

    private void edge(ConceptEdge edge) throws IOException {
        checkArgument(known.contains(edge.group()), "edge %s leads to a semantic group that no node has", edge);
        json.writeStartObject();
        json.writeStringField("parent_layer", edge.parent().layer().name());
        json.writeNumberField("parent", edge.parent().channel());
        json.writeNumberField("group", edge.group().index());
        json.writeStringField("child_layer", known(edge.child().layer()).name());
        json.writeNumberField("child", edge.child().channel());
        number("importance", edge.importance(), edge);
        number("weight", edge.weight(), edge);
        json.writeEndObject();
    }

    private void groups() throws IOException {
        json.writeArrayFieldStart("groups");
        for (NeuronGroup group : circuit.groups()) {
            json.writeStartObject();
            json.writeStringField("layer", known(group.layer()).name());
            json.writeNumberField("index", group.index());
            members("members", group.members(), group);
            json.writeArrayFieldStart("neurons");
            for (Neuron neuron : group.neurons()) {
                json.writeNumber(neuron.channel());
            }
            json.writeEndArray();
            ints("concept", group.concept());
            members("by_distance", group.byDistance(), group);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void members(String name, List<SemanticGroup> members, NeuronGroup group) throws IOException {
        json.writeArrayFieldStart(name);
        for (SemanticGroup member : members) {
            checkArgument(
                    known.contains(member) && member.neuron().layer().equals(group.layer()),
                    "expected members of %s among the semantic groups of its layer's nodes, but there is %s",
                    group.name(),
                    member);
            json.writeArray(new int[] {member.neuron().channel(), member.index()}, 0, 2);
        }
        json.writeEndArray();
    }

    private void groupEdge(GroupEdge edge) throws IOException {
        checkArgument(
                circuit.groups().contains(edge.parent()) && circuit.groups().contains(edge.child()),
                "edge %s joins groups that the circuit does not hold",
                edge);
        json.writeStartObject();
        json.writeStringField("parent_layer", edge.parent().layer().name());
        json.writeNumberField("parent", edge.parent().index());
        json.writeStringField("child_layer", edge.child().layer().name());
        json.writeNumberField("child", edge.child().index());
        number("weight", edge.weight(), edge);
        json.writeNumberField("edge_count", edge.edgeCount());
        json.writeEndObject();
    }

    private Layer known(Layer layer) {
        checkArgument(layers.contains(layer), "expected one of the circuit's layers, but it is %s", layer);
        return layer;
    }

    private void strings(String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }

    private void ints(String name, ImmutableIntArray values) throws IOException {
        json.writeFieldName(name);
        json.writeArray(values.toArray(), 0, values.length());
    }

    private void numbers(String name, ImmutableDoubleArray values, Object where) throws IOException {
        json.writeArrayFieldStart(name);
        for (int i = 0; i < values.length(); i++) {
            json.writeNumber(finite(values.get(i), where));
        }
        json.writeEndArray();
    }

    private void curve(String name, Map<Integer, Double> curve) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<Integer, Double> point : curve.entrySet()) {
            number(point.getKey().toString(), point.getValue(), "the silhouettes of " + name);
        }
        json.writeEndObject();
    }

    private void number(String name, double value, Object where) throws IOException {
        json.writeNumberField(name, finite(value, where));
    }

    private static double finite(double value, Object where) {
        checkArgument(
                Double.isFinite(value),
                "JSON has no %s, but it is a value of %s; look for where it came from",
                value,
                where);
        return value;
    }
}
