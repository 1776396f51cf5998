package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Selection;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.experiment.KnockOutLosses.Loss;
import io.neurflow.core.experiment.KnockOutLosses.Target;
import io.neurflow.core.rival.ChannelRanking;
import io.neurflow.core.rival.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Knocks out random sets of neurons of a layer, and the sets of the largest importance scores, and measures what happens to
 * targets in the layer above: what Figures 4, 6, 11 and 12 of the paper are read from. Immutable: every setting returns a changed
 * copy. By default 10 random targets in each layer, 40 random sets of each of the sizes 1, 5, 10, 20 and 50, seed 1; k and the
 * quadrature are the finder's.
 *
 * <p>All targets of a layer share the random sets, so that one pass of all patches from the lower layer to the upper serves them
 * all: a pair of layers costs {@code sizes * (sets + targets)} such passes, and holds the lower layer's feature maps in memory.
 * Sets are drawn uniformly from all channels. Targets are drawn uniformly from all channels that are not dead, the root first in
 * the layer of the logits (the authors' code took the root's own core neurons).
 */
public final class KnockOutStudy {
    private final CoreConceptFinder finder;
    private final ImmutableList<LayerPair> pairs;
    private final ImmutableList<ChannelRanking> rankings;
    private final ImmutableIntArray sizes;
    private final int targets;
    private final int sets;
    private final long seed;
    private final ProgressListener listener;

    private KnockOutStudy(
            CoreConceptFinder finder,
            ImmutableList<LayerPair> pairs,
            ImmutableList<ChannelRanking> rankings,
            ImmutableIntArray sizes,
            int targets,
            int sets,
            long seed,
            ProgressListener listener) {
        this.finder = finder;
        this.pairs = pairs;
        this.rankings = rankings;
        this.sizes = sizes;
        this.targets = targets;
        this.sets = sets;
        this.seed = seed;
        this.listener = listener;
    }

    /**
     * A study with the settings above, of all neighbouring layers of the finder's probe.
     *
     * @param finder has the model, k and the quadrature
     * @return the study
     */
    public static KnockOutStudy with(CoreConceptFinder finder) {
        return new KnockOutStudy(
                finder,
                Targets.pairs(finder.probe().layers()),
                ImmutableList.of(),
                ImmutableIntArray.of(1, 5, 10, 20, 50),
                10,
                40,
                1,
                ProgressListener.NONE);
    }

    /**
     * Sets the pairs of layers.
     *
     * @param which neighbouring layers of the probe
     * @return a changed copy
     */
    public KnockOutStudy pairs(List<LayerPair> which) {
        checkArgument(!which.isEmpty(), "expected a pair of layers to study, but there is none");
        return new KnockOutStudy(finder, ImmutableList.copyOf(which), rankings, sizes, targets, sets, seed, listener);
    }

    /**
     * Sets which rankings are held against ours. None by default.
     *
     * @param others those that do not apply to a pair of layers are left out there
     * @return a changed copy
     */
    public KnockOutStudy rankings(List<ChannelRanking> others) {
        return new KnockOutStudy(finder, pairs, ImmutableList.copyOf(others), sizes, targets, sets, seed, listener);
    }

    /**
     * Sets the sizes of sets. Those that are no smaller than a layer are left out there.
     *
     * @param each 1 or more
     * @return a changed copy
     */
    public KnockOutStudy sizes(int... each) {
        checkArgument(
                each.length > 0 && IntStream.of(each).allMatch(size -> size > 0),
                "expected sizes of sets of 1 or more, but they are %s",
                IntStream.of(each).boxed().toList());
        return new KnockOutStudy(
                finder, pairs, rankings, ImmutableIntArray.copyOf(each), targets, sets, seed, listener);
    }

    /**
     * Sets the number of targets in each layer.
     *
     * @param count 1 or more; a layer with fewer neurons has all of them
     * @return a changed copy
     */
    public KnockOutStudy targets(int count) {
        checkArgument(count >= 1, "expected one target or more, but it is %s", count);
        return new KnockOutStudy(finder, pairs, rankings, sizes, count, sets, seed, listener);
    }

    /**
     * Sets the number of random sets of each size.
     *
     * @param count 20 or more: with fewer a comparison with chance says little
     * @return a changed copy
     */
    public KnockOutStudy sets(int count) {
        checkArgument(count >= 20, "expected 20 random sets or more of each size, but it is %s", count);
        return new KnockOutStudy(finder, pairs, rankings, sizes, targets, count, seed, listener);
    }

    /**
     * Sets the seed of targets and sets.
     *
     * @param value the seed
     * @return a changed copy
     */
    public KnockOutStudy seed(long value) {
        return new KnockOutStudy(finder, pairs, rankings, sizes, targets, sets, value, listener);
    }

    /**
     * Sets who is told of progress, and may cancel.
     *
     * @param to the listener
     * @return a changed copy
     */
    public KnockOutStudy onProgress(ProgressListener to) {
        return new KnockOutStudy(finder, pairs, rankings, sizes, targets, sets, seed, to);
    }

    /**
     * Measures.
     *
     * @param root the logit of the class
     * @param activations with those of all upper layers, of the patches that everything is measured on
     * @return the losses
     */
    public KnockOutLosses measure(Neuron root, PatchActivations activations) {
        ImmutableList.Builder<Target> all = ImmutableList.builder();
        for (LayerPair pair : pairs) {
            all.addAll(measure(pair, root, activations));
        }
        return new KnockOutLosses(
                String.format(
                        "%d patches, k = %d, %d random targets a layer, %d random sets of each size, seed %d.",
                        activations.patches().patches().size(), finder.topPatches(), targets, sets, seed),
                seed,
                all.build());
    }

