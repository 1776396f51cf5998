package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Figure 18: of which sizes the patches are that the core neurons' concepts consist of, layer by layer. All k patches of each
 * concept count (the authors' code counts the five nearest to a centre); intervals are by bootstrap over neurons. The share among all
 * patches says what a neuron would have that does not care.
 *
 * @param description circuit and seed
 * @param rows by layer from the top, then by fraction from the largest
 */
public record CropShares(String description, ImmutableList<Row> rows) implements ExperimentResult {
    /**
     * One size in one layer.
     *
     * @param layer where
     * @param fraction side of the patch as a share of the image's
     * @param share of such patches in a concept, mean over the layer's neurons
     * @param among share of such patches among all patches
     */
    public record Row(Layer layer, double fraction, Interval share, double among) {}

    /**
     * Counts.
     *
     * @param circuit whose neurons' concepts
     * @param patches those that the circuit was found from
     * @param seed of the bootstrap
     * @return the result
     */
    public static CropShares measure(NeuronCircuit circuit, PatchSet patches, long seed) {
        List<Patch> all = patches.patches();
        List<Double> fractions = all.stream()
                .map(Patch::fraction)
                .distinct()
                .sorted(Comparator.reverseOrder())
                .toList();
        List<Layer> layers = new ArrayList<>(List.of(circuit.root().layer()));
        layers.addAll(CoreSets.layers(circuit));
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (Layer layer : layers) {
            for (double fraction : fractions) {
                double[] shares = circuit.at(layer).stream()
                        .map(CircuitNode::concept)
                        .mapToDouble(concept -> concept.patches().stream()
                                .mapToDouble(v -> all.get(v).fraction() == fraction ? 1 : 0)
                                .average()
                                .orElse(Double.NaN))
                        .toArray();
                double among = all.stream()
                        .mapToDouble(patch -> patch.fraction() == fraction ? 1 : 0)
                        .average()
                        .orElse(Double.NaN);
                rows.add(new Row(layer, fraction, Interval.of(shares, seed), among));
            }
        }
        return new CropShares(circuit + "; " + all.size() + " patches, seed " + seed + ".", rows.build());
    }

    @Override
    public String name() {
        return "crop-shares";
    }

    @Override
    public String question() {
        return "Figure 18: of which sizes are the patches of the core neurons' concepts? Intervals of 95 % by bootstrap over"
                + " neurons. " + description;
    }

    @Override
    public ResultTable table() {
        ResultTable.Builder table = ResultTable.of("layer", "crop", "neurons", "share", "95 %", "share of all patches");
        rows.forEach(row -> table.row(
                row.layer().name(),
                Math.round(100 * row.fraction()) + " %",
                row.share().units(),
                row.share().mean(),
                row.share().ends(),
                row.among()));
        return table.build();
    }

    @Override
    public ImmutableList<Chart> charts() {
        ImmutableList<String> layers =
                rows.stream().map(row -> row.layer().name()).distinct().collect(ImmutableList.toImmutableList());
        ImmutableList.Builder<Chart.Series> series = ImmutableList.builder();
        for (double fraction : rows.stream().map(Row::fraction).distinct().toList()) {
            series.add(Chart.Series.of(
                    Math.round(100 * fraction) + " %",
                    rows.stream()
                            .filter(row -> row.fraction() == fraction)
                            .map(Row::share)
                            .toList()));
        }
        return ImmutableList.of(new Chart(
                "Sizes of the patches of core neurons' concepts", "layer", "share", layers, series.build(), false));
    }

    @Override
    public String toString() {
        return markdown();
    }
}
