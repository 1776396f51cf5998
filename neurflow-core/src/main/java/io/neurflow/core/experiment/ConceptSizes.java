package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.Selection;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.PatchActivations;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Table 5: how far the core neurons depend on the size k of concepts: the share of the &tau; core neurons that stay the same when k
 * is not the finder's. Targets are random neurons of each layer. A concept's patches are in order, so that scores are computed once
 * for the largest k and added up from the first.
 *
 * @param description k, &tau; and seed
 * @param rows by pair, then by k
 */
public record ConceptSizes(String description, ImmutableList<Row> rows) implements ExperimentResult {
    /**
     * One size.
     *
     * @param pair layers
     * @param k size of the concept
     * @param overlap share of core neurons that are the same
     * @param least the smallest share among the targets
     */
    public record Row(LayerPair pair, int k, Interval overlap, double least) {}

    /**
     * Measures.
     *
     * @param finder has the model, the k that is compared with, &tau;, quadrature and selection
     * @param pairs neighbouring layers of the model
     * @param root the class's logit, which is a target in its layer
     * @param activations with those of all upper layers
     * @param ks the sizes; those above the number of patches are left out
     * @param targets how many in each layer
     * @param seed of the targets
     * @return the result
     */
    public static ConceptSizes measure(
            CoreConceptFinder finder,
            List<LayerPair> pairs,
            Neuron root,
            PatchActivations activations,
            List<Integer> ks,
            int targets,
            long seed) {
        ModelProbe probe = finder.probe();
        int patches = activations.patches().patches().size();
        List<Integer> fitting =
                ks.stream().filter(k -> k <= patches).distinct().sorted().toList();
        checkArgument(
                !fitting.isEmpty(),
                "expected a size of concepts up to the %s patches that there are, but the sizes are %s; use more images",
                patches,
                ks);
        int largest = Math.max(finder.topPatches(), fitting.get(fitting.size() - 1));
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (LayerPair pair : pairs) {
            List<NeuronConcept> concepts = Targets.draw(activations, pair.above(), root, targets, largest, seed);
            ImmutableIntArray union = KnockOuts.union(concepts);
            Map<Neuron, ImportanceScores> scores = KnockOuts.scores(
                    probe,
                    pair,
                    Maps.of(probe, pair.below(), activations.patches(), union),
                    union,
                    concepts,
                    finder.quadrature());
            for (int k : fitting) {
                double[] overlaps = concepts.stream()
                        .mapToDouble(
                                concept -> overlap(Objects.requireNonNull(scores.get(concept.neuron())), finder, k))
                        .toArray();
                rows.add(new Row(
                        pair,
                        k,
                        Interval.of(overlaps, seed),
                        Arrays.stream(overlaps).min().orElse(Double.NaN)));
            }
        }
        return new ConceptSizes(
                String.format(
                        "Compared with k = %d; tau = %d, %d random targets a layer, %d patches, seed %d.",
                        finder.topPatches(), finder.maxCoreNeurons(), targets, patches, seed),
                rows.build());
    }

    private static double overlap(ImportanceScores scores, CoreConceptFinder finder, int k) {
        Set<Integer> base = core(scores, finder, finder.topPatches());
        Set<Integer> other = new HashSet<>(core(scores, finder, k));
        other.retainAll(base);
        return (double) other.size() / base.size();
    }

    private static Set<Integer> core(ImportanceScores scores, CoreConceptFinder finder, int k) {
        double[] sums = new double[scores.source().shape().channels()];
        boolean magnitudes = finder.selection() == Selection.MEAN_ABS;
        for (int v = 0; v < k; v++) {
            for (int c = 0; c < sums.length; c++) {
                double value = scores.value(v, c);
                sums[c] += magnitudes ? Math.abs(value) : value;
            }
        }
        ImmutableIntArray order = KnockOutStudy.order(ImmutableDoubleArray.copyOf(sums));
        return new HashSet<>(order.subArray(0, Math.min(finder.maxCoreNeurons(), order.length()))
                .asList());
    }

    @Override
    public String name() {
        return "concept-sizes";
    }

    @Override
    public String question() {
        return "Table 5: which share of the core neurons stays the same with concepts of another size k? Intervals of 95 % by"
                + " bootstrap over targets. " + description;
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table = ResultTable.of("layers", "k", "targets", "same", "95 %", "least");
        rows.forEach(row -> table.row(
                row.pair().toString(),
                row.k(),
                row.overlap().units(),
                row.overlap().mean(),
                row.overlap().ends(),
                row.least()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        List<Integer> ks = rows.stream().map(Row::k).distinct().sorted().toList();
        ImmutableList.Builder<Chart.Series> series = ImmutableList.builder();
        for (LayerPair pair : rows.stream().map(Row::pair).distinct().toList()) {
            series.add(Chart.Series.of(
                    pair.toString(),
                    rows.stream()
                            .filter(row -> row.pair().equals(pair))
                            .map(Row::overlap)
                            .toList()));
        }
        return ImmutableList.of(new Chart(
                "Core neurons that stay the same with another k",
                "k",
                "share",
                IntStream.range(0, ks.size())
                        .mapToObj(i -> String.valueOf(ks.get(i)))
                        .collect(ImmutableList.toImmutableList()),
                series.build(),
                true));
    }

    @Override
    public String toString() {
        return markdown();
    }
}
