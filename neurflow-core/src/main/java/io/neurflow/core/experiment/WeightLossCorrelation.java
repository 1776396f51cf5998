package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.core.experiment.KnockOutLosses.Loss;
import io.neurflow.core.experiment.KnockOutLosses.Target;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Figure 6: how well importance scores predict what knocking out a random set of neurons does to a target. For each target the
 * correlation over the random sets of one size, then the mean over targets with its bootstrap interval.
 *
 * <p>Two losses: what is lost of the concept, 1 - L(S, a), against &Sigma; |T| (the paper's; correlations that the authors' plot
 * shows as negative, with L, are positive here), and the signed fall of the target's mean over its concept against &Sigma; T. For a
 * block that is linear the latter is 1 exactly. A target whose loss is the same for all sets has no correlation, and is left
 * out of the mean.
 *
 * @param losses what was measured
 * @param rows by pair, then by size
 */
public record WeightLossCorrelation(KnockOutLosses losses, ImmutableList<Row> rows) implements ExperimentResult {
    /**
     * Correlations for sets of one size.
     *
     * @param pair layers
     * @param size of the sets
     * @param pearson of &Sigma; |T| with what is lost of the concept
     * @param spearman the same of ranks
     * @param dropPearson of &Sigma; T with the fall of the target
     * @param dropSpearman the same of ranks
     */
    public record Row(
            LayerPair pair,
            int size,
            Interval pearson,
            Interval spearman,
            Interval dropPearson,
            Interval dropSpearman) {}

    /**
     * Reads the correlations off a study.
     *
     * @param losses what was measured
     * @return the result
     */
    public static WeightLossCorrelation of(KnockOutLosses losses) {
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (LayerPair pair : losses.pairs()) {
            for (int size : losses.sizes()) {
                List<Target> targets = losses.of(pair);
                if (targets.stream().noneMatch(target -> has(target, size))) {
                    continue;
                }
                rows.add(new Row(
                        pair,
                        size,
                        over(losses, targets, t -> concept(t, size, Correlation::pearson)),
                        over(losses, targets, t -> concept(t, size, Correlation::spearman)),
                        over(losses, targets, t -> drop(t, size, Correlation::pearson)),
                        over(losses, targets, t -> drop(t, size, Correlation::spearman))));
            }
        }
        return new WeightLossCorrelation(losses, rows.build());
    }

    private static boolean has(Target target, int size) {
        return target.random().stream().anyMatch(loss -> loss.size() == size);
    }

    static Interval over(KnockOutLosses losses, List<Target> targets, ToDoubleFunction<Target> value) {
        return Interval.of(targets.stream().mapToDouble(value).toArray(), losses.seed());
    }

    private static double concept(Target target, int size, BiFunction<double[], double[], Double> r) {
        return concept(target, KnockOutLosses.OURS, size, r);
    }

    /** Of the sum of the magnitudes of a ranking with what is lost of the concept. */
    static double concept(Target target, String ranking, int size, BiFunction<double[], double[], Double> r) {
        ImmutableDoubleArray scores = Objects.requireNonNull(target.scores().get(ranking));
        List<Loss> sets =
                target.random().stream().filter(loss -> loss.size() == size).toList();
        return r.apply(
                sets.stream().mapToDouble(loss -> magnitude(loss, scores)).toArray(),
                sets.stream().mapToDouble(loss -> 1 - loss.overlap()).toArray());
    }

    static double magnitude(Loss loss, ImmutableDoubleArray scores) {
        return loss.channels().stream()
                .mapToDouble(c -> Math.abs(scores.get(c)))
                .sum();
    }

    private static double drop(Target target, int size, BiFunction<double[], double[], Double> r) {
        ImmutableDoubleArray scores = Objects.requireNonNull(target.scores().get(KnockOutLosses.OURS));
        List<Loss> sets =
                target.random().stream().filter(loss -> loss.size() == size).toList();
        return r.apply(
                sets.stream()
                        .mapToDouble(loss -> loss.channels().stream()
                                .mapToDouble(scores::get)
                                .sum())
                        .toArray(),
                sets.stream().mapToDouble(Loss::drop).toArray());
    }

    @Override
    public String name() {
        return "weight-loss-correlation";
    }

    @Override
    public String question() {
        return "Figure 6: do importance scores predict what knocking out random sets does to a target? r and rho of the sum of"
                + " |T| with what is lost of the concept, and of the signed sum of T with the fall of the target; means over"
                + " targets, intervals of 95 % by bootstrap over targets. " + losses.description();
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table = ResultTable.of(
                "layers",
                "set size",
                "targets",
                "r concept lost",
                "95 %",
                "rho concept lost",
                "r fall of target",
                "95 % ",
                "rho fall of target");
        rows.forEach(row -> table.row(
                row.pair().toString(),
                row.size(),
                row.pearson().units(),
                row.pearson().mean(),
                row.pearson().ends(),
                row.spearman().mean(),
                row.dropPearson().mean(),
                row.dropPearson().ends(),
                row.dropSpearman().mean()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        ImmutableList<Integer> sizes = losses.sizes();
        return ImmutableList.of(
                chart("Concept lost against sum of |T|", sizes, Row::pearson),
                chart("Fall of the target against sum of T", sizes, Row::dropPearson));
    }

    private Chart chart(String title, ImmutableList<Integer> sizes, Function<Row, Interval> value) {
        ImmutableList.Builder<Chart.Series> series = ImmutableList.builder();
        for (LayerPair pair : losses.pairs()) {
            List<Interval> intervals = sizes.stream()
                    .map(size -> rows.stream()
                            .filter(row -> row.pair().equals(pair) && row.size() == size)
                            .map(value)
                            .findFirst()
                            .orElse(new Interval(Double.NaN, Double.NaN, Double.NaN, 0)))
                    .toList();
            series.add(Chart.Series.of(pair.toString(), intervals));
        }
        return new Chart(
                title,
                "neurons knocked out",
                "Pearson's r",
                sizes.stream().map(String::valueOf).collect(ImmutableList.toImmutableList()),
                series.build(),
                true);
    }

    @Override
    public String toString() {
        return markdown();
    }
}
