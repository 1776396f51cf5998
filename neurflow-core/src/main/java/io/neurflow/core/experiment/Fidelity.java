package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Tensor;
import io.neurflow.core.Intervention;
import io.neurflow.core.experiment.FidelityResult.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Figures 5 and 16: what is left of a class's accuracy when the core neurons of its circuit are masked, and when all others are,
 * beside as many random neurons of the same layers: in one layer, and in all layers from the logits down to one. Immutable: every
 * setting returns a changed copy. By default &tau; = 4, 8 and 16, 20 random sets, seed 1.
 *
 * <p>Measured on held-out images, which had no part in finding the circuit. Accuracy is the share that the model still assigns to
 * the class, by what it is for the model as it is. Their feature maps are computed once, and each set costs a pass from its lowest
 * layer to the logits.
 */
public final class Fidelity {
    private static final int FEWEST_DRAWS = 20;

    private final ModelProbe probe;
    private final ImmutableIntArray taus;
    private final int draws;
    private final long seed;
    private final ProgressListener listener;

    private Fidelity(ModelProbe probe, ImmutableIntArray taus, int draws, long seed, ProgressListener listener) {
        this.probe = probe;
        this.taus = taus;
        this.draws = draws;
        this.seed = seed;
        this.listener = listener;
    }

    /**
     * An experiment with the settings above.
     *
     * @param probe the model that circuits were found in; stays open
     * @return the experiment
     */
    public static Fidelity over(ModelProbe probe) {
        return new Fidelity(probe, ImmutableIntArray.of(4, 8, 16), FEWEST_DRAWS, 1, ProgressListener.NONE);
    }

    /**
     * Sets the values of &tau;: the circuit is cut down to the most important &tau; core neurons of each neuron.
     *
     * @param each 1 or more, none above that of the circuit
     * @return a changed copy
     */
    public Fidelity taus(int... each) {
        checkArgument(
                each.length > 0 && IntStream.of(each).allMatch(tau -> tau > 0),
                "expected values of tau of 1 or more, but they are %s",
                IntStream.of(each).boxed().toList());
        return new Fidelity(probe, ImmutableIntArray.copyOf(each), draws, seed, listener);
    }

    /**
     * Sets the number of random sets beside each core set.
     *
     * @param count 20 or more
     * @return a changed copy
     */
    public Fidelity draws(int count) {
        checkArgument(count >= FEWEST_DRAWS, "expected %s random sets or more, but it is %s", FEWEST_DRAWS, count);
        return new Fidelity(probe, taus, count, seed, listener);
    }

    /**
     * Sets the seed of the random sets.
     *
     * @param value the seed
     * @return a changed copy
     */
    public Fidelity seed(long value) {
        return new Fidelity(probe, taus, draws, value, listener);
    }

    /**
     * Sets who is told of progress, and may cancel.
     *
     * @param to the listener
     * @return a changed copy
     */
    public Fidelity onProgress(ProgressListener to) {
        return new Fidelity(probe, taus, draws, seed, to);
    }

    /**
     * Measures.
     *
     * @param circuit built with the largest &tau; or more
     * @param heldOut whole images of the class that had no part in finding the circuit
     * @return the result
     * @throws IllegalArgumentException if the model assigns none of the images to the class
     */
    public FidelityResult measure(NeuronCircuit circuit, PatchSet heldOut) {
        checkArgument(
                !heldOut.patches().isEmpty(), "expected held-out images, but there are none; keep some images apart");
        List<Layer> layers = CoreSets.layers(circuit);
        Map<Layer, List<Tensor>> maps = maps(layers, heldOut);
        int root = circuit.root().channel();
        Outcome base = outcome(maps, layers.get(0), Set.of(), root, false);
        checkArgument(
                base.accuracy() > 0,
                "expected held-out images that the model assigns to class %s, but there are none among %s; use others",
                root,
                heldOut.patches().size());
        long start = System.nanoTime();
        long total = 4L * layers.size() * taus.length() * (1 + draws);
        long done = 0;
        ImmutableList.Builder<Row> rows = ImmutableList.builder();
        for (int tau : taus.asList()) {
            ImmutableSetMultimap<Layer, Neuron> core = CoreSets.of(circuit, tau);
            for (int depth = 1; depth <= layers.size(); depth++) {
                Layer lowest = layers.get(depth - 1);
                for (boolean multi : new boolean[] {false, true}) {
                    List<Layer> touched = multi ? layers.subList(0, depth) : List.of(lowest);
                    for (boolean retain : new boolean[] {false, true}) {
                        rows.add(row(base, maps, touched, core, root, tau, multi, retain));
                        done += 1 + draws;
                        listener.onProgress(
                                new Progress("fidelity", done, total, Duration.ofNanos(System.nanoTime() - start)));
                    }
                }
            }
        }
        return new FidelityResult(
                String.format(
                        "%s; %d held-out images, of which the model assigns %.1f %% to the class; %d random sets, seed %d.",
                        circuit, heldOut.patches().size(), 100 * base.accuracy(), draws, seed),
                rows.build());
    }

