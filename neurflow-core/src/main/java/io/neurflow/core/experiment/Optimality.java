package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import io.neurflow.core.experiment.KnockOutLosses.Loss;
import io.neurflow.core.experiment.KnockOutLosses.Target;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Figure 4: whether the core concept neurons come near the optimum of Definition 3, which is the set without which least of the
 * concept is left. L(S, a) = |V<sub>a</sub> without S &cap; V<sub>a</sub>| / k of the core set against random sets as large: the
 * mean difference over targets with a paired bootstrap interval (the authors' interval is one of the core loss alone), and how often
 * a random set does better.
 *
 * @param losses what was measured
 * @param rows by pair, then by size
 */
public record Optimality(KnockOutLosses losses, ImmutableList<Row> rows) implements ExperimentResult {
    /**
     * Sets of one size.
     *
     * @param pair layers
     * @param size of the sets
     * @param core L of the core sets
     * @param random mean L of the random sets, target by target
     * @param difference random less core: positive if core sets lose more of the concept
     * @param coreFall the target's fall without its core set, in standard deviations
     * @param randomFall that without random sets
     * @param better share of random sets whose L is below that of the core set
     * @param betterBy by how much, over those
     */
    public record Row(
            LayerPair pair,
            int size,
            Interval core,
            Interval random,
            Interval difference,
            Interval coreFall,
            Interval randomFall,
            double better,
            double betterBy) {}

    /**
     * Reads the comparison off a study.
     *
     * @param losses what was measured
     * @return the result
     */
    public static Optimality of(KnockOutLosses losses) {
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (LayerPair pair : losses.pairs()) {
            for (int size : losses.sizes()) {
                List<Target> targets = losses.of(pair).stream()
                        .filter(target -> target.core().stream().anyMatch(loss -> loss.size() == size))
                        .toList();
                if (!targets.isEmpty()) {
                    rows.add(row(losses, pair, size, targets));
                }
            }
        }
        return new Optimality(losses, rows.build());
    }

    private static Row row(KnockOutLosses losses, LayerPair pair, int size, List<Target> targets) {
        double[] core =
                targets.stream().mapToDouble(t -> core(t, size).overlap()).toArray();
        double[] random = targets.stream()
                .mapToDouble(t -> random(t, size).stream()
                        .mapToDouble(Loss::overlap)
                        .average()
                        .orElseThrow())
                .toArray();
        double[] gains = targets.stream()
                .flatMapToDouble(t -> random(t, size).stream()
                        .mapToDouble(loss -> core(t, size).overlap() - loss.overlap()))
                .toArray();
        double[] better = IntStream.range(0, gains.length)
                .mapToDouble(i -> gains[i])
                .filter(gain -> gain > 0)
                .toArray();
        return new Row(
                pair,
                size,
                Interval.of(core, losses.seed()),
                Interval.of(random, losses.seed()),
                Interval.of(
                        IntStream.range(0, core.length)
                                .mapToDouble(t -> random[t] - core[t])
                                .toArray(),
                        losses.seed()),
                WeightLossCorrelation.over(losses, targets, t -> core(t, size).fall()),
                WeightLossCorrelation.over(losses, targets, t -> random(t, size).stream()
                        .mapToDouble(Loss::fall)
                        .average()
                        .orElseThrow()),
                (double) better.length / gains.length,
                IntStream.range(0, better.length)
                        .mapToDouble(i -> better[i])
                        .average()
                        .orElse(0));
    }

    private static Loss core(Target target, int size) {
        return target.core().stream()
                .filter(loss -> loss.size() == size)
                .findFirst()
                .orElseThrow();
    }

    private static List<Loss> random(Target target, int size) {
        return target.random().stream().filter(loss -> loss.size() == size).toList();
    }

    @Override
    public String name() {
        return "optimality";
    }

    @Override
    public String question() {
        return "Figure 4: is less of a target's concept left without its core neurons than without random sets as large? L is the"
                + " share of the concept that is left, and the fall that of the target's mean over its concept, in its standard deviations; intervals of"
                + " 95 % by bootstrap over targets, the difference paired. " + losses.description();
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table = ResultTable.of(
                "layers",
                "set size",
                "targets",
                "L core",
                "L random",
                "random less core",
                "95 %",
                "random better",
                "better by",
                "fall core",
                "fall random");
        rows.forEach(row -> table.row(
                row.pair().toString(),
                row.size(),
                row.core().units(),
                row.core().mean(),
                row.random().mean(),
                row.difference().mean(),
                row.difference().ends(),
                row.better(),
                row.betterBy(),
                row.coreFall().mean(),
                row.randomFall().mean()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        ImmutableList.Builder<Chart.Series> series = ImmutableList.builder();
        for (int size : losses.sizes()) {
            series.add(Chart.Series.of(
                    size + " neurons",
                    losses.pairs().stream()
                            .map(pair -> rows.stream()
                                    .filter(row -> row.pair().equals(pair) && row.size() == size)
                                    .map(Row::difference)
                                    .findFirst()
                                    .orElse(new Interval(Double.NaN, Double.NaN, Double.NaN, 0)))
                            .toList()));
        }
        return ImmutableList.of(new Chart(
                "Concept left without random sets, less that without core neurons",
                "layers",
                "difference of L",
                losses.pairs().stream().map(LayerPair::toString).collect(ImmutableList.toImmutableList()),
                series.build(),
                false));
    }

    @Override
    public String toString() {
        return markdown();
    }
}
