package io.neurflow.core.planted;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a method reaches on a family of planted networks, as means over the seeds.
 *
 * @param family the planted fact
 * @param method its name
 * @param values as {@link #COLUMNS} says; not a number where the method or the family has none
 */
public record ScoreRow(String family, String method, ImmutableDoubleArray values) {
    /**
     * Node precision, recall and F1 of the circuit that is built from the root with &tau; children each; AUROC of the ranking
     * of all channels for each planted parent; Spearman's correlation of magnitudes and share of right signs over planted
     * edges; L1 error of Eq. 4's weights, as a share of the true ones; adjusted Rand index of neuron groups.
     */
    public static final ImmutableList<String> COLUMNS = ImmutableList.of(
            "node precision",
            "node recall",
            "node F1",
            "edge AUROC",
            "Spearman",
            "signs right",
            "weight error",
            "group ARI");

    String markdown() {
        return "| " + family + " | " + method + " | "
                + values.stream()
                        .mapToObj(v -> Double.isNaN(v) ? "–" : String.format(Locale.ROOT, "%.2f", v))
                        .collect(Collectors.joining(" | "))
                + " |";
    }

    String csv() {
        return family + "," + method + ","
                + values.stream()
                        .mapToObj(v -> Double.isNaN(v) ? "" : String.format(Locale.ROOT, "%.4f", v))
                        .collect(Collectors.joining(","));
    }
}
