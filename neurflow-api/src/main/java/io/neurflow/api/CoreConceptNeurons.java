package io.neurflow.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Sets;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The core concept neurons S<sub>a</sub> of a neuron (Definition 3), found by Algorithm 1: the &tau; channels of the layer
 * below with the largest ranking value.
 *
 * @param target a
 * @param source the layer below
 * @param selection which value ranked them
 * @param scores importance scores of the chosen neurons, best first, the lower channel first on ties
 * @param rankingValues the values that ranked them, and after them, where the layer has more channels, that of the first
 *     channel left out
 * @param byAbsOfSum the channels that {@link Selection#ABS_OF_SUM} chooses, best first
 * @param byMeanAbs the channels that {@link Selection#MEAN_ABS} chooses, best first
 * @param largestResidual the largest completeness residual over the patches, in units of a's activation
 * @param largestChange the largest |&phi;<sub>a</sub>(x) - &phi;<sub>a</sub>(0)| over the patches, to compare it with
 * @param mostSteps the most points on the ray, N of Eq. 2, that any patch took
 * @param meanSteps the mean number of points over the patches
 */
public record CoreConceptNeurons(
        Neuron target,
        Layer source,
        Selection selection,
        ImmutableList<ImportanceScore> scores,
        ImmutableDoubleArray rankingValues,
        ImmutableIntArray byAbsOfSum,
        ImmutableIntArray byMeanAbs,
        double largestResidual,
        double largestChange,
        int mostSteps,
        double meanSteps) {

    /**
     * The chosen neurons.
     *
     * @return best first
     */
    public ImmutableList<Neuron> neurons() {
        return scores.stream().map(ImportanceScore::source).collect(ImmutableList.toImmutableList());
    }

    /**
     * How far the two ways of ranking agree.
     *
     * @return the Jaccard index of {@link #byAbsOfSum()} and {@link #byMeanAbs()}, between 0 and 1
     */
    public double agreementOfSelections() {
        Set<Integer> one = new HashSet<>(byAbsOfSum.asList());
        Set<Integer> other = new HashSet<>(byMeanAbs.asList());
        int union = Sets.union(one, other).size();
        return union == 0 ? 1 : (double) Sets.intersection(one, other).size() / union;
    }

    @Override
    public String toString() {
        return target + " <- " + scores
                + String.format(
                        Locale.ROOT,
                        "  (largest residual %.1e of %.1e, %d steps at the most)",
                        largestResidual,
                        largestChange,
                        mostSteps);
    }
}
