package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Neuron;
import io.neurflow.api.Tensor;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.rival.ChannelRanking;
import io.neurflow.core.rival.Question;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Figure 10: how long it takes to score all neurons of a layer for one target on the k patches of its concept. Feature maps are
 * there already; each ranking has one run that does not count, then the median of several. Times are of this machine, and of what
 * else runs on it.
 *
 * @param description what was timed
 * @param rows by pair, then by ranking
 */
public record AttributionTimes(String description, ImmutableList<Row> rows) implements ExperimentResult {
    /**
     * One ranking.
     *
     * @param pair layers
     * @param ranking its name
     * @param seconds median
     * @param fastest the shortest
     * @param slowest the longest
     */
    public record Row(LayerPair pair, String ranking, double seconds, double fastest, double slowest) {}

    /**
     * Times.
     *
     * @param finder has the model and k
     * @param pairs layers
     * @param root the class's logit, the target in its layer; a random neuron of other layers
     * @param activations with those of all upper layers
     * @param rankings what to time
     * @param repeats how often, 3 or more
     * @param seed of the targets
     * @param nanos the clock, {@code System::nanoTime} as a rule
     * @return the times
     */
    public static AttributionTimes measure(
            CoreConceptFinder finder,
            List<LayerPair> pairs,
            Neuron root,
            PatchActivations activations,
            List<ChannelRanking> rankings,
            int repeats,
            long seed,
            LongSupplier nanos) {
        checkArgument(repeats >= 3, "expected 3 repeats or more, since one may be disturbed, but it is %s", repeats);
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (LayerPair pair : pairs) {
            var concept = Targets.draw(activations, pair.above(), root, 1, finder.topPatches(), seed)
                    .get(0);
            Tensor maps = Maps.of(finder.probe(), pair.below(), activations.patches(), concept.patches());
            Question question = new Question(finder.probe(), concept.neuron(), pair.below(), maps);
            for (ChannelRanking ranking : rankings) {
                if (ranking.appliesTo(pair.below(), pair.above())) {
                    rows.add(row(pair, ranking, question, repeats, nanos));
                }
            }
        }
        return new AttributionTimes(
                String.format("k = %d patches, median of %d runs, seed %d.", finder.topPatches(), repeats, seed),
                rows.build());
    }

    private static Row row(LayerPair pair, ChannelRanking ranking, Question question, int repeats, LongSupplier nanos) {
        double[] seconds = new double[repeats];
        for (int run = -1; run < repeats; run++) {
            long start = nanos.getAsLong();
            double[] scores = ranking.scores(question);
            double taken = (nanos.getAsLong() - start) / 1e9;
            checkArgument(
                    scores.length == pair.below().shape().channels(),
                    "expected a score for each channel of %s from %s, but there are %s",
                    pair.below(),
                    ranking.name(),
                    scores.length);
            if (run >= 0) {
                seconds[run] = taken;
            }
        }
        Arrays.sort(seconds);
        return new Row(pair, ranking.name(), Interval.quantile(seconds, 0.5), seconds[0], seconds[seconds.length - 1]);
    }

    @Override
    public String name() {
        return "attribution-times";
    }

    @Override
    public String question() {
        return "Figure 10: how many seconds does it take to score all neurons of a layer for one target? "
                + description;
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table = ResultTable.of("layers", "scores", "seconds", "fastest", "slowest");
        rows.forEach(
                row -> table.row(row.pair().toString(), row.ranking(), row.seconds(), row.fastest(), row.slowest()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        List<LayerPair> pairs = rows.stream().map(Row::pair).distinct().toList();
        ImmutableList.Builder<Chart.Series> series = ImmutableList.builder();
        for (String ranking : rows.stream().map(Row::ranking).distinct().toList()) {
            series.add(Chart.Series.of(
                    ranking,
                    pairs.stream()
                            .mapToDouble(pair -> rows.stream()
                                    .filter(row -> row.pair().equals(pair)
                                            && row.ranking().equals(ranking))
                                    .mapToDouble(Row::seconds)
                                    .findFirst()
                                    .orElse(Double.NaN))
                            .toArray()));
        }
        return ImmutableList.of(new Chart(
                "Time to score a layer for one target",
                "layers",
                "seconds",
                pairs.stream().map(LayerPair::toString).collect(ImmutableList.toImmutableList()),
                series.build(),
                false));
    }

    @Override
    public String toString() {
        return markdown();
    }
}
