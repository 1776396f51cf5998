package io.neurflow.core;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Times from small samples. Forward: one batch through the whole model, which gives the time of a unit of
 * {@link ModelProbe#cost}. Importance scores: for a pair of layers one and four targets over a few patches, which tells what
 * a patch costs by itself from what each target adds; the targets are those that the patches activate most, as core concept
 * neurons are active on theirs, and they are refined as in the run. All are run before any is timed, since what runs first
 * compiles; then in turns, and the medians count: the difference of two single measurements may be anything.
 */
final class SampleTimes {
    private static final int PATCHES = 4;
    private static final int TARGETS = 4;
    private static final int LEAST_ROUNDS = 3;
    private static final int MOST_ROUNDS = 9;
    private static final long ENOUGH_NANOS = 1_000_000_000L;

    private final CoreConceptFinder finder;
    private final ModelProbe probe;
    private final PatchSet patches;
    private final double secondsPerCost;

    SampleTimes(CoreConceptFinder finder, PatchSet patches, ImmutableSet<Layer> kept) {
        this.finder = finder;
        this.probe = finder.probe();
        this.patches = patches;
        int sample = Math.min(patches.patches().size(), Math.max(1, probe.preferredBatch()));
        ImmutableIntArray batch = ImmutableIntArray.copyOf(IntStream.range(0, sample));
        double seconds = medians(List.of(() -> probe.pooled(patches.inputs(batch), kept)))[0];
        secondsPerCost = seconds / sample / probe.cost(probe.logits());
    }

    /** For a number of units of {@link ModelProbe#cost}, the cutting of patches included. */
    double forwardSeconds(double cost) {
        return cost * secondsPerCost;
    }

    /** a for each patch and b for each ray, from a + b and a + 4b. */
    double importanceSeconds(Layer upper, Layer lower, int union, long rays) {
        int few = Math.min(patches.patches().size(), PATCHES);
        ImmutableIntArray rows = ImmutableIntArray.copyOf(IntStream.range(0, few));
        Tensor maps = finder.forward(patches, lower, rows);
        List<NeuronConcept> targets =
                strongest(upper, probe.forward(lower, maps, upper).spatialMeans());
        double[] seconds =
                medians(List.of(() -> scores(maps, lower, targets.subList(0, 1)), () -> scores(maps, lower, targets)));
        double one = seconds[0] / few;
        double several = seconds[1] / few;
        int more = targets.size();
        double ray = more == 1 ? one : (several - one) / (more - 1);
        if (ray <= 0) {
            // Lost in the noise: all of it for the targets is rather too much.
            ray = several / more;
        }
        return Math.max(0, one - ray) * union + ray * rays;
    }

    private static List<NeuronConcept> strongest(Layer upper, double[][] activations) {
        double[] sums = new double[upper.shape().channels()];
        for (double[] row : activations) {
            for (int c = 0; c < sums.length; c++) {
                sums[c] += row[c];
            }
        }
        List<NeuronConcept> targets = new ArrayList<>();
        Ranking.largest(sums, TARGETS).forEach(channel -> {
            double[] its =
                    Arrays.stream(activations).mapToDouble(row -> row[channel]).toArray();
            targets.add(PatchActivations.concept(upper.neuron(channel), its, its.length));
        });
        return targets;
    }

    private void scores(Tensor maps, Layer lower, List<NeuronConcept> targets) {
        Map<Neuron, ImmutableIntArray> rows = new LinkedHashMap<>();
        targets.forEach(concept -> rows.put(concept.neuron(), concept.patches()));
        new RefiningQuadrature(finder, lower, targets).scores(maps, rows);
    }

    private static double[] medians(List<Runnable> works) {
        works.forEach(Runnable::run);
        works.forEach(Runnable::run);
        List<double[]> rounds = new ArrayList<>();
        long start = System.nanoTime();
        while (rounds.size() < LEAST_ROUNDS
                || (rounds.size() < MOST_ROUNDS && System.nanoTime() - start < ENOUGH_NANOS)) {
            double[] round = new double[works.size()];
            for (int i = 0; i < round.length; i++) {
                long began = System.nanoTime();
                works.get(i).run();
                round[i] = (System.nanoTime() - began) / 1e9;
            }
            rounds.add(round);
        }
        return IntStream.range(0, works.size())
                .mapToDouble(i ->
                        rounds.stream().mapToDouble(round -> round[i]).sorted().toArray()[rounds.size() / 2])
                .toArray();
    }
}
