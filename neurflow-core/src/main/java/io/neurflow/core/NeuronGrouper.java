package io.neurflow.core;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.Counting;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.SemanticGroup;
import io.neurflow.core.cluster.Clusters;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Section 3.5: r<sub>s,j</sub>, the mean of the representative vectors over V<sub>s,j</sub>, places each semantic group of
 * each core concept neuron of a layer; Ward's tree and the silhouette put them into neuron groups; W adds the edges up.
 */
final class NeuronGrouper {
    private final NeuronCircuit circuit;
    private final PatchActivations activations;
    private final int maxGroups;

    NeuronGrouper(NeuronCircuit circuit, PatchActivations activations, int maxGroups) {
        this.circuit = circuit;
        this.activations = activations;
        this.maxGroups = maxGroups;
    }

    /** Groups of one layer and the silhouettes that chose their number. */
    record Grouping(ImmutableList<NeuronGroup> groups, Clusters clusters) {}

    /** The root, one logit, is one group. */
    Grouping group(Layer layer, Layer space) {
        ImmutableList<SemanticGroup> members = circuit.at(layer).stream()
                .flatMap(node -> node.groups().stream())
                .collect(toImmutableList());
        if (members.isEmpty()) {
            return new Grouping(ImmutableList.of(), Clusters.single(0));
        }
        double[][] vectors = members.stream()
                .map(member -> mean(activations.representativeVectors(space, member.patches())))
                .toArray(double[][]::new);
        Clusters clusters = layer.equals(circuit.root().layer())
                ? Clusters.single(members.size())
                : Clusters.of(vectors, maxGroups);
        ImmutableList.Builder<NeuronGroup> groups = ImmutableList.builder();
        for (int g = 0; g < clusters.count(); g++) {
            int index = g;
            List<Integer> inside = IntStream.range(0, members.size())
                    .filter(i -> clusters.labels().get(i) == index)
                    .boxed()
                    .toList();
            groups.add(new NeuronGroup(
                    layer,
                    g,
                    inside.stream().map(members::get).collect(toImmutableList()),
                    byDistance(inside, vectors).stream().map(members::get).collect(toImmutableList())));
        }
        return new Grouping(groups.build(), clusters);
    }

    /** Distances are rounded because pairs, and neurons that share a semantic group, are equally far but for rounding. */
    private static List<Integer> byDistance(List<Integer> inside, double[][] vectors) {
        double[] centre = mean(inside.stream().map(i -> vectors[i]).toArray(double[][]::new));
        double length = Math.max(norm(centre, new double[centre.length]), 1e-300);
        Map<Integer, Double> distance = new HashMap<>();
        for (int i : inside) {
            distance.put(i, Math.rint(norm(vectors[i], centre) / length * 1e4));
        }
        return inside.stream().sorted(Comparator.comparing(distance::get)).toList();
    }

    private static double norm(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += (a[d] - b[d]) * (a[d] - b[d]);
        }
        return Math.sqrt(sum);
    }

    private static double[] mean(double[][] rows) {
        double[] mean = new double[rows[0].length];
        for (double[] row : rows) {
            for (int d = 0; d < mean.length; d++) {
                mean[d] += row[d] / rows.length;
            }
        }
        return mean;
    }

    /** W(G_i, G_j) for all pairs of groups of two adjacent layers that any edge connects. */
    static ImmutableList<GroupEdge> edges(
            NeuronCircuit circuit, List<NeuronGroup> children, List<NeuronGroup> parents, Counting counting) {
        Map<SemanticGroup, Integer> parentOf = new HashMap<>();
        parents.forEach(group -> group.members().forEach(member -> parentOf.put(member, group.index())));
        double[][] weights = new double[parents.size()][children.size()];
        int[][] counts = new int[parents.size()][children.size()];
        Map<Integer, int[]> groupsOfChild = groupsOfChannel(children);
        for (ConceptEdge edge : circuit.edges()) {
            Integer parent = parentOf.get(edge.group());
            if (parent == null) {
                continue;
            }
            int[] perGroup = groupsOfChild.getOrDefault(edge.child().channel(), new int[children.size()]);
            int all = IntStream.of(perGroup).sum();
            for (int child = 0; child < perGroup.length; child++) {
                int n = perGroup[child];
                if (n > 0) {
                    double factor =
                            switch (counting) {
                                case MULTISET -> n;
                                case FRACTIONAL -> (double) n / all;
                                case SET -> 1;
                            };
                    weights[parent][child] += factor * edge.weight();
                    counts[parent][child]++;
                }
            }
        }
        ImmutableList.Builder<GroupEdge> edges = ImmutableList.builder();
        for (NeuronGroup parent : parents) {
            for (NeuronGroup child : children) {
                int count = counts[parent.index()][child.index()];
                if (count > 0) {
                    edges.add(new GroupEdge(child, parent, weights[parent.index()][child.index()], count));
                }
            }
        }
        return edges.build();
    }

    /** For each channel, how many of its semantic groups each neuron group holds. */
    private static Map<Integer, int[]> groupsOfChannel(List<NeuronGroup> groups) {
        Map<Integer, int[]> counts = new HashMap<>();
        for (NeuronGroup group : groups) {
            for (SemanticGroup member : group.members()) {
                counts.computeIfAbsent(member.neuron().channel(), c -> new int[groups.size()])[group.index()]++;
            }
        }
        return counts;
    }
}
