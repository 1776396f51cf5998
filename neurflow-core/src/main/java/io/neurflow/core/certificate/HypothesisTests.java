package io.neurflow.core.certificate;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Neuron;
import java.util.Locale;

/**
 * The tests of Shi et al. (Hypothesis Testing the Circuit Hypothesis, NeurIPS 2024), on neurons instead of edges and with means
 * over the patches of an image as observations. Channels outside the circuit are 0.
 *
 * @param equivalenceP two-sided sign test of whether the circuit is as often above the model as below; ties count for neither
 * @param independenceP permutation test (Hilbert-Schmidt criterion) of whether what the complement says is independent of what
 *     the model says; small where the circuit misses something
 * @param notMinimal neurons of the circuit whose removal changes it no more than the larger ones of the changes by single
 *     channels added to it (their 95 % quantile): redundant ones, or ones that do not matter
 * @param neurons how many neurons were tried for minimality
 */
public record HypothesisTests(
        double equivalenceP, double independenceP, ImmutableList<Neuron> notMinimal, int neurons) {
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "equivalence p %.3f, independence of the complement p %.3f, %d of %d neurons no more needed than random ones",
                equivalenceP,
                independenceP,
                notMinimal.size(),
                neurons);
    }
}
