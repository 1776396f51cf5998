package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.rival.ChannelRanking;
import io.neurflow.core.rival.Question;
import io.neurflow.core.rival.Rivals;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Table 4: whether the &tau; neurons of the largest importance scores matter more to a target than those of the largest L2 norms of
 * weights (Cammarata et al. 2020), where one convolution lies between. L(S, a), the share of the concept that is left without them:
 * ours less that of L2, paired, with a bootstrap interval over target neurons; negative if ours loses more. A ranking at random is
 * beside them.
 *
 * @param description what was measured on, with the seed
 * @param seed of targets and bootstrap
 * @param targets pair by pair
 */
public record AgainstWeights(String description, long seed, ImmutableList<Target> targets) implements ExperimentResult {
    /**
     * A target without three sets of &tau; neurons.
     *
     * @param pair its layer and that below
     * @param neuron a
     * @param ours L without the largest |T|
     * @param weights L without the largest norms of weights
     * @param random L without random ones
     * @param oursFall fall of the target's mean over its concept, in its standard deviations
     * @param weightsFall the same
     * @param randomFall the same
     */
    public record Target(
            LayerPair pair,
            Neuron neuron,
            double ours,
            double weights,
            double random,
            double oursFall,
            double weightsFall,
            double randomFall) {}

    /**
     * Measures one pair of layers. Results of several are put together by {@link #together}.
     *
     * @param finder has the model, whose highest two layers are the pair; k, &tau; and the quadrature
     * @param graph what the model was opened with
     * @param patches D
     * @param targets how many random neurons of the highest layer
     * @param seed of targets and of the random ranking
     * @return the result
     * @throws IllegalArgumentException if not exactly one convolution or dense layer lies between
     */
    public static AgainstWeights measure(
            CoreConceptFinder finder, GraphLayers graph, PatchSet patches, int targets, long seed) {
        ModelProbe probe = finder.probe();
        Layer above = probe.logits();
        checkArgument(
                above.index() > 0,
                "expected a probe of two layers with one convolution between, but its only layer is %s",
                above);
        LayerPair pair = new LayerPair(probe.layers().get(above.index() - 1), above);
        PatchActivations activations = PatchActivations.of(probe, patches, List.of(above), ProgressListener.NONE);
        List<NeuronConcept> concepts =
                Targets.draw(activations, above, pair.below().neuron(0), targets, finder.topPatches(), seed);
        KnockOuts knockOuts = new KnockOuts(probe, pair, patches);
        double[][] before = knockOuts.without(List.of(), concepts);
        Map<Neuron, ImportanceScores> scores = knockOuts.scores(concepts, finder.quadrature());
        ChannelRanking norms = Rivals.weightNorm(graph);
        ChannelRanking random = Rivals.random(seed);
        ImmutableList.Builder<Target> results = ImmutableList.builder();
        for (int t = 0; t < concepts.size(); t++) {
            NeuronConcept concept = concepts.get(t);
            Question question = new Question(probe, concept.neuron(), pair.below(), knockOuts.maps(concept.patches()));
            double[] sums = Objects.requireNonNull(scores.get(concept.neuron())).sums();
            double[] values = new double[6];
            ImmutableIntArray all = KnockOutStudy.order(ImmutableDoubleArray.copyOf(sums));
            List<ImmutableIntArray> sets = List.of(
                    all.subArray(0, Math.min(finder.maxCoreNeurons(), all.length())),
                    norms.best(question, finder.maxCoreNeurons()),
                    random.best(question, finder.maxCoreNeurons()));
            for (int s = 0; s < sets.size(); s++) {
                double[] after = knockOuts.without(sets.get(s).asList(), List.of(concept))[0];
                values[s] = KnockOuts.overlap(concept, after);
                values[3 + s] = KnockOuts.inDeviations(KnockOuts.drop(concept, before[t], after), before[t]);
            }
            results.add(new Target(
                    pair, concept.neuron(), values[0], values[1], values[2], values[3], values[4], values[5]));
        }
        return new AgainstWeights(
                String.format(
                        "%d patches, k = %d, tau = %d, up to %d random targets for each of the pairs, seed %d.",
                        patches.patches().size(), finder.topPatches(), finder.maxCoreNeurons(), targets, seed),
                seed,
                results.build());
    }

    /**
     * Puts results of several pairs together.
     *
     * @param parts at least one, measured alike
     * @return one result
     */
    public static AgainstWeights together(List<AgainstWeights> parts) {
        checkArgument(!parts.isEmpty(), "expected results to put together, but there are none");
        return new AgainstWeights(
                parts.get(0).description(),
                parts.get(0).seed(),
                ImmutableList.copyOf(Iterables.concat(
                        parts.stream().map(AgainstWeights::targets).toList())));
    }

    /**
     * The figure of Table 4 over all targets.
     *
     * @return L of ours less that of L2; negative is better
     */
    public Interval difference() {
        return difference(targets);
    }

    private Interval difference(List<Target> some) {
        return Interval.of(
                some.stream()
                        .mapToDouble(target -> target.ours() - target.weights())
                        .toArray(),
                seed);
    }

    @Override
    public String name() {
        return "against-weights";
    }

    @Override
    public String question() {
        return "Table 4: how much of a target's concept is left without the tau neurons of the largest importance scores, and"
                + " without those of the largest L2 norms of weights? Negative differences are for importance scores; intervals of"
                + " 95 % by bootstrap over targets. " + description;
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table = ResultTable.of(
                "layers",
                "targets",
                "L ours",
                "L weights",
                "L random",
                "ours less weights",
                "95 %",
                "fall ours",
                "fall weights",
                "fall random");
        for (LayerPair pair : targets.stream().map(Target::pair).distinct().toList()) {
            row(
                    table,
                    pair.toString(),
                    targets.stream()
                            .filter(target -> target.pair().equals(pair))
                            .toList());
        }
        row(table, "all", targets);
        return table.build();
    }

    private void row(ResultTable.Builder table, String name, List<Target> some) {
        Interval difference = difference(some);
        table.row(
                name,
                some.size(),
                mean(some, Target::ours),
                mean(some, Target::weights),
                mean(some, Target::random),
                difference.mean(),
                difference.ends(),
                mean(some, Target::oursFall),
                mean(some, Target::weightsFall),
                mean(some, Target::randomFall));
    }

    private static double mean(List<Target> some, ToDoubleFunction<Target> value) {
        return some.stream()
                .mapToDouble(value)
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    @Override
    public ImmutableList<Chart> charts() {
        List<LayerPair> pairs = targets.stream().map(Target::pair).distinct().toList();
        List<Interval> differences = IntStream.range(0, pairs.size())
                .mapToObj(i -> difference(targets.stream()
                        .filter(target -> target.pair().equals(pairs.get(i)))
                        .toList()))
                .toList();
        return ImmutableList.of(new Chart(
                "Concept left: importance scores less L2 of weights",
                "layer",
                "difference of L",
                pairs.stream().map(pair -> pair.above().name()).collect(ImmutableList.toImmutableList()),
                ImmutableList.of(Chart.Series.of("ours less weights", differences)),
                false));
    }

    @Override
    public String toString() {
        return markdown();
    }
}
