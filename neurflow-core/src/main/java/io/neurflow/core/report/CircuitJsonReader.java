package io.neurflow.core.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.ImportanceScore;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.Precision;
import io.neurflow.api.Provenance;
import io.neurflow.api.Selection;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SemanticGroups;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the fields in the order in which they refer to each other, and checks every reference. */
final class CircuitJsonReader {
    private static final ImmutableSet<String> TOP = ImmutableSet.of(
            "format",
            "version",
            "provenance",
            "settings",
            "layers",
            "layer_info",
            "target",
            "images",
            "patches",
            "nodes",
            "edges",
            "groups",
            "group_silhouettes",
            "group_edges");
    private static final ImmutableSet<String> TOP_CERTIFIED = ImmutableSet.<String>builder()
            .addAll(TOP)
            .add(CertificateJson.FIELD)
            .build();
    private static final ImmutableSet<String> NODE = ImmutableSet.of(
            "layer", "neuron", "concept", "phi", "semantic_groups", "semantic_space", "silhouettes", "core_layer");
    private static final ImmutableSet<String> NODE_WITH_CORE = ImmutableSet.<String>builder()
            .addAll(NODE)
            .add("selection", "core", "core_importance", "core_scores", "core_mean_abs", "core_abs_of_sum")
            .add("residual_max", "change_max", "steps_max", "steps_mean")
            .build();

    private final JsonPlace root;
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    /** Where the layers of the circuit, unlike those that are only a semantic space, stand in it. */
    private final Map<Layer, Integer> depths = new LinkedHashMap<>();

    private final Map<Integer, SourceImage> images = new LinkedHashMap<>();
    private final Map<Integer, Patch> patches = new LinkedHashMap<>();
    private final Map<Neuron, CircuitNode> nodes = new LinkedHashMap<>();
    private final Map<String, NeuronGroup> groups = new LinkedHashMap<>();

    CircuitJsonReader(JsonPlace root) {
        this.root = root;
    }

    ConceptCircuit read() {
        if (!root.node().path("format").asText().equals(CircuitJson.FORMAT)) {
            throw new JsonPlace(root.node().path("format"), "$.format").expected('"' + CircuitJson.FORMAT + '"');
        }
        JsonPlace version = root.field("version");
        boolean certified = version.integer() == CircuitJson.CERTIFIED_VERSION;
        if (!certified && version.integer() != CircuitJson.VERSION) {
            throw version.expected("version " + CircuitJson.VERSION + " or " + CircuitJson.CERTIFIED_VERSION
                    + ", the only ones that this library reads");
        }
        root.only(certified ? TOP_CERTIFIED : TOP);
        Provenance provenance = provenance();
        layers();
        for (JsonPlace place : root.field("images").items()) {
            unique(images, image(place), place);
        }
        for (JsonPlace place : root.field("patches").items()) {
            unique(patches, patch(place), place);
        }
        for (JsonPlace place : root.field("nodes").items()) {
            CircuitNode node = node(place);
            if (nodes.put(node.neuron(), node) != null) {
                throw new NeurflowException(
                        "at " + place.path() + ": expected each neuron once, but " + node.neuron() + " is there twice");
            }
        }
        ImmutableList<Layer> circuitLayers = ImmutableList.copyOf(depths.keySet());
        JsonPlace target = root.field("target");
        NeuronCircuit neurons = new NeuronCircuit(
                target.among(nodes, neuron(circuitLayers.get(0), target), "a node of the first layer")
                        .neuron(),
                circuitLayers,
                ImmutableList.copyOf(nodes.values()),
                ImmutableList.copyOf(root.field("edges").map(this::edge)));
        for (JsonPlace place : root.field("groups").items()) {
            NeuronGroup group = group(place);
            if (groups.put(group.name(), group) != null) {
                throw new NeurflowException(
                        "at " + place.path() + ": expected each group once, but " + group.name() + " is there twice");
            }
        }
        List<NeuronGroup> tops = groups.values().stream().limit(1).toList();
        if (tops.isEmpty() || !tops.get(0).layer().equals(circuitLayers.get(0))) {
            throw root.field("groups").expected("the group of the root first");
        }
        return new ConceptCircuit(
                neurons,
                ImmutableList.copyOf(groups.values()),
                ImmutableList.copyOf(root.field("group_edges").map(this::groupEdge)),
                silhouettes(),
                ImmutableList.copyOf(images.values()),
                ImmutableList.copyOf(patches.values()),
                provenance,
                certified ? Optional.of(CertificateJson.read(root.field(CertificateJson.FIELD))) : Optional.empty());
    }

