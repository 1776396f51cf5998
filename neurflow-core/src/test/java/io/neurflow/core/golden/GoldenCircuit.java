package io.neurflow.core.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Streams;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.Counting;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.Tensor;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.GroupSpace;
import io.neurflow.core.Intervention;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.Preset;
import io.neurflow.core.image.ImagePatches;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.PatchGrid;
import io.neurflow.core.image.Preprocessing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Builds the circuit of a golden case and compares all that the slow reference wrote down of it. */
final class GoldenCircuit {
    private static final double TOLERANCE = 1e-3;

    private final GoldenCase golden;
    private final JsonNode settings;
    private final ModelProbe probe;
    private final ImagePatches patches;
    private final int target;

    GoldenCircuit(GoldenCase golden, ModelProbe probe) {
        this.golden = golden;
        this.probe = probe;
        this.settings = golden.json("case").get("settings");
        this.patches = patches(golden);
        this.target = golden.json("case").get("class").asInt();
    }

    /** The layers of the case that are probed: those of its circuit, and the one below for the authors' space. */
    static List<String> layers(GoldenCase golden) {
        List<String> all = new ArrayList<>();
        golden.json("case")
                .get("layers")
                .forEach(layer -> all.add(layer.get("name").asText()));
        int circuit = golden.json("case").get("circuit_layers").size();
        return all.subList(0, Math.min(all.size(), circuit + 1));
    }

    static ImagePatches patches(GoldenCase golden) {
        Npy inputs = golden.array("inputs_u8");
        int side = inputs.shape()[1];
        List<String> names = new ArrayList<>();
        List<byte[]> crops = new ArrayList<>();
        for (int i = 0; i < inputs.shape()[0]; i++) {
            names.add("image " + i);
            byte[] crop = new byte[side * side * 3];
            for (int p = 0; p < crop.length; p++) {
                crop[p] = (byte) (int) inputs.values()[i * crop.length + p];
            }
            crops.add(crop);
        }
        Preprocessing numbers =
                golden.json("case").get("preprocessing").get("order").asText().equals("BGR")
                        ? Preprocessing.caffe()
                        : Preprocessing.imageNet();
        return PatchGrid.paper()
                .cut(ImageSource.ofCrops(names, crops, side == 224 ? numbers : numbers.withSide(side))
                        .load());
    }

    private CircuitBuilder builder() {
        Preset preset = settings.get("space").asText().equals("layer_below") ? Preset.AUTHORS_CODE : Preset.PAPER;
        JsonNode layers = golden.json("case").get("circuit_layers");
        return CircuitBuilder.using(CoreConceptFinder.over(probe)
                        .topPatches(settings.get("k").asInt())
                        .maxCoreNeurons(settings.get("tau").asInt())
                        .integrationSteps(settings.get("steps").asInt()))
                .preset(preset)
                .downTo(probe.layer(layers.get(layers.size() - 1).asText()));
    }

    void check() {
        PatchActivations activations = PatchActivations.of(probe, patches, probe.layers(), ProgressListener.NONE);
        NeuronCircuit circuit = builder().neurons(probe.logits().neuron(target), activations);
        JsonNode expected = golden.json("circuit");
        checkNodes(circuit, expected.get("nodes"));
        checkEdges(circuit, expected.get("edges"));
        for (GroupSpace space : GroupSpace.values()) {
            for (Counting counting : Counting.values()) {
                ConceptCircuit variant =
                        builder().groupSpace(space).counting(counting).group(circuit, activations);
                checkGroups(variant, golden.json("groups").get(space.name().toLowerCase(Locale.ROOT)), counting);
            }
        }
    }

    private static void checkNodes(NeuronCircuit circuit, JsonNode expected) {
        List<CircuitNode> nodes = circuit.nodes();
        assertThat(nodes).hasSize(expected.size());
        for (int i = 0; i < nodes.size(); i++) {
            CircuitNode node = nodes.get(i);
            JsonNode e = expected.get(i);
            String what = node.neuron().toString();
            assertThat(what)
                    .isEqualTo(e.get("layer").asText() + "#" + e.get("neuron").asInt());
            assertThat(ints(node.concept().patches())).as(what).isEqualTo(ints(e.get("concept")));
            assertClose(node.concept().activations().toArray(), doubles(e.get("phi")), what);
            assertThat(groups(node.groups())).as(what).isEqualTo(lists(e.get("semantic_groups")));
            e.get("silhouettes").properties().forEach(s -> assertThat(
                            node.semanticGroups().silhouettes().get(Integer.valueOf(s.getKey())))
                    .as(what)
                    .isCloseTo(s.getValue().asDouble(), offset(TOLERANCE)));
            if (node.core().isPresent()) {
                var core = node.core().get();
                assertThat(core.neurons().stream().map(Neuron::channel).toList())
                        .as(what)
                        .isEqualTo(ints(e.get("core")));
                assertThat(ints(core.byMeanAbs())).as(what).isEqualTo(ints(e.get("core_mean_abs")));
                assertThat(ints(core.byAbsOfSum())).as(what).isEqualTo(ints(e.get("core_abs_of_sum")));
                assertClose(core.rankingValues().toArray(), doubles(e.get("core_scores")), what);
                assertThat(core.largestResidual())
                        .as(what)
                        .isCloseTo(e.get("residual_max").asDouble(), offset(TOLERANCE * core.largestChange()));
            } else {
                assertThat(e.get("core")).as(what).isEmpty();
            }
        }
    }