    private Map<Layer, List<Tensor>> maps(List<Layer> layers, PatchSet heldOut) {
        Map<Layer, List<Tensor>> maps = new HashMap<>();
        layers.forEach(layer -> maps.put(layer, new ArrayList<>()));
        int count = heldOut.patches().size();
        int batch = Math.max(1, probe.preferredBatch());
        for (int first = 0; first < count; first += batch) {
            Tensor inputs =
                    heldOut.inputs(ImmutableIntArray.copyOf(IntStream.range(first, Math.min(count, first + batch))));
            probe.forward(inputs, Set.copyOf(layers)).forEach((layer, x) -> Objects.requireNonNull(maps.get(layer))
                    .add(x));
        }
        return maps;
    }

    private Row row(
            Outcome base,
            Map<Layer, List<Tensor>> maps,
            List<Layer> touched,
            ImmutableSetMultimap<Layer, Neuron> core,
            int root,
            int tau,
            boolean multi,
            boolean retain) {
        Layer lowest = touched.get(touched.size() - 1);
        Set<Neuron> own = new HashSet<>();
        touched.forEach(layer -> own.addAll(core.get(layer)));
        Outcome outcome = outcome(maps, lowest, own, root, retain);
        double[] accuracies = new double[draws];
        double[] logits = new double[draws];
        for (int draw = 0; draw < draws; draw++) {
            Set<Neuron> other = new HashSet<>();
            for (Layer layer : touched) {
                // the same draw for a layer whatever is done to it, and to others
                other.addAll(draw(layer, core.get(layer).size(), seed + 7919L * draw + layer.index()));
            }
            Outcome random = outcome(maps, lowest, other, root, retain);
            accuracies[draw] = random.accuracy() / base.accuracy();
            logits[draw] = random.logit() - base.logit();
        }
        return new Row(
                lowest,
                tau,
                multi,
                retain,
                own.size(),
                touched.stream().mapToInt(layer -> layer.shape().channels()).sum(),
                outcome.accuracy() / base.accuracy(),
                outcome.logit() - base.logit(),
                ImmutableDoubleArray.copyOf(accuracies),
                ImmutableDoubleArray.copyOf(logits));
    }

    private static Set<Neuron> draw(Layer layer, int count, long seed) {
        List<Neuron> all = new ArrayList<>(IntStream.range(0, layer.shape().channels())
                .mapToObj(layer::neuron)
                .toList());
        Collections.shuffle(all, new Random(seed));
        return Set.copyOf(all.subList(0, count));
    }

    private record Outcome(double accuracy, double logit) {}

    private Outcome outcome(
            Map<Layer, List<Tensor>> maps, Layer lowest, Set<Neuron> neurons, int root, boolean retain) {
        Intervention change = retain ? Intervention.retainOnly(neurons) : Intervention.knockOut(neurons);
        int right = 0;
        double sum = 0;
        int count = 0;
        for (Tensor batch : Objects.requireNonNull(maps.get(lowest))) {
            for (double[] logits :
                    change.forward(probe, lowest, batch, probe.logits()).spatialMeans()) {
                double highest = Double.NEGATIVE_INFINITY;
                int best = -1;
                for (int c = 0; c < logits.length; c++) {
                    if (logits[c] > highest) {
                        highest = logits[c];
                        best = c;
                    }
                }
                right += best == root ? 1 : 0;
                sum += logits[root];
                count++;
            }
        }
        return new Outcome((double) right / count, sum / count);
    }
}
