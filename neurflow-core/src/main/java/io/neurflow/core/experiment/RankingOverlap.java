package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.Sets;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.PatchSet;
import io.neurflow.core.rival.ChannelRanking;
import io.neurflow.core.rival.Question;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Table 3: how far the core neurons of a circuit are those that other rankings find important to the class. In each layer as many
 * neurons are taken from each ranking as the circuit has there, so that F<sub>1</sub>, precision and recall are one number. Beside
 * it what two random sets of that size share on average: a large circuit shares much with anything. (What the authors call NeuronMCT
 * are integrated gradients to the logit, which are NeuronIntGrad; both are to be had under their names.)
 *
 * @param description circuit and images
 * @param rows by layer from the top, then by pair of methods
 */
public record RankingOverlap(String description, ImmutableList<Row> rows) implements ExperimentResult {
    private static final String OURS = "NeurFlow";

    /**
     * What two methods share in a layer.
     *
     * @param layer where
     * @param one a method
     * @param other another
     * @param neurons how many each chose
     * @param f1 share of them that both chose
     * @param chance the same for random sets: neurons / channels
     */
    public record Row(Layer layer, String one, String other, int neurons, double f1, double chance) {}

    /**
     * Measures.
     *
     * @param probe the model
     * @param circuit found in it
     * @param images whole images of the class that the rankings see
     * @param rankings the others, to the class's logit
     * @return the result
     */
    public static RankingOverlap measure(
            ModelProbe probe, NeuronCircuit circuit, PatchSet images, List<ChannelRanking> rankings) {
        checkArgument(!rankings.isEmpty(), "expected rankings to compare the circuit with, but there are none");
        ImmutableSetMultimap<Layer, Neuron> core = CoreSets.of(circuit, Integer.MAX_VALUE);
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (Layer layer : CoreSets.layers(circuit)) {
            int count = core.get(layer).size();
            Question question = new Question(probe, circuit.root(), layer, Maps.of(probe, layer, images));
            Map<String, Set<Integer>> chosen = new LinkedHashMap<>();
            chosen.put(OURS, core.get(layer).stream().map(Neuron::channel).collect(Collectors.toSet()));
            rankings.stream()
                    .filter(ranking -> ranking.appliesTo(layer, circuit.root().layer()))
                    .forEach(ranking -> chosen.put(
                            ranking.name(),
                            new HashSet<>(ranking.best(question, count).asList())));
            List<String> names = List.copyOf(chosen.keySet());
            for (int i = 0; i < names.size(); i++) {
                for (int j = i + 1; j < names.size(); j++) {
                    int shared = Sets.intersection(
                                    Objects.requireNonNull(chosen.get(names.get(i))),
                                    Objects.requireNonNull(chosen.get(names.get(j))))
                            .size();
                    rows.add(new Row(
                            layer,
                            names.get(i),
                            names.get(j),
                            count,
                            (double) shared / count,
                            (double) count / layer.shape().channels()));
                }
            }
        }
        return new RankingOverlap(
                circuit + "; the rankings see " + images.patches().size() + " whole images.", rows.build());
    }

    @Override
    public String name() {
        return "ranking-overlap";
    }

    @Override
    public String question() {
        return "Table 3: how many of the circuit's core neurons do other rankings choose too, when each chooses as many? chance is"
                + " what random sets of that size share. " + description;
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table = ResultTable.of("layer", "one", "other", "neurons", "F1", "chance");
        rows.forEach(
                row -> table.row(row.layer().name(), row.one(), row.other(), row.neurons(), row.f1(), row.chance()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        ImmutableList<Row> ours =
                rows.stream().filter(row -> row.one().equals(OURS)).collect(ImmutableList.toImmutableList());
        ImmutableList<String> layers =
                ours.stream().map(row -> row.layer().name()).distinct().collect(ImmutableList.toImmutableList());
        ImmutableList.Builder<Chart.Series> series = ImmutableList.builder();
        for (String other : ours.stream().map(Row::other).distinct().toList()) {
            series.add(Chart.Series.of(
                    other,
                    layers.stream()
                            .mapToDouble(layer -> ours.stream()
                                    .filter(row -> row.layer().name().equals(layer)
                                            && row.other().equals(other))
                                    .mapToDouble(Row::f1)
                                    .findFirst()
                                    .orElse(Double.NaN))
                            .toArray()));
        }
        series.add(Chart.Series.of(
                "chance",
                layers.stream()
                        .mapToDouble(layer -> ours.stream()
                                .filter(row -> row.layer().name().equals(layer))
                                .mapToDouble(Row::chance)
                                .findFirst()
                                .orElse(Double.NaN))
                        .toArray()));
        return ImmutableList.of(new Chart(
                "Overlap of the circuit's neurons with other rankings", "layer", "F1", layers, series.build(), false));
    }

    @Override
    public String toString() {
        return markdown();
    }
}