    private static void checkEdges(NeuronCircuit circuit, JsonNode expected) {
        List<ConceptEdge> edges = circuit.edges();
        assertThat(edges).hasSize(expected.size());
        double scale = Streams.stream(expected)
                .mapToDouble(e -> Math.abs(e.get("importance").asDouble()))
                .max()
                .orElse(1);
        for (int i = 0; i < edges.size(); i++) {
            ConceptEdge edge = edges.get(i);
            JsonNode e = expected.get(i);
            String what = edge.toString();
            assertThat(edge.parent().channel())
                    .as(what)
                    .isEqualTo(e.get("parent").asInt());
            assertThat(edge.group().index()).as(what).isEqualTo(e.get("group").asInt());
            assertThat(edge.child().channel()).as(what).isEqualTo(e.get("child").asInt());
            assertThat(edge.weight()).as(what).isCloseTo(e.get("weight").asDouble(), offset(TOLERANCE));
            assertThat(edge.importance()).as(what).isCloseTo(e.get("importance").asDouble(), offset(TOLERANCE * scale));
        }
    }

    private static void checkGroups(ConceptCircuit circuit, JsonNode expected, Counting counting) {
        for (var layer : circuit.layers()) {
            JsonNode groups = expected.get("groups").get(layer.name());
            List<NeuronGroup> found = circuit.at(layer);
            assertThat(found).as(layer.name()).hasSize(groups.size());
            for (int g = 0; g < found.size(); g++) {
                assertThat(pairs(found.get(g).members()))
                        .isEqualTo(lists(groups.get(g).get("members")));
                assertThat(pairs(found.get(g).byDistance()))
                        .isEqualTo(lists(groups.get(g).get("by_distance")));
                assertThat(ints(found.get(g).concept()))
                        .isEqualTo(ints(groups.get(g).get("concept")));
                assertThat(found.get(g).neurons().stream().map(Neuron::channel).toList())
                        .isEqualTo(ints(groups.get(g).get("neurons")));
            }
        }
        for (JsonNode pair : expected.get("weights")) {
            if (pair.get("counting").asText().equals(counting.name().toLowerCase(Locale.ROOT))) {
                checkWeights(circuit, pair);
            }
        }
    }

    private static void checkWeights(ConceptCircuit circuit, JsonNode pair) {
        JsonNode weights = pair.get("weights");
        double[][] found = new double[weights.size()][weights.get(0).size()];
        for (GroupEdge edge : circuit.edges()) {
            if (edge.parent().layer().name().equals(pair.get("parent_layer").asText())) {
                found[edge.child().index()][edge.parent().index()] = edge.weight();
            }
        }
        for (int i = 0; i < found.length; i++) {
            for (int j = 0; j < found[i].length; j++) {
                assertThat(found[i][j]).isCloseTo(weights.get(i).get(j).asDouble(), offset(TOLERANCE));
            }
        }
    }

    /** The first group of every layer masked, on whole images, as the case's own space groups them. */
    void checkMaskedLogits() {
        int images = patches.images().size();
        String space = settings.get("space").asText();
        Tensor inputs = patches.inputs(ImmutableIntArray.copyOf(IntStream.range(0, images)));
        for (var layer : probe.layers()) {
            JsonNode groups = golden.json("groups").get(space).get("groups").get(layer.name());
            if (groups == null || layer.equals(probe.logits())) {
                continue;
            }
            ImmutableList<Neuron> masked = ints(groups.get(0).get("neurons")).stream()
                    .map(layer::neuron)
                    .collect(ImmutableList.toImmutableList());
            double[] logits = Intervention.knockOut(masked)
                    .forward(probe, inputs, probe.logits())
                    .toDoubles();
            assertClose(
                    logits, golden.array("masked_logits_" + layer.name() + "_0").values(), layer.name());
        }
    }

    private static void assertClose(double[] found, double[] expected, String what) {
        assertThat(found).as(what).hasSameSizeAs(expected);
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(1);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).as(what).isCloseTo(expected[i], offset(TOLERANCE * scale));
        }
    }

    private static List<List<Integer>> groups(List<SemanticGroup> groups) {
        return groups.stream().map(group -> ints(group.patches())).toList();
    }

    private static List<List<Integer>> pairs(List<SemanticGroup> members) {
        return members.stream()
                .map(member -> List.of(member.neuron().channel(), member.index()))
                .toList();
    }

    private static List<Integer> ints(ImmutableIntArray values) {
        return values.asList();
    }

    private static List<Integer> ints(JsonNode values) {
        return Streams.stream(values).map(JsonNode::asInt).toList();
    }

    private static List<List<Integer>> lists(JsonNode values) {
        return Streams.stream(values).map(GoldenCircuit::ints).toList();
    }

    private static double[] doubles(JsonNode values) {
        return Streams.stream(values).mapToDouble(JsonNode::asDouble).toArray();
    }
}
