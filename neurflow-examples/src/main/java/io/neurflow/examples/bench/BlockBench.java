package io.neurflow.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.graph.ChannelSlice;
import io.neurflow.core.graph.GraphLayers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Times the importance scores of several targets of a layer, all in one call as a circuit asks for them, each over its own
 * concept: the k patches of highest activation.
 *
 * @param layers the network and its layers
 * @param probe an engine on exactly these layers
 * @param activations of the patches, for every upper layer that will be asked for
 * @param k size of concepts
 * @param quadrature nodes and weights
 * @param repeats runs after the first, or more if they take less than 2 seconds together; the median counts
 * @param plain whether to run the plain way on the first target, too
 */
public record BlockBench(
        GraphLayers layers,
        ModelProbe probe,
        PatchActivations activations,
        int k,
        Quadrature quadrature,
        int repeats,
        boolean plain) {
    /** Seconds that the runs of a block take together at least. */
    private static final double LEAST_SECONDS = 2;

    /**
     * Chooses targets: spread evenly over those channels that tell patches apart and are not zero for any patch of their
     * concept. The targets of a circuit are of that kind, and dead ones would be cheaper.
     *
     * @param upper the layer
     * @param most how many; fewer if there are fewer such channels
     * @return ascending channels, at least one
     */
    public ImmutableIntArray spread(Layer upper, int most) {
        int[] alive = IntStream.range(0, upper.shape().channels())
                .filter(channel -> isAlive(activations.concept(upper.neuron(channel), k)))
                .toArray();
        checkArgument(
                alive.length > 0,
                "expected a neuron of %s that is active for k = %s patches, but there is none; use other images, a smaller --k,"
                        + " or name neurons with --neuron",
                upper,
                k);
        int count = Math.min(most, alive.length);
        return ImmutableIntArray.copyOf(
                IntStream.range(0, count).map(i -> alive[(int) ((2L * i + 1) * alive.length / (2L * count))]));
    }

    private boolean isAlive(NeuronConcept concept) {
        return !concept.isDead() && concept.activations().get(k - 1) != 0;
    }

    /**
     * Times one block.
     *
     * @param pair its layers
     * @param channels the targets in the upper one
     * @return what was measured
     */
    public BlockTimes run(LayerPair pair, ImmutableIntArray channels) {
        Layer lower = probe.layer(pair.lower());
        Layer upper = probe.layer(pair.upper());
        checkArgument(
                lower.index() < upper.index(),
                "expected the lower layer first in --pair, but '%s' is not below '%s'; write %s:%s",
                pair.lower(),
                pair.upper(),
                pair.upper(),
                pair.lower());
        ImmutableList<NeuronConcept> concepts = channels.stream()
                .mapToObj(channel -> activations.concept(upper.neuron(channel), k))
                .collect(ImmutableList.toImmutableList());
        List<Integer> patches = List.copyOf(concepts.stream()
                .flatMap(concept -> concept.patches().asList().stream())
                .collect(Collectors.toCollection(TreeSet::new)));
        Tensor x = featureMaps(patches, lower);
        ImmutableMap.Builder<Neuron, ImmutableIntArray> rows = ImmutableMap.builder();
        for (NeuronConcept concept : concepts) {
            rows.put(
                    concept.neuron(),
                    ImmutableIntArray.copyOf(concept.patches().stream().map(patches::indexOf)));
        }
        return measured(lower, upper, x, rows.buildOrThrow());
    }

    private Tensor featureMaps(List<Integer> patches, Layer lower) {
        ImmutableList.Builder<Tensor> maps = ImmutableList.builder();
        for (List<Integer> batch : Lists.partition(patches, probe.preferredBatch())) {
            maps.add(probe.forward(activations.patches().inputs(ImmutableIntArray.copyOf(batch)), lower));
        }
        return Tensor.concat(maps.build());
    }

    private BlockTimes measured(Layer lower, Layer upper, Tensor x, ImmutableMap<Neuron, ImmutableIntArray> targets) {
        List<Map<Neuron, ImportanceScores>> results = new ArrayList<>();
        Runnable sweep = () -> {
            results.clear();
            results.add(probe.importance(lower, x, targets, quadrature));
        };
        double cold = Stopwatch.seconds(1, sweep).get(0);
        ImmutableDoubleArray warm = Stopwatch.seconds(repeats, LEAST_SECONDS, sweep);
        double flops = targets.keySet().stream()
                .mapToLong(target -> Flops.forwardAndBack(
                        ChannelSlice.of(layers.graph(), layers.value(lower), layers.value(upper), target.channel())))
                .average()
                .orElseThrow();
        ImmutableMap<Neuron, ImportanceScores> scores = ImmutableMap.copyOf(Iterables.getOnlyElement(results));
        ImmutableList<PlainTimes> twin =
                plain ? ImmutableList.of(plain(lower, x, targets, scores)) : ImmutableList.of();
        return new BlockTimes(
                lower,
                upper,
                tensor(lower),
                tensor(upper),
                k,
                quadrature,
                x,
                targets,
                scores,
                cold,
                warm,
                flops * k * quadrature.steps() / 1e9,
                twin);
    }

    private String tensor(Layer layer) {
        return layers.graph().nodes().get(layers.value(layer)).value();
    }

    private PlainTimes plain(
            Layer lower,
            Tensor x,
            ImmutableMap<Neuron, ImmutableIntArray> targets,
            ImmutableMap<Neuron, ImportanceScores> scores) {
        Neuron target = targets.keySet().asList().get(0);
        Tensor concept = x.select(Objects.requireNonNull(targets.get(target)));
        ModelProbe slow = new PlainProbe(probe); // not closed: the engine is not ours
        slow.importance(lower, concept.slice(0, 1), target, quadrature);
        List<ImportanceScores> result = new ArrayList<>();
        double seconds = Stopwatch.seconds(1, () -> result.add(slow.importance(lower, concept, target, quadrature)))
                .get(0);
        ImportanceScores known = Objects.requireNonNull(scores.get(target));
        long flops = Flops.forwardAndBack(
                ChannelSlice.of(layers.graph(), layers.value(lower), layers.value(target.layer()), target.channel()));
        return new PlainTimes(
                target.channel(),
                seconds,
                (double) flops * k * quadrature.steps() / 1e9,
                relativeL2(known.values(), Iterables.getOnlyElement(result).values()));
    }

    /** The length of the difference over the length of the truth. */
    static double relativeL2(double[][] values, double[][] truth) {
        double difference = 0;
        double length = 0;
        for (int v = 0; v < truth.length; v++) {
            for (int c = 0; c < truth[v].length; c++) {
                double d = values[v][c] - truth[v][c];
                difference += d * d;
                length += truth[v][c] * truth[v][c];
            }
        }
        return difference == 0 ? 0 : Math.sqrt(difference / length);
    }
}
