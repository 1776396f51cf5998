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
import io.neurflow.core.label.ConceptLabels;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the page's scripts need to know, as JSON that can stand inside a script element. */
final class ReportData {
    private final ConceptCircuit circuit;
    private final PictureTable pictures;
    private final String rootTitle;
    private final ReportExtras extras;
    private final Map<Neuron, Integer> positions = new HashMap<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    private ReportData(ConceptCircuit circuit, PictureTable pictures, String rootTitle, ReportExtras extras) {
        this.circuit = circuit;
        this.pictures = pictures;
        this.rootTitle = rootTitle;
        this.extras = extras;
        for (CircuitNode node : circuit.neurons().nodes()) {
            positions.put(node.neuron(), positions.size());
        }
    }

    static String of(
            ConceptCircuit circuit,
            PictureTable pictures,
            GroupMap map,
            String rootTitle,
            ReportExtras extras,
            Set<Integer> sources) {
        ReportData data = new ReportData(circuit, pictures, rootTitle, extras);
        data.json.put("width", map.width());
        data.json.put("height", map.height());
        data.json.put("gutter", GroupMap.GUTTER);
        data.json.put("cardWidth", map.cardWidth());
        data.json.put("cardHeight", map.cardHeight());
        data.json.put("title", rootTitle);
        data.json.put("digest", ConceptLabels.digest(circuit));
        data.images(sources);
        data.layers();
        data.groups(map);
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

    private void groups(GroupMap map) {
        Map<Integer, Integer> imageOf = new HashMap<>();
        circuit.patches().forEach(patch -> imageOf.put(patch.index(), patch.image()));
        ArrayNode groups = json.putArray("groups");
        for (NeuronGroup group : circuit.groups()) {
            ObjectNode entry = groups.addObject();
            entry.put("name", group.name());
            entry.put("title", group.equals(circuit.root()) ? rootTitle + " (" + group.name() + ")" : group.name());
            entry.put("layer", circuit.layers().indexOf(group.layer()));
            entry.put("patches", group.concept().length());
            entry.put("x", map.places().get(groups.size() - 1).x());
            entry.put("y", map.places().get(groups.size() - 1).y());
            extras.label(group).ifPresent(label -> entry.put("label", label));
            ArrayNode formation = entry.putArray("formation");
            extras.formation(group).forEach(formation::add);
            SortedMap<Integer, Integer> perImage = new TreeMap<>();
            group.concept().forEach(patch -> perImage.merge(imageOf.getOrDefault(patch, -1), 1, Integer::sum));
            ArrayNode images = entry.putArray("images");
            perImage.forEach((image, count) -> images.addArray().add(image).add(count));
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
                ArrayNode pair = core.addArray();
                Integer known = positions.get(score.source());
                if (known == null) {
                    pair.add(score.source().toString());
                } else {
                    pair.add(known);
                }
                pair.add(rounded(score.value()));
            }
            entry.put(
                    "residual",
                    rounded(node.core().map(CoreConceptNeurons::largestResidual).orElse(0.0)));
            entry.put(
                    "change",
                    rounded(node.core().map(CoreConceptNeurons::largestChange).orElse(0.0)));
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
                    .add(rounded(edge.weight()))
                    .add(edge.edgeCount());
        }
    }

    /** Name, and the side of the model's input where there is a picture of the image, else 0. */
    private void images(Set<Integer> sources) {
        Map<Integer, Integer> sides = new HashMap<>();
        circuit.patches().stream()
                .filter(patch -> patch.fraction() == 1)
                .forEach(patch -> sides.put(patch.image(), patch.size()));
        ArrayNode images = json.putArray("images");
        for (SourceImage image : circuit.images()) {
            images.addArray()
                    .add(image.name())
                    .add(sources.contains(image.index()) ? sides.getOrDefault(image.index(), 0) : 0);
        }
    }

    private void patches() {
        ObjectNode patches = json.putObject("patches");
        for (Patch patch : circuit.patches()) {
            if (pictures.pictures().containsKey(patch.index())) {
                patches.putArray(Integer.toString(patch.index()))
                        .add(patch.image())
                        .add(Math.round(100 * patch.fraction()))
                        .add(patch.top())
                        .add(patch.left())
                        .add(patch.size());
            }
        }
    }

    /** Four digits are all that the page shows, and a third of the bytes. */
    private static double rounded(double value) {
        return Double.isFinite(value) && value != 0
                ? new BigDecimal(value).round(new MathContext(4)).doubleValue()
                : value;
    }

    private static void integers(ArrayNode array, Iterable<Integer> values) {
        values.forEach(array::add);
    }

    private static void curve(ArrayNode array, Map<Integer, Double> curve) {
        curve.forEach((count, silhouette) -> array.addArray().add(count).add(rounded(silhouette)));
    }
}