    private List<Target> measure(LayerPair pair, Neuron root, PatchActivations activations) {
        ModelProbe probe = finder.probe();
        int channels = pair.below().shape().channels();
        List<NeuronConcept> concepts =
                Targets.draw(activations, pair.above(), root, targets, finder.topPatches(), seed);
        KnockOuts knockOuts = new KnockOuts(probe, pair, activations.patches());
        List<ImmutableMap<String, ImmutableDoubleArray>> scores = scores(pair, concepts, knockOuts);
        double[][] before = knockOuts.without(List.of(), concepts);
        List<ImmutableIntArray> drawn = draw(channels);
        List<Integer> fitting =
                sizes.stream().filter(size -> size < channels).boxed().toList();
        long total = (long) drawn.size() + (long) fitting.size() * concepts.size();
        long start = System.nanoTime();
        List<ImmutableList.Builder<Loss>> random = builders(concepts.size());
        long done = 0;
        for (ImmutableIntArray set : drawn) {
            double[][] after = knockOuts.without(set.asList(), concepts);
            for (int t = 0; t < concepts.size(); t++) {
                random.get(t).add(loss(set, concepts.get(t), before[t], after[t]));
            }
            report(pair, ++done, total, start);
        }
        List<Target> results = new ArrayList<>();
        for (int t = 0; t < concepts.size(); t++) {
            NeuronConcept concept = concepts.get(t);
            ImmutableIntArray order = order(Objects.requireNonNull(scores.get(t).get(KnockOutLosses.OURS)));
            ImmutableList.Builder<Loss> core = ImmutableList.builder();
            for (int size : fitting) {
                ImmutableIntArray set = order.subArray(0, size);
                core.add(loss(set, concept, before[t], knockOuts.without(set.asList(), List.of(concept))[0]));
                report(pair, ++done, total, start);
            }
            results.add(new Target(
                    pair, concept.neuron(), scores.get(t), random.get(t).build(), core.build()));
        }
        return results;
    }

    private void report(LayerPair pair, long done, long total, long start) {
        listener.onProgress(
                new Progress("knock-outs " + pair, done, total, Duration.ofNanos(System.nanoTime() - start)));
    }

    private static List<ImmutableList.Builder<Loss>> builders(int count) {
        return IntStream.range(0, count)
                .mapToObj(t -> ImmutableList.<Loss>builder())
                .toList();
    }

    private static Loss loss(ImmutableIntArray set, NeuronConcept concept, double[] before, double[] after) {
        double drop = KnockOuts.drop(concept, before, after);
        return new Loss(set, KnockOuts.overlap(concept, after), drop, KnockOuts.inDeviations(drop, before));
    }

    private List<ImmutableMap<String, ImmutableDoubleArray>> scores(
            LayerPair pair, List<NeuronConcept> concepts, KnockOuts knockOuts) {
        Map<Neuron, ImportanceScores> ours = knockOuts.scores(concepts, finder.quadrature());
        List<ImmutableMap<String, ImmutableDoubleArray>> all = new ArrayList<>();
        for (NeuronConcept concept : concepts) {
            ImmutableMap.Builder<String, ImmutableDoubleArray> its = ImmutableMap.builder();
            ImportanceScores own = Objects.requireNonNull(ours.get(concept.neuron()));
            its.put(KnockOutLosses.OURS, ImmutableDoubleArray.copyOf(own.sums()));
            its.put(
                    new Importance(finder.quadrature(), Selection.MEAN_ABS).name(),
                    ImmutableDoubleArray.copyOf(own.meanMagnitudes()));
            if (!rankings.isEmpty()) {
                Question question =
                        new Question(finder.probe(), concept.neuron(), pair.below(), knockOuts.maps(concept.patches()));
                rankings.stream()
                        .filter(ranking -> ranking.appliesTo(pair.below(), pair.above()))
                        .forEach(ranking ->
                                its.put(ranking.name(), ImmutableDoubleArray.copyOf(ranking.scores(question))));
            }
            all.add(its.buildOrThrow());
        }
        return all;
    }

    /** Sets for a layer of so many channels; the same for every layer as wide. */
    private List<ImmutableIntArray> draw(int channels) {
        Random random = new Random(seed);
        List<Integer> all = new ArrayList<>(IntStream.range(0, channels).boxed().toList());
        List<ImmutableIntArray> drawn = new ArrayList<>();
        sizes.stream().filter(size -> size < channels).forEach(size -> {
            for (int set = 0; set < sets; set++) {
                Collections.shuffle(all, random);
                drawn.add(ImmutableIntArray.copyOf(all.subList(0, size)));
            }
        });
        checkArgument(
                !drawn.isEmpty(),
                "expected a size below the layer's %s channels, but the sizes are %s; say smaller ones",
                channels,
                sizes);
        return drawn;
    }

    /** Channels by magnitude, the largest first, the lower index first on ties. */
    static ImmutableIntArray order(ImmutableDoubleArray scores) {
        return ImmutableIntArray.copyOf(IntStream.range(0, scores.length())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> -Math.abs(scores.get(c))))
                .mapToInt(Integer::intValue));
    }
}
