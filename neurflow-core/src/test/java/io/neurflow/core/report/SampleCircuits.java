package io.neurflow.core.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.ImportanceScore;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
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
import io.neurflow.core.image.PatchPictures;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Invented circuits that have the structure of real ones: core concept neurons with signed scores, Eq. 4 weights, groups
 * whose weights are sums of those. Nothing was computed by a model.
 */
public record SampleCircuits(
        long seed, List<String> names, int perLayer, int groupsPerLayer, int images, int k, int tau) {
    /** Names that try to break out of whatever holds them. */
    static final String HOSTILE = "</script><img src=x onerror=alert(1)>\"'&]]>\u2028\\";

    public static ConceptCircuit small() {
        return new SampleCircuits(1, List.of("fc", "layer4.2", "layer4.1"), 5, 3, 4, 6, 3).circuit();
    }

    /** Three layers below the logit, about 40 neurons and 12 groups in each. */
    static ConceptCircuit realistic() {
        return new SampleCircuits(7, List.of("fc", "layer4.2", "layer4.1", "layer3.5"), 40, 12, 42, 50, 16).circuit();
    }

    static ConceptCircuit hostile() {
        return new SampleCircuits(3, List.of("fc", HOSTILE, "b" + HOSTILE), 4, 2, 3, 5, 2).circuit();
    }

    ConceptCircuit circuit() {
        Random random = new Random(seed);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Shape shape = i == 0 ? Shape.units(1000) : new Shape(2048, 7, 7);
            layers.add(new Layer(names.get(i), names.size() - 1 - i, i == 0 ? "Gemm" : "Relu", shape));
        }
        List<SourceImage> sources = new ArrayList<>();
        List<Patch> patches = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            String name = i == 0 ? "images/" + HOSTILE + ".jpg" : "images/n02206856_%04d.jpg".formatted(i * 37);
            sources.add(new SourceImage(i, name, "%064x".formatted(i)));
            for (int row = 0; row < 3; row++) {
                for (int column = 0; column < 3; column++) {
                    patches.add(new Patch(patches.size(), i, 0.5, row * 56, column * 56, 112));
                }
            }
        }
        Map<Neuron, CircuitNode> nodes = new LinkedHashMap<>();
        List<ConceptEdge> edges = new ArrayList<>();
        List<List<Neuron>> neurons = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            neurons.add(
                    i == 0
                            ? List.of(layer.neuron(309))
                            : random.ints(0, 2048)
                                    .distinct()
                                    .limit(perLayer)
                                    .sorted()
                                    .mapToObj(layer::neuron)
                                    .toList());
        }
        for (int i = 0; i < layers.size(); i++) {
            boolean lowest = i == layers.size() - 1;
            for (Neuron neuron : neurons.get(i)) {
                List<Neuron> core = lowest ? List.of() : some(neurons.get(i + 1), tau, random);
                CircuitNode node = node(neuron, layers.get(lowest ? i : i + 1), core, patches, random);
                nodes.put(neuron, node);
                for (SemanticGroup group : node.groups()) {
                    double[] t = core.stream()
                            .mapToDouble(s -> random.nextGaussian())
                            .toArray();
                    double sum = java.util.Arrays.stream(t).map(Math::abs).sum();
                    for (int c = 0; c < t.length; c++) {
                        edges.add(new ConceptEdge(group, core.get(c), t[c], t[c] / sum));
                    }
                }
            }
        }
        List<NeuronGroup> groups = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            groups.addAll(groups(layers.get(i), neurons.get(i), nodes, i == 0 ? 1 : groupsPerLayer, random));
        }
        ImmutableMap.Builder<String, ImmutableSortedMap<Integer, Double>> silhouettes = ImmutableMap.builder();
        layers.forEach(layer -> silhouettes.put(
                layer.name(), layer.index() == names.size() - 1 ? ImmutableSortedMap.of() : curve(20, random)));
        return new ConceptCircuit(
                new NeuronCircuit(
                        neurons.get(0).get(0),
                        ImmutableList.copyOf(layers),
                        ImmutableList.copyOf(nodes.values()),
                        ImmutableList.copyOf(edges)),
                ImmutableList.copyOf(groups),
                groupEdges(groups, edges),
                silhouettes.buildOrThrow(),
                ImmutableList.copyOf(sources),
                ImmutableList.copyOf(patches),
                new Provenance(
                        new ModelInfo("resnet50.onnx", "ab".repeat(32), "an invented engine", Precision.FLOAT32),
                        "0.1.0",
                        ImmutableMap.of(
                                "preset",
                                "recommended",
                                "topPatches",
                                Integer.toString(k),
                                "maxCoreNeurons",
                                Integer.toString(tau),
                                "quadrature",
                                "GAUSS_LEGENDRE",
                                "integrationSteps",
                                "50"),
                        ImmutableList.of("2 files could not be read as images", "layer3.5#77 is dead: " + HOSTILE)));
    }

    private CircuitNode node(Neuron neuron, Layer below, List<Neuron> core, List<Patch> patches, Random random) {
        int[] concept = some(patches, k, random).stream().mapToInt(Patch::index).toArray();
        double[] phi = random.doubles(concept.length + 1, 0, 20)
                .map(v -> -v)
                .sorted()
                .map(v -> -v)
                .toArray();
        int count = 1 + random.nextInt(4);
        List<SemanticGroup> groups = new ArrayList<>();
        for (int j = 0; j < count; j++) {
            ImmutableIntArray.Builder part = ImmutableIntArray.builder();
            for (int p = j; p < concept.length; p += count) {
                part.add(concept[p]);
            }
            groups.add(new SemanticGroup(neuron, j, part.build()));
        }
        ImmutableList<ImportanceScore> scores = core.stream()
                .map(s -> new ImportanceScore(neuron, s, random.nextGaussian()))
                .sorted(java.util.Comparator.comparingDouble(s -> -s.magnitude()))
                .collect(ImmutableList.toImmutableList());
        ImmutableIntArray channels = ImmutableIntArray.copyOf(core.stream().mapToInt(Neuron::channel));
        Optional<CoreConceptNeurons> found = core.isEmpty()
                ? Optional.empty()
                : Optional.of(new CoreConceptNeurons(
                        neuron,
                        below,
                        Selection.ABS_OF_SUM,
                        scores,
                        ImmutableDoubleArray.copyOf(scores.stream().mapToDouble(ImportanceScore::magnitude)),
                        channels,
                        channels,
                        random.nextDouble() * 1e-3,
                        5,
                        200,
                        62.5));
        return new CircuitNode(
                new NeuronConcept(neuron, ImmutableIntArray.copyOf(concept), ImmutableDoubleArray.copyOf(phi)),
                new SemanticGroups(ImmutableList.copyOf(groups), below, curve(5, random)),
                found);
    }

    private static ImmutableSortedMap<Integer, Double> curve(int most, Random random) {
        TreeMap<Integer, Double> curve = new TreeMap<>();
        for (int n = 2; n <= most; n++) {
            curve.put(n, random.nextDouble() * 0.6 - 0.05);
        }
        return ImmutableSortedMap.copyOf(curve);
    }

    private static List<NeuronGroup> groups(
            Layer layer, List<Neuron> neurons, Map<Neuron, CircuitNode> nodes, int count, Random random) {
        List<SemanticGroup> all =
                neurons.stream().flatMap(n -> nodes.get(n).groups().stream()).toList();
        List<List<SemanticGroup>> parts = new ArrayList<>();
        for (int g = 0; g < Math.min(count, all.size()); g++) {
            parts.add(new ArrayList<>(List.of(all.get(g))));
        }
        all.stream().skip(parts.size()).forEach(m -> parts.get(random.nextInt(parts.size()))
                .add(m));
        List<NeuronGroup> groups = new ArrayList<>();
        for (List<SemanticGroup> part : parts) {
            List<SemanticGroup> byDistance = new ArrayList<>(part);
            Collections.shuffle(byDistance, random);
            groups.add(new NeuronGroup(
                    layer, groups.size(), ImmutableList.copyOf(part), ImmutableList.copyOf(byDistance)));
        }
        return groups;
    }

    private static ImmutableList<GroupEdge> groupEdges(List<NeuronGroup> groups, List<ConceptEdge> edges) {
        Map<SemanticGroup, Integer> parents = new HashMap<>();
        Map<Neuron, Set<Integer>> children = new HashMap<>();
        for (int g = 0; g < groups.size(); g++) {
            for (SemanticGroup member : groups.get(g).members()) {
                parents.put(member, g);
                children.computeIfAbsent(member.neuron(), n -> new TreeSet<>()).add(g);
            }
        }
        Map<List<Integer>, List<ConceptEdge>> between = new LinkedHashMap<>();
        for (ConceptEdge edge : edges) {
            for (int child : children.get(edge.child())) {
                between.computeIfAbsent(List.of(parents.get(edge.group()), child), pair -> new ArrayList<>())
                        .add(edge);
            }
        }
        ImmutableList.Builder<GroupEdge> sums = ImmutableList.builder();
        between.forEach((pair, some) -> sums.add(new GroupEdge(
                groups.get(pair.get(1)),
                groups.get(pair.get(0)),
                some.stream().mapToDouble(ConceptEdge::weight).sum(),
                some.size())));
        return sums.build();
    }

    private static <T> List<T> some(List<T> all, int count, Random random) {
        List<T> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        return List.copyOf(shuffled.subList(0, Math.min(count, shuffled.size())));
    }

    /** Drawn pictures: a hue per image, a shape per place, some noise as in photographs. */
    static PatchPictures drawn() {
        return (patch, side) -> {
            BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
            Graphics2D g = picture.createGraphics();
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.setColor(Color.getHSBColor(patch.image() * 0.137f, 0.35f, 0.8f));
            g.fillRect(0, 0, side, side);
            g.setColor(Color.getHSBColor(patch.image() * 0.137f + 0.5f, 0.7f, 0.6f));
            int corner = side / 8 + (patch.index() % 9) * side / 24;
            if (patch.index() % 2 == 0) {
                g.fillOval(corner, side / 4, side / 2, side / 2);
            } else {
                g.fillRect(corner, side / 3, side / 2, side / 3);
            }
            g.dispose();
            Random noise = new Random(patch.index());
            for (int i = 0; i < side * side; i++) {
                int x = i % side;
                int y = i / side;
                int shade = (int) (noise.nextGaussian() * 8);
                Color c = new Color(picture.getRGB(x, y));
                picture.setRGB(
                        x,
                        y,
                        new Color(clamp(c.getRed() + shade), clamp(c.getGreen() + shade), clamp(c.getBlue() + shade))
                                .getRGB());
            }
            return picture;
        };
    }

    private static int clamp(int value) {
        return Math.max(0, Math.min(255, value));
    }
}
