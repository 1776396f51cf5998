package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Layer;
import java.util.List;

/**
 * What a {@link Fidelity} experiment gives.
 *
 * @param description circuit, images and seed
 * @param rows by &tau;, then by layer from the top, one layer before several, masking before retaining
 */
public record FidelityResult(String description, ImmutableList<Row> rows) implements ExperimentResult {
    /**
     * One way to change the model.
     *
     * @param layer where; the lowest of several
     * @param tau of the circuit
     * @param multi whether all layers from the logits down to this one are changed, or this one alone
     * @param retain whether the core neurons are retained and all others masked, or the core neurons are masked
     * @param core number of core neurons in these layers
     * @param neurons number of all neurons in these layers
     * @param accuracy what is left of the accuracy: 1 if nothing changed
     * @param logit by how much the class's mean logit changed
     * @param randomAccuracy the same for each random set
     * @param randomLogit the same for each random set
     */
    public record Row(
            Layer layer,
            int tau,
            boolean multi,
            boolean retain,
            int core,
            int neurons,
            double accuracy,
            double logit,
            ImmutableDoubleArray randomAccuracy,
            ImmutableDoubleArray randomLogit) {
        /**
         * What random sets leave of the accuracy.
         *
         * @return mean over the draws
         */
        public double meanRandomAccuracy() {
            return randomAccuracy.stream().average().orElse(Double.NaN);
        }

        /**
         * How often chance does as much to the class's logit: masks it as low, or retains as much of it.
         *
         * @return (1 + random sets that do) / (1 + random sets)
         */
        public double pValue() {
            long asMuch = randomLogit.stream()
                    .filter(other -> retain ? other >= logit : other <= logit)
                    .count();
            return (1.0 + asMuch) / (1 + randomLogit.length());
        }

        String scope() {
            return multi ? "down to " + layer.name() : layer.name();
        }
    }

    @Override
    public String name() {
        return "fidelity";
    }

    @Override
    public String question() {
        return "Figures 5 and 16: what is left of the class's accuracy (1: all of it) when the circuit's core neurons are masked,"
                + " and when only they are retained, beside random sets as large? p says how often a random set does as much to"
                + " the class's logit. " + description;
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table = ResultTable.of(
                "operation",
                "layers",
                "tau",
                "core neurons",
                "of",
                "accuracy core",
                "accuracy random",
                "lowest",
                "highest",
                "logit core",
                "logit random",
                "p");
        rows.forEach(row -> table.row(
                row.retain() ? "retain" : "mask",
                row.scope(),
                row.tau(),
                row.core(),
                row.neurons(),
                row.accuracy(),
                row.meanRandomAccuracy(),
                row.randomAccuracy().stream().min().orElse(Double.NaN),
                row.randomAccuracy().stream().max().orElse(Double.NaN),
                row.logit(),
                row.randomLogit().stream().average().orElse(Double.NaN),
                row.pValue()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        return ImmutableList.of(
                chart("Masking, one layer", false, false),
                chart("Retaining, one layer", false, true),
                chart("Masking, from the logits down", true, false),
                chart("Retaining, from the logits down", true, true));
    }

    private Chart chart(String title, boolean multi, boolean retain) {
        List<Row> some = rows.stream()
                .filter(row -> row.multi() == multi && row.retain() == retain)
                .toList();
        ImmutableList<String> layers =
                some.stream().map(row -> row.layer().name()).distinct().collect(ImmutableList.toImmutableList());
        ImmutableList.Builder<Chart.Series> series = ImmutableList.builder();
        for (int tau : some.stream().map(Row::tau).distinct().toList()) {
            List<Row> its = some.stream().filter(row -> row.tau() == tau).toList();
            series.add(Chart.Series.of(
                    "core, tau = " + tau,
                    its.stream().mapToDouble(Row::accuracy).toArray()));
            series.add(Chart.Series.of(
                    "random, tau = " + tau,
                    its.stream().mapToDouble(Row::meanRandomAccuracy).toArray()));
        }
        return new Chart(title, multi ? "down to" : "layer", "accuracy left", layers, series.build(), true);
    }

    @Override
    public String toString() {
        return markdown();
    }
}
