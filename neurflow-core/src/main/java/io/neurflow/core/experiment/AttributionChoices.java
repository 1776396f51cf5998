package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Neuron;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Appendix D.1 by the measure of Definition 3: which core neurons another attribution would choose, and how good a core they are.
 * Each ranking takes the &tau; channels of the largest magnitude; L(S, a) = |V<sub>a</sub> without S &cap; V<sub>a</sub>| / k is
 * what is left of the concept without them, of which Definition 3 wants the least. Beside it the share of them that integrated
 * gradients choose too, and how long the ranking took (Fig. 10).
 *
 * @param description what was measured, with the seed
 * @param seed of targets and of the bootstrap
 * @param choices by pair, target and ranking, ours first
 */
public record AttributionChoices(String description, long seed, ImmutableList<Choice> choices)
        implements ExperimentResult {
    /**
     * What one ranking chose for one target.
     *
     * @param pair layers
     * @param neuron a
     * @param ranking its name
     * @param channels the &tau; of the largest magnitude, the largest first
     * @param overlap L without them
     * @param fall how far the target's mean over its concept falls without them, in its standard deviations
     * @param seconds that the ranking took
     */
    public record Choice(
            LayerPair pair,
            Neuron neuron,
            String ranking,
            ImmutableIntArray channels,
            double overlap,
            double fall,
            double seconds) {}

    /**
     * One ranking over the targets of a layer.
     *
     * @param pair layers
     * @param ranking its name
     * @param size &tau;
     * @param left L without what it chose
     * @param lessOurs that less L without what integrated gradients chose, target by target: positive if ours is the better core
     * @param fall how far targets fall, in their standard deviations: the median, as some targets hardly vary
     * @param same share of its choice that integrated gradients choose too
     * @param chance the same for random channels: size / channels
     * @param seconds median over targets
     */
    public record Row(
            LayerPair pair,
            String ranking,
            int size,
            Interval left,
            Interval lessOurs,
            double fall,
            Interval same,
            double chance,
            double seconds) {}

    /**
     * Means over targets.
     *
     * @return by pair, then by ranking; ours first
     */
    public ImmutableList<Row> rows() {
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (LayerPair pair : pairs()) {
            List<Choice> own = choices.stream()
                    .filter(choice -> choice.pair().equals(pair))
                    .toList();
            List<String> rankings = own.stream().map(Choice::ranking).distinct().toList();
            List<Choice> ours = of(own, rankings.get(0));
            rankings.forEach(ranking -> rows.add(row(pair, of(own, ranking), ours)));
        }
        return rows.build();
    }

    private ImmutableList<LayerPair> pairs() {
        return choices.stream().map(Choice::pair).distinct().collect(ImmutableList.toImmutableList());
    }

    private static List<Choice> of(List<Choice> some, String ranking) {
        return some.stream().filter(choice -> choice.ranking().equals(ranking)).toList();
    }

    private Row row(LayerPair pair, List<Choice> its, List<Choice> ours) {
        int size = its.get(0).channels().length();
        double[] differences = IntStream.range(0, its.size())
                .mapToDouble(t -> its.get(t).overlap() - ours.get(t).overlap())
                .toArray();
        double[] same = IntStream.range(0, its.size())
                .mapToDouble(t -> same(its.get(t), ours.get(t)))
                .toArray();
        return new Row(
                pair,
                its.get(0).ranking(),
                size,
                interval(its, Choice::overlap),
                Interval.of(differences, seed),
                median(its, Choice::fall),
                Interval.of(same, seed),
                (double) size / pair.below().shape().channels(),
                median(its, Choice::seconds));
    }

    private Interval interval(List<Choice> some, ToDoubleFunction<Choice> value) {
        return Interval.of(some.stream().mapToDouble(value).toArray(), seed);
    }

    private static double median(List<Choice> some, ToDoubleFunction<Choice> value) {
        double[] known = some.stream()
                .mapToDouble(value)
                .filter(v -> !Double.isNaN(v))
                .sorted()
                .toArray();
        return known.length == 0 ? Double.NaN : Interval.quantile(known, 0.5);
    }

    private static double same(Choice one, Choice other) {
        Set<Integer> chosen = new HashSet<>(other.channels().asList());
        return (double) one.channels().stream().filter(chosen::contains).count()
                / one.channels().length();
    }

    @Override
    public String name() {
        return "attribution-choices";
    }

    @Override
    public String question() {
        return "Appendix D.1 and Figure 10: how much of a target's concept is left without the channels that each way to score would"
                + " choose, how many of them do integrated gradients choose, too, and how many seconds does it take to score a layer"
                + " for one target? Intervals of 95 % by bootstrap over targets, the difference paired; seconds and falls are medians over"
                + " targets. " + description;
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table = ResultTable.of(
                "layers",
                "scores",
                "tau",
                "targets",
                "L",
                "95 %",
                "L less ours",
                "95 % ",
                "fall",
                "same as ours",
                "95 %  ",
                "chance",
                "seconds");
        rows().forEach(row -> table.row(
                row.pair().toString(),
                row.ranking(),
                row.size(),
                row.left().units(),
                row.left().mean(),
                row.left().ends(),
                row.lessOurs().mean(),
                row.lessOurs().ends(),
                row.fall(),
                row.same().mean(),
                row.same().ends(),
                row.chance(),
                row.seconds()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        return ImmutableList.of(
                chart("Concept left without the channels that scores choose", "L", Row::left),
                chart("Share of the chosen channels that are ours, too", "share", Row::same));
    }

    private Chart chart(String title, String axis, Function<Row, Interval> value) {
        List<Row> rows = rows();
        ImmutableList.Builder<Chart.Series> series = ImmutableList.builder();
        for (String ranking : rows.stream().map(Row::ranking).distinct().toList()) {
            series.add(Chart.Series.of(
                    ranking,
                    pairs().stream()
                            .map(pair -> rows.stream()
                                    .filter(row -> row.pair().equals(pair)
                                            && row.ranking().equals(ranking))
                                    .map(value)
                                    .findFirst()
                                    .orElse(new Interval(Double.NaN, Double.NaN, Double.NaN, 0)))
                            .toList()));
        }
        return new Chart(
                title,
                "layers",
                axis,
                pairs().stream().map(LayerPair::toString).collect(ImmutableList.toImmutableList()),
                series.build(),
                false);
    }

    @Override
    public String toString() {
        return markdown();
    }
}