    private Provenance provenance() {
        JsonPlace place = root.field("provenance").only(ImmutableSet.of("model", "library_version", "warnings"));
        JsonPlace model = place.field("model").only(ImmutableSet.of("name", "digest", "engine", "precision"));
        ImmutableMap.Builder<String, String> options = ImmutableMap.builder();
        root.field("settings").fields().forEach((name, value) -> options.put(name, value.text()));
        return new Provenance(
                new ModelInfo(
                        model.field("name").text(),
                        model.field("digest").text(),
                        model.field("engine").text(),
                        model.field("precision").choice(Precision.values())),
                place.field("library_version").text(),
                options.buildOrThrow(),
                ImmutableList.copyOf(place.field("warnings").map(JsonPlace::text)));
    }

    private void layers() {
        List<JsonPlace> names = root.field("layers").items();
        if (names.isEmpty()) {
            throw root.field("layers").expected("at least one layer");
        }
        List<JsonPlace> infos = root.field("layer_info").items();
        if (infos.size() < names.size()) {
            throw root.field("layer_info").expected("an entry for each of " + names.size() + " layers");
        }
        for (int i = 0; i < infos.size(); i++) {
            JsonPlace info = infos.get(i).only(ImmutableSet.of("name", "index", "kind", "shape"));
            List<JsonPlace> shape = info.field("shape").items(3);
            Layer layer = info.make(() -> new Layer(
                    info.field("name").text(),
                    info.field("index").integer(),
                    info.field("kind").text(),
                    new Shape(
                            shape.get(0).integer(),
                            shape.get(1).integer(),
                            shape.get(2).integer())));
            if (i < names.size() && !names.get(i).text().equals(layer.name())) {
                throw info.field("name")
                        .expected('"' + names.get(i).text() + "\", as in "
                                + names.get(i).path());
            }
            if (layers.put(layer.name(), layer) != null) {
                throw info.field("name").expected("a name that no other layer has");
            }
            if (i < names.size()) {
                depths.put(layer, i);
            }
        }
    }

    private static <T> void unique(Map<Integer, T> known, Map.Entry<Integer, T> entry, JsonPlace place) {
        if (known.put(entry.getKey(), entry.getValue()) != null) {
            throw place.field("index").expected("an index that nothing before it has");
        }
    }

    private Map.Entry<Integer, SourceImage> image(JsonPlace place) {
        place.only(ImmutableSet.of("index", "name", "digest"));
        int index = place.field("index").integer();
        return Map.entry(
                index,
                new SourceImage(
                        index, place.field("name").text(), place.field("digest").text()));
    }

    private Map.Entry<Integer, Patch> patch(JsonPlace place) {
        place.only(ImmutableSet.of("index", "image", "fraction", "top", "left", "size"));
        JsonPlace image = place.field("image");
        image.among(images, image.integer(), "the index of an image");
        int index = place.field("index").integer();
        return Map.entry(
                index,
                place.make(() -> new Patch(
                        index,
                        image.integer(),
                        place.field("fraction").number(),
                        place.field("top").integer(),
                        place.field("left").integer(),
                        place.field("size").integer())));
    }

    private CircuitNode node(JsonPlace place) {
        boolean hasCore = !place.field("core_layer").isNull();
        place.only(hasCore ? NODE_WITH_CORE : NODE);
        Neuron neuron = neuron(circuitLayer(place.field("layer")), place.field("neuron"));
        NeuronConcept concept = place.make(() -> new NeuronConcept(
                neuron, knownPatches(place.field("concept")), place.field("phi").numbers()));
        List<JsonPlace> parts = place.field("semantic_groups").items();
        List<SemanticGroup> semanticGroups = new ArrayList<>();
        for (int j = 0; j < parts.size(); j++) {
            semanticGroups.add(new SemanticGroup(neuron, j, knownPatches(parts.get(j))));
        }
        SemanticGroups split = new SemanticGroups(
                ImmutableList.copyOf(semanticGroups),
                layer(place.field("semantic_space")),
                place.field("silhouettes").curve());
        return new CircuitNode(concept, split, hasCore ? Optional.of(core(place, neuron)) : Optional.empty());
    }

    private CoreConceptNeurons core(JsonPlace place, Neuron target) {
        Layer source = layerBelow(target.layer(), place.field("core_layer"));
        List<JsonPlace> channels = place.field("core").items();
        List<JsonPlace> values = place.field("core_importance").items(channels.size());
        ImmutableList.Builder<ImportanceScore> scores = ImmutableList.builder();
        for (int i = 0; i < channels.size(); i++) {
            scores.add(new ImportanceScore(
                    target, neuron(source, channels.get(i)), values.get(i).number()));
        }
        return new CoreConceptNeurons(
                target,
                source,
                place.field("selection").choice(Selection.values()),
                scores.build(),
                place.field("core_scores").numbers(),
                channels(source, place.field("core_abs_of_sum")),
                channels(source, place.field("core_mean_abs")),
                place.field("residual_max").number(),
                place.field("change_max").number(),
                place.field("steps_max").integer(),
                place.field("steps_mean").number());
    }

