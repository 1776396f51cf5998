package io.neurflow.core.diff;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SourceImage;
import io.neurflow.core.debug.CropScores;
import io.neurflow.core.debug.ImageDebugger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which neuron groups of two circuits stand for the same. Channels of two models, and even of two trainings of one, have
 * nothing to do with each other; pictures have. Layers are paired from the logits down, the roots with each other. Within a
 * pair of layers groups are paired one to one so that the sum of the similarities is largest; pairs below a least similarity
 * are given up.
 *
 * @param before the first circuit
 * @param after the second
 * @param layers how many pairs of layers there are, from the logits down: those of the circuit that has fewer
 * @param matches the pairs, by layer from the logits down, then by group of the first circuit
 * @param how how similarity was measured, for people
 */
public record GroupAlignment(
        ConceptCircuit before, ConceptCircuit after, int layers, ImmutableList<GroupMatch> matches, String how) {
    /** From which similarity on groups that share patches are paired. */
    public static final double LEAST_OVERLAP = 0.2;

    /** From which rank correlation on groups that look at the same images are paired. */
    public static final double LEAST_CORRELATION = 0.5;

    /** Which share of the patches of the smaller circuit the other must know, too. */
    private static final double LEAST_SHARED = 0.5;

    /** How similar the groups of a pair of layers are, [before][after]. */
    @FunctionalInterface
    private interface Similarity {
        double[][] of(Layer before, Layer after);
    }

    /**
     * Aligns by patches that both circuits know: the same window of the same image, by digest. The similarity of two groups is
     * &Sigma; min / &Sigma; max over these patches of the shares of the groups' members that hold the patch in their semantic
     * groups: 1 for the same concept, 0 for no common patch. Pairs need {@value #LEAST_OVERLAP}.
     *
     * @param before a circuit
     * @param after another, of the same images: of another model, or made with other settings
     * @return the alignment
     * @throws IllegalArgumentException if the circuits share less than half of the patches of the smaller one
     */
    public static GroupAlignment byPatches(ConceptCircuit before, ConceptCircuit after) {
        Map<Integer, String> one = keys(before);
        Map<Integer, String> other = keys(after);
        Set<String> shared = one.values().stream()
                .filter(Set.copyOf(other.values())::contains)
                .collect(Collectors.toSet());
        int fewer = Math.min(
                Set.copyOf(one.values()).size(), Set.copyOf(other.values()).size());
        checkArgument(
                shared.size() >= LEAST_SHARED * fewer,
                "expected circuits of the same images, but of %s and %s patches they share only %s; build both from the same"
                        + " images, or compare what the models see in common ones: GroupAlignment.byImages, on the command"
                        + " line --images",
                one.size(),
                other.size(),
                shared.size());
        return align(
                before,
                after,
                (layer, counterpart) -> overlaps(
                        before.at(layer).stream()
                                .map(g -> profile(g, one, shared))
                                .toList(),
                        after.at(counterpart).stream()
                                .map(g -> profile(g, other, shared))
                                .toList()),
                LEAST_OVERLAP,
                "overlap of concepts over " + shared.size() + " shared patches, least " + LEAST_OVERLAP);
    }

    /**
     * Aligns by what both models see in common images: the similarity of two groups is Spearman's rank correlation of their M
     * over the windows. Pairs need {@value #LEAST_CORRELATION}. For circuits of two classes, or of models with different
     * images.
     *
     * @param before a circuit
     * @param probe the model of the first circuit, open with its layers
     * @param after another circuit
     * @param otherProbe the model of the second circuit; the same object if the model is the same
     * @param windows of images that both models can see, of both classes if there are two
     * @param listener is told of progress, and may cancel
     * @return the alignment
     * @throws IllegalArgumentException if a probe is not that of its circuit
     */
    public static GroupAlignment byImages(
            ConceptCircuit before,
            ModelProbe probe,
            ConceptCircuit after,
            ModelProbe otherProbe,
            PatchSet windows,
            ProgressListener listener) {
        checkArgument(
                windows.patches().size() >= 3,
                "expected at least 3 windows to correlate over, but there are %s",
                windows.patches().size());
        ImageDebugger one = ImageDebugger.of(probe, before).onProgress(listener);
        ImageDebugger other = ImageDebugger.of(otherProbe, after).onProgress(listener);
        return align(
                before,
                after,
                (layer, counterpart) -> correlations(
                        ranks(one.layer(layer.name()).score(windows)),
                        ranks(other.layer(counterpart.name()).score(windows))),
                LEAST_CORRELATION,
                "rank correlation of M over " + windows.patches().size() + " windows of "
                        + windows.images().size() + " images, least " + LEAST_CORRELATION);
    }

    private static GroupAlignment align(
            ConceptCircuit before, ConceptCircuit after, Similarity similarity, double least, String how) {
        int layers = Math.min(before.layers().size(), after.layers().size());
        ImmutableList.Builder<GroupMatch> matches = ImmutableList.builder();
        matches.add(new GroupMatch(before.root(), after.root(), 1));
        for (int l = 1; l < layers; l++) {
            Layer layer = before.layers().get(l);
            Layer counterpart = after.layers().get(l);
            List<NeuronGroup> ones = before.at(layer);
            List<NeuronGroup> others = after.at(counterpart);
            double[][] values = similarity.of(layer, counterpart);
            int[] columns = Assignment.best(values, others.size());
            for (int i = 0; i < columns.length; i++) {
                if (columns[i] >= 0 && values[i][columns[i]] >= least) {
                    matches.add(new GroupMatch(ones.get(i), others.get(columns[i]), values[i][columns[i]]));
                }
            }
        }
        return new GroupAlignment(before, after, layers, matches.build(), how);
    }

    /** The window that a patch is, whatever its number. */
    private static Map<Integer, String> keys(ConceptCircuit circuit) {
        Map<Integer, String> digests =
                circuit.images().stream().collect(Collectors.toMap(SourceImage::index, SourceImage::digest));
        Map<Integer, String> keys = new HashMap<>();
        for (Patch patch : circuit.patches()) {
            keys.put(
                    patch.index(),
                    digests.get(patch.image()) + " " + patch.top() + " " + patch.left() + " " + patch.size());
        }
        return keys;
    }

    private static Map<String, Double> profile(NeuronGroup group, Map<Integer, String> keys, Set<String> shared) {
        Map<String, Double> profile = new HashMap<>();
        for (SemanticGroup member : group.members()) {
            member.patches().forEach(patch -> {
                String key = keys.getOrDefault(patch, "");
                if (shared.contains(key)) {
                    profile.merge(key, 1.0 / group.members().size(), Double::sum);
                }
            });
        }
        return profile;
    }

    private static double[][] overlaps(List<Map<String, Double>> ones, List<Map<String, Double>> others) {
        double[][] values = new double[ones.size()][others.size()];
        for (int i = 0; i < ones.size(); i++) {
            for (int j = 0; j < others.size(); j++) {
                values[i][j] = overlap(ones.get(i), others.get(j));
            }
        }
        return values;
    }

    private static double overlap(Map<String, Double> one, Map<String, Double> other) {
        double least = 0;
        for (Map.Entry<String, Double> entry : one.entrySet()) {
            least += Math.min(entry.getValue(), other.getOrDefault(entry.getKey(), 0.0));
        }
        double sum = one.values().stream().mapToDouble(v -> v).sum()
                + other.values().stream().mapToDouble(v -> v).sum();
        // min + max = sum, so the maximum needs no second pass.
        return sum - least <= 0 ? 0 : least / (sum - least);
    }

    /** The ranks of M over the windows, group by group, ties sharing their mean rank; centred. */
    private static List<double[]> ranks(CropScores scores) {
        List<double[]> all = new ArrayList<>();
        int windows = scores.images().stream()
                .mapToInt(image -> scores.windows(image).size())
                .sum();
        for (NeuronGroup group : scores.groups()) {
            double[] values = new double[windows];
            for (int v = 0; v < windows; v++) {
                values[v] = scores.score(group, v);
            }
            all.add(Ranks.centred(values));
        }
        return all;
    }

    private static double[][] correlations(List<double[]> ones, List<double[]> others) {
        double[][] values = new double[ones.size()][others.size()];
        for (int i = 0; i < ones.size(); i++) {
            for (int j = 0; j < others.size(); j++) {
                values[i][j] = Ranks.correlation(ones.get(i), others.get(j));
            }
        }
        return values;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d pairs of groups in %d pairs of layers, by %s: %s",
                matches.size(),
                layers,
                how,
                matches);
    }
}
