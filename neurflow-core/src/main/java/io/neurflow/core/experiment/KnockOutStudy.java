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
import io.neurflow.core.experiment.AttributionChoices.Choice;
import io.neurflow.core.experiment.KnockOutLosses.Loss;
import io.neurflow.core.experiment.KnockOutLosses.Target;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.rival.ChannelRanking;
import io.neurflow.core.rival.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Knocks out random sets of neurons of a layer, and the sets of the largest importance scores, and measures what happens to
 * targets in the layer above: what Figures 4, 6, 11 and 12 of the paper are read from. Immutable: every setting returns a changed
 * copy. By default 10 random targets in each layer, 40 random sets of each of the sizes 1, 5, 10, 20 and 50, seed 1; k and the
 * quadrature are the finder's.
 *
 * <p>All targets of a layer share the random sets, so that one pass of all patches from the lower layer to the upper serves them
 * all: a pair of layers costs {@code sizes * (sets + targets)} such passes, and holds the lower layer's feature maps in memory.
 * With {@link #narrowed} a pass computes nothing but what the targets depend on, in the last convolutions and branches.
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
    private final Optional<NarrowEngine> engine;
    private final ProgressListener listener;

    private KnockOutStudy(
            CoreConceptFinder finder,
            ImmutableList<LayerPair> pairs,
            ImmutableList<ChannelRanking> rankings,
            ImmutableIntArray sizes,
            int targets,
            int sets,
            long seed,
            Optional<NarrowEngine> engine,
            ProgressListener listener) {
        this.engine = engine;
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
                Optional.empty(),
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
        return new KnockOutStudy(
                finder, ImmutableList.copyOf(which), rankings, sizes, targets, sets, seed, engine, listener);
    }

    /**
     * Sets which rankings are held against ours. None by default.
     *
     * @param others those that do not apply to a pair of layers are left out there
     * @return a changed copy
     */
    public KnockOutStudy rankings(List<ChannelRanking> others) {
        return new KnockOutStudy(
                finder, pairs, ImmutableList.copyOf(others), sizes, targets, sets, seed, engine, listener);
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
                finder, pairs, rankings, ImmutableIntArray.copyOf(each), targets, sets, seed, engine, listener);
    }

    /**
     * Sets the number of targets in each layer.
     *
     * @param count 1 or more; a layer with fewer neurons has all of them
     * @return a changed copy
     */
    public KnockOutStudy targets(int count) {
        checkArgument(count >= 1, "expected one target or more, but it is %s", count);
        return new KnockOutStudy(finder, pairs, rankings, sizes, count, sets, seed, engine, listener);
    }

    /**
     * Sets the number of random sets of each size.
     *
     * @param count 20 or more: with fewer a comparison with chance says little
     * @return a changed copy
     */
    public KnockOutStudy sets(int count) {
        checkArgument(count >= 20, "expected 20 random sets or more of each size, but it is %s", count);
        return new KnockOutStudy(finder, pairs, rankings, sizes, targets, count, seed, engine, listener);
    }

    /**
     * Sets the seed of targets and sets.
     *
     * @param value the seed
     * @return a changed copy
     */
    public KnockOutStudy seed(long value) {
        return new KnockOutStudy(finder, pairs, rankings, sizes, targets, sets, value, engine, listener);
    }

    /**
     * Runs each pair of layers by a network of its own, cut out of the model, that has nothing but what the targets depend on.
     * What it gives differs by rounding from what the finder's probe gives. By default all goes through the finder's probe.
     *
     * @param opened what the finder's probe was opened with
     * @param opener opens a probe of a network, such as {@code SameDiffProbe::open}; it is closed when the pair is done
     * @return a changed copy
     */
    public KnockOutStudy narrowed(GraphLayers opened, Function<GraphLayers, ModelProbe> opener) {
        checkArgument(
                opened.layers().equals(finder.probe().layers()),
                "expected what the probe with the layers %s was opened with, but that has %s",
                finder.probe().layers(),
                opened.layers());
        Optional<NarrowEngine> narrow = Optional.of(new NarrowEngine(opened, opener));
        return new KnockOutStudy(finder, pairs, rankings, sizes, targets, sets, seed, narrow, listener);
    }

    /**
     * Sets who is told of progress, and may cancel.
     *
     * @param to the listener
     * @return a changed copy
     */
    public KnockOutStudy onProgress(ProgressListener to) {
        return new KnockOutStudy(finder, pairs, rankings, sizes, targets, sets, seed, engine, to);
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
        List<NeuronConcept> concepts =
                Targets.draw(activations, pair.above(), root, targets, finder.topPatches(), seed);
        KnockOuts knockOuts = new KnockOuts(finder.probe(), pair, activations.patches());
        List<ImmutableMap<String, ImmutableDoubleArray>> scores = scores(pair, concepts, knockOuts);
        try (TargetMeans way = knockOuts.means(concepts, engine)) {
            return measure(pair, concepts, knockOuts, scores, way);
        }
    }

    private List<Target> measure(
            LayerPair pair,
            List<NeuronConcept> concepts,
            KnockOuts knockOuts,
            List<ImmutableMap<String, ImmutableDoubleArray>> scores,
            TargetMeans way) {
        int channels = pair.below().shape().channels();
        double[][] before = knockOuts.before(way);
        List<ImmutableIntArray> drawn = draw(channels);
        List<Integer> fitting =
                sizes.stream().filter(size -> size < channels).boxed().toList();
        long total = (long) drawn.size() + (long) fitting.size() * concepts.size();
        long start = System.nanoTime();
        List<ImmutableList.Builder<Loss>> random = builders(concepts.size());
        long done = 0;
        for (ImmutableIntArray set : drawn) {
            double[][] after = knockOuts.without(set.asList(), way, before);
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
                core.add(loss(set, concept, before[t], knockOuts.without(set.asList(), way, before)[t]));
                report(pair, ++done, total, start);
            }
            results.add(new Target(
                    pair, concept.neuron(), scores.get(t), random.get(t).build(), core.build()));
        }
        return results;
    }

    /**
     * Lets integrated gradients and each of the {@link #rankings} choose a core of the finder's &tau; for each target, and knocks it
     * out: what Appendix D.1 asks, by the measure of Definition 3. Costs {@code targets * (rankings + 1)} passes for each pair, and
     * the rankings themselves, which are timed; a run that does not count goes first. The sizes and random sets of this study have
     * no part in it.
     *
     * @param root the logit of the class
     * @param activations with those of all upper layers, of the patches that everything is measured on
     * @param nanos the clock, {@code System::nanoTime} as a rule
     * @return what was chosen, and what is left without it
     */
    public AttributionChoices choices(Neuron root, PatchActivations activations, LongSupplier nanos) {
        ImmutableList.Builder<Choice> all = ImmutableList.builder();
        for (LayerPair pair : pairs) {
            all.addAll(choices(pair, root, activations, nanos));
        }
        return new AttributionChoices(
                String.format(
                        "%d patches, k = %d, %d random targets a layer, seed %d.",
                        activations.patches().patches().size(), finder.topPatches(), targets, seed),
                seed,
                all.build());
    }

    private List<Choice> choices(LayerPair pair, Neuron root, PatchActivations activations, LongSupplier nanos) {
        List<NeuronConcept> concepts =
                Targets.draw(activations, pair.above(), root, targets, finder.topPatches(), seed);
        KnockOuts knockOuts = new KnockOuts(finder.probe(), pair, activations.patches());
        List<ChannelRanking> all = Stream.concat(
                        Stream.of(new Importance(finder.quadrature(), Selection.ABS_OF_SUM)),
                        rankings.stream().filter(ranking -> ranking.appliesTo(pair.below(), pair.above())))
                .toList();
        int size = Math.min(finder.maxCoreNeurons(), pair.below().shape().channels());
        long start = System.nanoTime();
        List<Choice> found = new ArrayList<>();
        try (TargetMeans way = knockOuts.means(concepts, engine)) {
            double[][] before = knockOuts.before(way);
            for (int t = 0; t < concepts.size(); t++) {
                NeuronConcept concept = concepts.get(t);
                Question question =
                        new Question(finder.probe(), concept.neuron(), pair.below(), knockOuts.maps(concept.patches()));
                for (ChannelRanking ranking : all) {
                    if (t == 0) {
                        ranking.scores(question);
                    }
                    long begun = nanos.getAsLong();
                    double[] scores = ranking.scores(question);
                    double seconds = (nanos.getAsLong() - begun) / 1e9;
                    ImmutableIntArray set =
                            order(ImmutableDoubleArray.copyOf(scores)).subArray(0, size);
                    Loss loss = loss(set, concept, before[t], knockOuts.without(set.asList(), way, before)[t]);
                    found.add(new Choice(
                            pair, concept.neuron(), ranking.name(), set, loss.overlap(), loss.fall(), seconds));
                    report(pair, found.size(), (long) all.size() * concepts.size(), start);
                }
            }
        }
        return found;
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
