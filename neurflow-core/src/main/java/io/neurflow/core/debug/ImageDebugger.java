package io.neurflow.core.debug;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Debugs images with a concept circuit (Section 5.1, Appendix F): which neuron groups of a layer fire on an image and where,
 * what masking a group changes beside matched random masks, and the fewest neurons whose masking changes the prediction.
 * Images come as windows cut by the same grid as for the circuit, {@code PatchGrid.paper().cut(images)}; their whole windows
 * are what predictions are made for.
 *
 * <pre>{@code
 * ImageDebugger.of(probe, circuit).investigate(PatchGrid.paper().cut(falsePositives)).culprit();
 * }</pre>
 *
 * <p>Immutable: every setting returns a changed copy.
 */
public final class ImageDebugger {
    /** The fewest random masks that a comparison may rest on. */
    public static final int FEWEST_DRAWS = 20;

    private static final int DRAWS = 199;
    private static final int DRAWS_FOR_EACH_GROUP = 40;

    // Written only while a copy is being made, before anybody else sees it.
    private final ModelProbe probe;
    private final ConceptCircuit circuit;
    private Layer layer;
    private ConfidenceRule rule = ConfidenceRule.RELU_CLIPPED;
    private int nearest = ConceptConfidence.NEAREST;
    private double threshold = 0.5;
    private Optional<Integer> draws = Optional.empty();
    private long seed = 1;
    private ControlPool pool = ControlPool.OUTSIDE_CIRCUIT;
    private ProgressListener listener = ProgressListener.NONE;

    private ImageDebugger(ModelProbe probe, ConceptCircuit circuit, Layer layer) {
        this.probe = probe;
        this.circuit = circuit;
        this.layer = layer;
    }

    private ImageDebugger changed(Consumer<ImageDebugger> change) {
        ImageDebugger copy = new ImageDebugger(probe, circuit, layer);
        copy.rule = rule;
        copy.nearest = nearest;
        copy.threshold = threshold;
        copy.draws = draws;
        copy.seed = seed;
        copy.pool = pool;
        copy.listener = listener;
        change.accept(copy);
        return copy;
    }

    /**
     * A debugger that looks at the highest layer of the circuit below the logits.
     *
     * @param probe the model of the circuit, opened with the layer to look at; stays open, and yours to close
     * @param circuit the circuit of a class, rooted in its logit
     * @return the debugger
     * @throws IllegalArgumentException if the circuit is of another model, as far as digests tell, is not rooted in the
     *     logits, or the probe lacks its layers
     */
    public static ImageDebugger of(ModelProbe probe, ConceptCircuit circuit) {
        String expected = circuit.provenance().model().digest();
        checkArgument(
                probe.info().digest().equals(expected),
                "expected the model of the circuit, %s with digest %s, but this is %s with digest %s; open that model",
                circuit.provenance().model().name(),
                abbreviated(expected),
                probe.info().name(),
                abbreviated(probe.info().digest()));
        Neuron root = circuit.neurons().root();
        checkArgument(
                root.layer().name().equals(probe.logits().name()),
                "expected the circuit of a class, rooted in the logits %s, but it is rooted in %s; build one of a logit",
                probe.logits().name(),
                root);
        checkArgument(circuit.layers().size() > 1, "expected a circuit with a layer below the logits, but it has none");
        Layer highest = circuit.layers().get(1);
        return new ImageDebugger(probe, circuit, highest);
    }

    private static String abbreviated(String digest) {
        return digest.substring(0, Math.min(12, digest.length()));
    }

