package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.core.experiment.KnockOutLosses.Loss;
import io.neurflow.core.experiment.KnockOutLosses.Target;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Figure 12: whether the weight between groups should add up the weights of their members or average them. Over random groups of
 * all sizes together, the correlation of what is lost of a target's concept with the sum of |T|, and with their mean.
 *
 * @param losses what was measured
 * @param rows by pair
 */
public record SumAgainstAverage(KnockOutLosses losses, ImmutableList<Row> rows) implements ExperimentResult {
    /**
     * One pair of layers.
     *
     * @param pair layers
     * @param sum Pearson's r of the sum of |T|
     * @param average that of their mean
     * @param difference the former less the latter, target by target
     */
    public record Row(LayerPair pair, Interval sum, Interval average, Interval difference) {}

    /**
     * Reads the comparison off a study.
     *
     * @param losses what was measured, with several sizes
     * @return the result
     */
    public static SumAgainstAverage of(KnockOutLosses losses) {
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (LayerPair pair : losses.pairs()) {
            List<Target> targets = losses.of(pair);
            double[] sums = targets.stream().mapToDouble(t -> r(t, false)).toArray();
            double[] averages = targets.stream().mapToDouble(t -> r(t, true)).toArray();
            double[] differences = IntStream.range(0, sums.length)
                    .mapToDouble(t -> sums[t] - averages[t])
                    .toArray();
            rows.add(new Row(
                    pair,
                    Interval.of(sums, losses.seed()),
                    Interval.of(averages, losses.seed()),
                    Interval.of(differences, losses.seed())));
        }
        return new SumAgainstAverage(losses, rows.build());
    }

    private static double r(Target target, boolean average) {
        ImmutableDoubleArray scores = Objects.requireNonNull(target.scores().get(KnockOutLosses.OURS));
        List<Loss> sets = target.random();
        return Correlation.pearson(
                sets.stream()
                        .mapToDouble(
                                loss -> WeightLossCorrelation.magnitude(loss, scores) / (average ? loss.size() : 1))
                        .toArray(),
                sets.stream().mapToDouble(loss -> 1 - loss.overlap()).toArray());
    }

    @Override
    public String name() {
        return "sum-against-average";
    }

    @Override
    public String question() {
        return "Figure 12: does the sum of the members' |T| or their mean predict what knocking out a group loses of a target's"
                + " concept? Pearson's r over random groups of the sizes " + losses.sizes()
                + " together; intervals of 95 % by"
                + " bootstrap over targets, the difference paired. " + losses.description();
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table =
                ResultTable.of("layers", "targets", "r of sum", "95 %", "r of mean", "95 % ", "difference", "95 %  ");
        rows.forEach(row -> table.row(
                row.pair().toString(),
                row.sum().units(),
                row.sum().mean(),
                row.sum().ends(),
                row.average().mean(),
                row.average().ends(),
                row.difference().mean(),
                row.difference().ends()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        return ImmutableList.of(new Chart(
                "Sum of scores against their mean",
                "layers",
                "Pearson's r with what is lost of the concept",
                rows.stream().map(row -> row.pair().toString()).collect(ImmutableList.toImmutableList()),
                ImmutableList.of(
                        Chart.Series.of("sum", rows.stream().map(Row::sum).toList()),
                        Chart.Series.of("mean", rows.stream().map(Row::average).toList())),
                false));
    }

    @Override
    public String toString() {
        return markdown();
    }
}
