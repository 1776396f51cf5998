package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import io.neurflow.core.experiment.KnockOutLosses.Target;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Figure 11: the correlation of Figure 6 for different ways to score neurons, as the mean over the sizes of sets, and its paired
 * difference from ours.
 *
 * @param losses what was measured, with the rankings that are compared
 * @param rows by pair, then by ranking; ours first
 */
public record AttributionComparison(KnockOutLosses losses, ImmutableList<Row> rows) implements ExperimentResult {
    /**
     * One ranking.
     *
     * @param pair layers
     * @param ranking its name
     * @param pearson of the sum of its magnitudes with what is lost of the concept
     * @param spearman the same of ranks
     * @param lessOurs its Pearson's r less ours, target by target
     */
    public record Row(LayerPair pair, String ranking, Interval pearson, Interval spearman, Interval lessOurs) {}

    /**
     * Reads the comparison off a study.
     *
     * @param losses what was measured
     * @return the result
     */
    public static AttributionComparison of(KnockOutLosses losses) {
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (LayerPair pair : losses.pairs()) {
            List<Target> targets = losses.of(pair);
            double[] ours = values(losses, targets, KnockOutLosses.OURS, false);
            for (String ranking : targets.get(0).scores().keySet()) {
                double[] its = values(losses, targets, ranking, false);
                double[] differences = IntStream.range(0, its.length)
                        .mapToDouble(t -> its[t] - ours[t])
                        .toArray();
                rows.add(new Row(
                        pair,
                        ranking,
                        Interval.of(its, losses.seed()),
                        Interval.of(values(losses, targets, ranking, true), losses.seed()),
                        Interval.of(differences, losses.seed())));
            }
        }
        return new AttributionComparison(losses, rows.build());
    }

    /** For each target the mean over the sizes that have a value. */
    private static double[] values(KnockOutLosses losses, List<Target> targets, String ranking, boolean ranks) {
        return targets.stream()
                .mapToDouble(target -> losses.sizes().stream()
                        .mapToDouble(size -> WeightLossCorrelation.concept(
                                target, ranking, size, ranks ? Correlation::spearman : Correlation::pearson))
                        .filter(r -> !Double.isNaN(r))
                        .average()
                        .orElse(Double.NaN))
                .toArray();
    }

    @Override
    public String name() {
        return "attribution-comparison";
    }

    @Override
    public String question() {
        return "Figure 11: which scores of neurons predict best what knocking out random sets loses of a target's concept? Mean"
                + " correlation over the sizes " + losses.sizes() + "; intervals of 95 % by bootstrap over targets, the"
                + " difference from ours paired. " + losses.description();
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table =
                ResultTable.of("layers", "scores", "targets", "r", "95 %", "rho", "r less ours", "95 % ");
        rows.forEach(row -> table.row(
                row.pair().toString(),
                row.ranking(),
                row.pearson().units(),
                row.pearson().mean(),
                row.pearson().ends(),
                row.spearman().mean(),
                row.lessOurs().mean(),
                row.lessOurs().ends()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        ImmutableList<LayerPair> pairs = losses.pairs();
        ImmutableList.Builder<Chart.Series> series = ImmutableList.builder();
        for (String ranking : rows.stream().map(Row::ranking).distinct().toList()) {
            series.add(Chart.Series.of(
                    ranking,
                    pairs.stream()
                            .map(pair -> rows.stream()
                                    .filter(row -> row.pair().equals(pair)
                                            && row.ranking().equals(ranking))
                                    .map(Row::pearson)
                                    .findFirst()
                                    .orElse(new Interval(Double.NaN, Double.NaN, Double.NaN, 0)))
                            .toList()));
        }
        return ImmutableList.of(new Chart(
                "Correlation of scores with what is lost of the concept",
                "layers",
                "mean Pearson's r",
                pairs.stream().map(LayerPair::toString).collect(ImmutableList.toImmutableList()),
                series.build(),
                false));
    }

    @Override
    public String toString() {
        return markdown();
    }
}