    /**
     * The layer whose groups to look at; by default the highest one below the logits.
     *
     * @param name as in the circuit
     * @return a changed copy
     * @throws IllegalArgumentException if the circuit has no such layer below the logits
     */
    public ImageDebugger layer(String name) {
        List<Layer> below = circuit.layers().subList(1, circuit.layers().size());
        Layer found = below.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("expected a layer of the circuit below the logits, one of "
                                + below.stream().map(Layer::name).toList() + ", but it is '" + name + "'"));
        return changed(copy -> copy.layer = found);
    }

    /**
     * How M is computed. {@link ConfidenceRule#RELU_CLIPPED} by default.
     *
     * @param which the rule
     * @return a changed copy
     */
    public ImageDebugger rule(ConfidenceRule which) {
        return changed(copy -> copy.rule = which);
    }

    /**
     * How many neurons of a group M looks at, those nearest to its centre. {@value ConceptConfidence#NEAREST} by default.
     *
     * @param most 1 or more
     * @return a changed copy
     */
    public ImageDebugger nearest(int most) {
        checkArgument(most >= 1, "expected at least 1 neuron to look at, but it is %s", most);
        return changed(copy -> copy.nearest = most);
    }

    /**
     * From which M on a group fires. 0.5 by default: half the strongest activation in D. The authors use 0.8 and 0.6, of
     * values that their rule lets grow beyond 1.
     *
     * @param least above 0
     * @return a changed copy
     */
    public ImageDebugger threshold(double least) {
        checkArgument(least > 0, "expected a threshold above 0, but it is %s", least);
        return changed(copy -> copy.threshold = least);
    }

    /**
     * How many random masks to compare a mask with. 199 by default, so that the smallest p-value is 0.005; when a whole
     * layer is investigated, 40 for each of its groups if that is more, so that p-values can be small after the correction.
     *
     * @param count {@value #FEWEST_DRAWS} or more
     * @return a changed copy
     */
    public ImageDebugger draws(int count) {
        checkArgument(count >= FEWEST_DRAWS, "expected at least %s random masks, but it is %s", FEWEST_DRAWS, count);
        return changed(copy -> copy.draws = Optional.of(count));
    }

    /**
     * The seed of the random masks. 1 by default.
     *
     * @param number any
     * @return a changed copy
     */
    public ImageDebugger seed(long number) {
        return changed(copy -> copy.seed = number);
    }

    /**
     * Which channels random masks are drawn from. {@link ControlPool#OUTSIDE_CIRCUIT} by default.
     *
     * @param from the pool
     * @return a changed copy
     */
    public ImageDebugger controls(ControlPool from) {
        return changed(copy -> copy.pool = from);
    }

    /**
     * Sets who is told of progress. The listener may throw {@link java.util.concurrent.CancellationException} to end the
     * computation.
     *
     * @param to called from the thread that computes
     * @return a changed copy
     */
    public ImageDebugger onProgress(ProgressListener to) {
        return changed(copy -> copy.listener = to);
    }

    /**
     * The groups that are looked at.
     *
     * @return those of the layer, by index
     */
    public ImmutableList<NeuronGroup> groups() {
        return circuit.at(layer);
    }

    /**
     * A group by name.
     *
     * @param name {@code G3}, or {@code layer4.2/G3}, of the layer that is looked at
     * @return the group
     * @throws IllegalArgumentException if there is none; the message lists them
     */
    public NeuronGroup group(String name) {
        return groups().stream()
                .filter(group -> group.name().equals(name) || ("G" + group.index()).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected a group of " + layer.name() + ", one of "
                        + groups().stream().map(group -> "G" + group.index()).toList() + ", but it is '" + name
                        + "'"));
    }

    /** The layer as the probe knows it, which may count layers otherwise than the probe that the circuit was built with. */
    private Layer here() {
        Layer found = probe.layer(layer.name());
        checkArgument(
                found.shape().equals(layer.shape()),
                "expected layer %s as in the circuit, but the probe's is %s; open the model of the circuit",
                layer,
                found);
        return found;
    }

    private ImmutableSet<Neuron> here(Collection<Neuron> neurons) {
        Layer found = here();
        for (Neuron neuron : neurons) {
            checkArgument(
                    neuron.layer().name().equals(layer.name()),
                    "expected neurons of %s, but %s is one of another layer; choose that one with layer(...)",
                    layer.name(),
                    neuron);
        }
        return neurons.stream().map(neuron -> found.neuron(neuron.channel())).collect(ImmutableSet.toImmutableSet());
    }

    private int target() {
        return circuit.neurons().root().channel();
    }

    /**
     * M of every group of the layer for every window. Cost: one pass of the windows to the layer.
     *
     * @param windows of one image or of many
     * @return the scores
     */
    public CropScores score(PatchSet windows) {
        ImmutableList<ConceptConfidence> metrics = groups().stream()
                .map(group -> ConceptConfidence.of(circuit, group).rule(rule).nearest(nearest))
                .collect(ImmutableList.toImmutableList());
        double[][] scores = new double[metrics.size()][windows.patches().size()];
        runs(windows, all(windows)).pooled(here(), (patch, row) -> {
            for (int g = 0; g < scores.length; g++) {
                scores[g][patch] = metrics.get(g).score(row);
            }
        });
        return new CropScores(metrics, windows, threshold, scores);
    }

    private MaskedRuns runs(PatchSet inputs, ImmutableIntArray which) {
        return new MaskedRuns(probe, inputs, which, listener);
    }

    private static ImmutableIntArray all(PatchSet patches) {
        return ImmutableIntArray.copyOf(IntStream.range(0, patches.patches().size()));
    }

    /** The largest window of each image: what predictions are made for. */
    private static ImmutableIntArray whole(PatchSet windows) {
        ImmutableIntArray.Builder whole = ImmutableIntArray.builder();
        for (SourceImage image : windows.images()) {
            windows.patches().stream()
                    .filter(patch -> patch.image() == image.index())
                    .max(Comparator.comparingInt(Patch::size).thenComparing(patch -> -patch.index()))
                    .ifPresent(patch -> whole.add(patch.index()));
        }
        return whole.build();
    }

    /**
     * What the model says of whole images.
     *
     * @param windows of one image or of many
     * @return one prediction for each image; probability and logit are those of the circuit's class
     */
    public ImmutableList<Prediction> predictions(PatchSet windows) {
        return ImmutableList.copyOf(runs(windows, whole(windows))
                .predictions(here(), List.of(ImmutableSet.of()), target())
                .get(0));
    }

    /**
     * Masks a group, on whole images, and as many matched random channels again and again: see {@link MaskControl}. Cost:
     * (draws + 2) forward passes from the layer to the logits for each image.
     *
     * @param group one of {@link #groups()}
     * @param windows of one image or of many
     * @return the effect, with its control
     */
    public MaskEffect mask(NeuronGroup group, PatchSet windows) {
        return mask(group.name(), group.neurons(), windows, whole(windows), draws.orElse(DRAWS));
    }

    /**
     * Masks any neurons of the layer, on whole images, as above.
     *
     * @param neurons of the layer, at least one
     * @param windows of one image or of many
     * @return the effect, with its control
     */
    public MaskEffect mask(Collection<Neuron> neurons, PatchSet windows) {
        checkArgument(!neurons.isEmpty(), "expected neurons to mask, but there are none");
        return mask(
                neurons.size() + " neurons of " + layer.name(), neurons, windows, whole(windows), draws.orElse(DRAWS));
    }

    /**
     * Masks a group on every window, without random masks: {@link MaskEffect#byLogitDrop} then shows which windows need the
     * group most (Fig. 9, right).
     *
     * @param group one of {@link #groups()}
     * @param windows images and windows of them, such as those that the circuit was built from
     * @return the effect
     */
    public MaskEffect maskEverywhere(NeuronGroup group, PatchSet windows) {
        return mask(group.name(), group.neurons(), windows, all(windows), 0);
    }

    private MaskEffect mask(
            String name, Collection<Neuron> neurons, PatchSet inputs, ImmutableIntArray which, int randomMasks) {
        return new Masking(runs(inputs, which), here(), target(), candidates(), pool, randomMasks, seed)
                .effect(name, neurons, here(neurons));
    }

    /** The circuit's neurons of the layer. */
    private ImmutableSet<Neuron> candidates() {
        return here(
                circuit.neurons().at(layer).stream().map(CircuitNode::neuron).toList());
    }

    /** Enough for the smallest p-value to survive Holm's correction, unless somebody has said how many. */
    private int drawsForAll() {
        return draws.orElse(Math.max(DRAWS, DRAWS_FOR_EACH_GROUP * groups().size()));
    }

    /**
     * The fewest neurons of the circuit in this layer whose masking changes the prediction for a whole image.
     *
     * @param windows with those of the image
     * @param image one of the images
     * @return the mask
     */
    public SmallestMask smallestMask(PatchSet windows, SourceImage image) {
        int patch = whole(windows).get(windows.images().indexOf(image));
        Layer from = here();
        Tensor activations = probe.forward(windows.inputs(ImmutableIntArray.of(patch)), from);
        Prediction before = MaskSearch.plain(probe, from, activations, image, patch, target());
        return new MaskSearch(probe, from, activations, candidates(), before.top()).run(before, target());
    }

    /**
     * Finds out why the model assigns images to the class of the circuit, images of other classes as a rule: M of every group
     * in every window, every group masked with its control on those images that are assigned to the class, and for each of
     * these the smallest mask. Give it some images of the same kind that the model gets right, too: what fires on the ones and
     * not on the others is what matters. Cost: that of {@link #score}, of {@link #mask} for each group, and of
     * {@link #smallestMask} for each image.
     *
     * @param windows of the images, cut as for the circuit
     * @return what was found
     */
    public Investigation investigate(PatchSet windows) {
        return investigate(windows, groups());
    }

    /**
     * The same, masking some of the groups only; the correction of p-values is over these.
     *
     * @param windows of the images, cut as for the circuit
     * @param masked of {@link #groups()}
     * @return what was found
     */
    public Investigation investigate(PatchSet windows, List<NeuronGroup> masked) {
        CropScores scores = score(windows);
        ImmutableList<Prediction> predictions = predictions(windows);
        ImmutableList<Prediction> taken = predictions.stream()
                .filter(prediction -> prediction.top() == target())
                .collect(ImmutableList.toImmutableList());
        ImmutableIntArray which = ImmutableIntArray.copyOf(taken.stream().mapToInt(Prediction::patch));
        ImmutableList<SourceImage> images =
                taken.stream().map(Prediction::image).collect(ImmutableList.toImmutableList());
        List<GroupVerdict> verdicts = new ArrayList<>();
        if (!taken.isEmpty()) {
            for (NeuronGroup group : masked) {
                MaskEffect effect = mask(group.name(), group.neurons(), windows, which, drawsForAll());
                verdicts.add(GroupVerdict.of(group, scores, images, effect));
            }
        }
        return new Investigation(
                probe.info(),
                layer,
                target(),
                scores,
                predictions,
                images,
                GroupVerdict.adjusted(verdicts),
                images.stream().map(image -> smallestMask(windows, image)).collect(ImmutableList.toImmutableList()),
                settings());
    }

    private ImmutableMap<String, String> settings() {
        return ImmutableMap.<String, String>builder()
                .put("circuit_model", circuit.provenance().model().digest())
                .put("layer", layer.name())
                .put("rule", rule.name())
                .put("epsilon", Double.toString(ConceptConfidence.EPSILON))
                .put("nearest", Integer.toString(nearest))
                .put("threshold", Double.toString(threshold))
                .put("draws", Integer.toString(drawsForAll()))
                .put("seed", Long.toString(seed))
                .put("controls", pool.name())
                .put("mask", "ZERO")
                .put("test", "one-sided Monte Carlo on the mean drop of the logit, Holm over the groups")
                .buildOrThrow();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "ImageDebugger of %s %s", circuit.neurons().root(), settings());
    }
}