    private ConceptEdge edge(JsonPlace place) {
        place.only(ImmutableSet.of("parent_layer", "parent", "group", "child_layer", "child", "importance", "weight"));
        Layer parent = circuitLayer(place.field("parent_layer"));
        JsonPlace child = place.field("child");
        return new ConceptEdge(
                semanticGroup(parent, place.field("parent"), place.field("group")),
                child.among(nodes, neuron(layerBelow(parent, place.field("child_layer")), child), "a neuron of a node")
                        .neuron(),
                place.field("importance").number(),
                place.field("weight").number());
    }

    private NeuronGroup group(JsonPlace place) {
        place.only(ImmutableSet.of("layer", "index", "members", "neurons", "concept", "by_distance"));
        Layer layer = circuitLayer(place.field("layer"));
        NeuronGroup group = place.make(() -> new NeuronGroup(
                layer,
                place.field("index").integer(),
                members(layer, place.field("members")),
                members(layer, place.field("by_distance"))));
        ImmutableIntArray channels =
                ImmutableIntArray.copyOf(group.neurons().stream().mapToInt(Neuron::channel));
        if (!place.field("neurons").integers().equals(channels)) {
            throw place.field("neurons").expected("the members' neurons, " + channels);
        }
        if (!place.field("concept").integers().equals(group.concept())) {
            throw place.field("concept").expected("the members' patches, distinct and ascending");
        }
        return group;
    }

    private ImmutableList<SemanticGroup> members(Layer layer, JsonPlace place) {
        return ImmutableList.copyOf(place.map(pair -> {
            List<JsonPlace> items = pair.items(2);
            return semanticGroup(layer, items.get(0), items.get(1));
        }));
    }

    private GroupEdge groupEdge(JsonPlace place) {
        place.only(ImmutableSet.of("parent_layer", "parent", "child_layer", "child", "weight", "edge_count"));
        Layer parent = circuitLayer(place.field("parent_layer"));
        return new GroupEdge(
                group(layerBelow(parent, place.field("child_layer")), place.field("child")),
                group(parent, place.field("parent")),
                place.field("weight").number(),
                place.field("edge_count").integer());
    }

    private NeuronGroup group(Layer layer, JsonPlace index) {
        return index.among(groups, layer.name() + "/G" + index.integer(), "the index of a group");
    }

    private ImmutableMap<String, ImmutableSortedMap<Integer, Double>> silhouettes() {
        ImmutableMap.Builder<String, ImmutableSortedMap<Integer, Double>> curves = ImmutableMap.builder();
        root.field("group_silhouettes").fields().forEach((layer, curve) -> {
            Layer known = curve.among(layers, layer, "a field named after a layer");
            curve.among(depths, known, "a field named after a layer of the circuit");
            curves.put(layer, curve.curve());
        });
        return curves.buildOrThrow();
    }

    private Layer layer(JsonPlace place) {
        return place.among(layers, place.text(), "the name of a layer");
    }

    private Layer circuitLayer(JsonPlace place) {
        Layer layer = layer(place);
        place.among(depths, layer, "the name of a layer of the circuit, one of $.layers,");
        return layer;
    }

    /** Whatever joins two layers joins neighbours. */
    private Layer layerBelow(Layer upper, JsonPlace place) {
        Layer layer = circuitLayer(place);
        int depth = place.among(depths, upper, "the name of a layer of the circuit");
        if (place.among(depths, layer, "the name of a layer of the circuit") != depth + 1) {
            throw place.expected("the layer that follows \"" + upper.name() + "\" in $.layers");
        }
        return layer;
    }

    private static Neuron neuron(Layer layer, JsonPlace place) {
        return place.make(() -> layer.neuron(place.integer()));
    }

    private static ImmutableIntArray channels(Layer layer, JsonPlace place) {
        return ImmutableIntArray.copyOf(
                place.items().stream().mapToInt(item -> neuron(layer, item).channel()));
    }

    private SemanticGroup semanticGroup(Layer layer, JsonPlace channel, JsonPlace index) {
        CircuitNode node = channel.among(nodes, neuron(layer, channel), "a neuron of a node");
        if (index.integer() < 0 || index.integer() >= node.groups().size()) {
            throw index.expected("one of the " + node.groups().size() + " semantic groups of " + node.neuron());
        }
        return node.groups().get(index.integer());
    }

    private ImmutableIntArray knownPatches(JsonPlace place) {
        ImmutableIntArray.Builder indices = ImmutableIntArray.builder();
        for (JsonPlace item : place.items()) {
            item.among(patches, item.integer(), "the index of a patch");
            indices.add(item.integer());
        }
        return indices.build();
    }
}
