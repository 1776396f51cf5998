package io.neurflow.core.planted;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Quadrature;
import io.neurflow.core.Preset;
import io.neurflow.core.rival.Rivals;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * Our presets and the rivals on every family of planted networks, all with the same &tau;, k and pictures. Seeds are 1, 2, 3 …
 *
 * @param seeds how many networks of each family
 * @param rows by family, then by method
 */
public record Scoreboard(int seeds, ImmutableList<ScoreRow> rows) {
    /**
     * Measures.
     *
     * @param seeds networks of each family, 1 or more
     * @param progress is told the name of each family as it begins
     * @return the scoreboard
     */
    public static Scoreboard measure(int seeds, Consumer<String> progress) {
        checkArgument(seeds >= 1, "expected one network or more of each family, but it is %s", seeds);
        ImmutableList.Builder<ScoreRow> rows = ImmutableList.builder();
        PlantedCircuits.families().forEach((family, generator) -> {
            progress.accept(family);
            rows.addAll(family(family, generator, seeds));
        });
        return new Scoreboard(seeds, rows.build());
    }

    private static List<ScoreRow> family(String family, LongFunction<PlantedModel> generator, int seeds) {
        Map<String, List<double[]>> values = new LinkedHashMap<>();
        for (long seed = 1; seed <= seeds; seed++) {
            try (Trial trial = new Trial(generator.apply(seed))) {
                for (Preset preset : Preset.values()) {
                    values.computeIfAbsent("Neurflow " + preset, name -> new ArrayList<>())
                            .add(trial.preset(preset));
                }
                var logit = trial.root();
                for (var rival : List.of(
                        Rivals.random(seed),
                        Rivals.meanActivation(),
                        Rivals.weightNorm(trial.graph()),
                        Rivals.gradientTimesActivation(),
                        Rivals.neuronMct(logit),
                        Rivals.neuronIntGrad(logit, Quadrature.gaussLegendre(50)),
                        Rivals.knockoffs(seed),
                        Rivals.singleKnockOut())) {
                    values.computeIfAbsent(rival.name(), name -> new ArrayList<>())
                            .add(trial.rival(rival));
                }
                values.computeIfAbsent("knockoffs (all pictures)", name -> new ArrayList<>())
                        .add(trial.onAllPictures(Rivals.knockoffs(seed)));
            }
        }
        List<ScoreRow> rows = new ArrayList<>();
        values.forEach((method, runs) -> rows.add(new ScoreRow(family, method, means(runs))));
        return rows;
    }

    /** Over the runs that have a value. */
    private static ImmutableDoubleArray means(List<double[]> runs) {
        double[] means = new double[ScoreRow.COLUMNS.size()];
        for (int i = 0; i < means.length; i++) {
            int column = i;
            means[i] = runs.stream()
                    .mapToDouble(run -> run[column])
                    .filter(value -> !Double.isNaN(value))
                    .average()
                    .orElse(Double.NaN);
        }
        return ImmutableDoubleArray.copyOf(means);
    }

    /**
     * The table for a document.
     *
     * @return Markdown
     */
    public String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("| family | method | ")
                .append(String.join(" | ", ScoreRow.COLUMNS))
                .append(" |\n");
        text.append("|---|---|").append("---:|".repeat(ScoreRow.COLUMNS.size())).append('\n');
        rows.forEach(row -> text.append(row.markdown()).append('\n'));
        return text.toString();
    }

    /**
     * The table for a program.
     *
     * @return comma-separated values with a line of names; empty where there is no value
     */
    public String csv() {
        StringBuilder text = new StringBuilder("family,method,");
        text.append(String.join(",", ScoreRow.COLUMNS)).append('\n');
        rows.forEach(row -> text.append(row.csv()).append('\n'));
        return text.toString();
    }

    @Override
    public String toString() {
        return markdown();
    }
}
