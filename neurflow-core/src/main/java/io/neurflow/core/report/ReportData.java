package io.neurflow.core.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.ImportanceScore;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SourceImage;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/** What {@code report.js} needs to know, as JSON that can stand inside a script element. */
final class ReportData {
    private final ConceptCircuit circuit;
    private final PictureTable pictures;
    private final String rootTitle;
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    private ReportData(ConceptCircuit circuit, PictureTable pictures, String rootTitle) {
        this.circuit = circuit;
        this.pictures = pictures;
        this.rootTitle = rootTitle;
    }

    static String of(ConceptCircuit circuit, PictureTable pictures, GroupMap map, String rootTitle) {
        ReportData data = new ReportData(circuit, pictures, rootTitle);
        data.json.put("width", map.width());
        data.layers();
        data.groups();
        data.nodes();
        data.edges();
        data.patches();
        return escaped(data.json.toString());
    }

    /**
     * Nothing that ends or opens an element or a comment is left, nothing that JavaScript takes for a line's end, and nothing
     * that turns the direction of the text around a name.
     */
    static String escaped(String json) {
        return json.replaceAll("[\u202A-\u202E\u2066-\u2069]", "\uFFFD")
                .replace("&", "\\u0026")
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    private void layers() {
        ArrayNode layers = json.putArray("layers");
        for (Layer layer : circuit.layers()) {
            ObjectNode entry = layers.addObject();
            entry.put("name", layer.name());
            SortedMap<Integer, Double> curve = circuit.silhouettes().get(layer.name());
            curve(entry.putArray("silhouettes"), curve == null ? Map.of() : curve);
        }
    }

    private void groups() {
        Map<Neuron, Integer> positions = new HashMap<>();
        for (CircuitNode node : circuit.neurons().nodes()) {
            positions.put(node.neuron(), positions.size());
        }
        ArrayNode groups = json.putArray("groups");
        for (NeuronGroup group : circuit.groups()) {
            ObjectNode entry = groups.addObject();
            entry.put("name", group.name());
            entry.put("title", group.equals(circuit.root()) ? rootTitle + " (" + group.name() + ")" : group.name());
            entry.put("layer", circuit.layers().indexOf(group.layer()));
            entry.put("patches", group.concept().length());
            ArrayNode members = entry.putArray("members");
            for (SemanticGroup member : group.byDistance()) {
                members.addArray().add(positions.get(member.neuron())).add(member.index());
            }
            integers(entry.putArray("pictures"), pictures.ofGroup(group));
        }
    }

    private void nodes() {
        ArrayNode nodes = json.putArray("nodes");
        for (CircuitNode node : circuit.neurons().nodes()) {
            ObjectNode entry = nodes.addObject();
            entry.put("name", node.neuron().toString());
            ArrayNode groups = entry.putArray("groups");
            for (SemanticGroup group : node.groups()) {
                ArrayNode pair = groups.addArray().add(group.patches().length());
                integers(pair.addArray(), pictures.first(group));
            }
            curve(entry.putArray("silhouettes"), node.semanticGroups().silhouettes());
            ArrayNode core = entry.putArray("core");
            for (ImportanceScore score : node.core()
                    .map(CoreConceptNeurons::scores)
                    .map(List::copyOf)
                    .orElse(List.of())) {
                core.addArray().add(score.source().toString()).add(score.value());
            }
            entry.put(
                    "residual",
                    node.core().map(CoreConceptNeurons::largestResidual).orElse(0.0));
            entry.put(
                    "change", node.core().map(CoreConceptNeurons::largestChange).orElse(0.0));
            entry.put("steps", node.core().map(CoreConceptNeurons::mostSteps).orElse(0));
        }
    }

    private void edges() {
        Map<NeuronGroup, Integer> positions = new HashMap<>();
        for (NeuronGroup group : circuit.groups()) {
            positions.put(group, positions.size());
        }
        ArrayNode edges = json.putArray("edges");
        for (GroupEdge edge : circuit.edges()) {
            edges.addArray()
                    .add(positions.get(edge.child()))
                    .add(positions.get(edge.parent()))
                    .add(edge.weight())
                    .add(edge.edgeCount());
        }
    }

    private void patches() {
        Map<Integer, String> images = new HashMap<>();
        for (SourceImage image : circuit.images()) {
            images.put(image.index(), image.name());
        }
        ObjectNode patches = json.putObject("patches");
        for (Patch patch : circuit.patches()) {
            if (pictures.pictures().containsKey(patch.index())) {
                patches.put(
                        Integer.toString(patch.index()),
                        String.format(
                                Locale.ROOT,
                                "%s, %.0f %% window at row %d, column %d",
                                images.get(patch.image()),
                                100 * patch.fraction(),
                                patch.top(),
                                patch.left()));
            }
        }
    }

    private static void integers(ArrayNode array, Iterable<Integer> values) {
        values.forEach(array::add);
    }

    private static void curve(ArrayNode array, Map<Integer, Double> curve) {
        curve.forEach((count, silhouette) -> array.addArray().add(count).add(silhouette));
    }
}
