package io.neurflow.core;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.ImportanceScore;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Selection;
import io.neurflow.api.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Finds the core concept neurons of a neuron (Definition 3) by Algorithm 1: the concept V<sub>a</sub> (Definition 1), the
 * importance score T(a, s, V<sub>a</sub>) of every neuron s of the layer below (Eq. 2), and the &tau; neurons with the
 * largest. The layer below is the next lower one in {@link ModelProbe#layers()}.
 *
 * <p>Immutable: every setting returns a changed copy. Defaults are those of {@link Preset#RECOMMENDED}: k = 50, &tau; = 16,
 * Gauss-Legendre with N = 50 and more points where {@link Refinement#recommended()} asks for them,
 * {@link Selection#ABS_OF_SUM}.
 *
 * <pre>{@code
 * CoreConceptFinder.over(probe).topPatches(50).maxCoreNeurons(16).find(probe.logits().neuron(309), patches);
 * }</pre>
 */
public final class CoreConceptFinder {
    private static final int DEFAULT_STEPS = 50;

    private final ModelProbe probe;
    private final int topPatches;
    private final int maxCoreNeurons;
    private final Quadrature quadrature;
    private final Optional<Refinement> refinement;
    private final Selection selection;

    private CoreConceptFinder(
            ModelProbe probe,
            int topPatches,
            int maxCoreNeurons,
            Quadrature quadrature,
            Optional<Refinement> refinement,
            Selection selection) {
        this.probe = probe;
        this.topPatches = topPatches;
        this.maxCoreNeurons = maxCoreNeurons;
        this.quadrature = quadrature;
        this.refinement = refinement;
        this.selection = selection;
    }

    /**
     * A finder with the recommended settings.
     *
     * @param probe the model; stays open, and yours to close
     * @return the finder
     */
    public static CoreConceptFinder over(ModelProbe probe) {
        return new CoreConceptFinder(
                probe,
                50,
                16,
                Quadrature.gaussLegendre(DEFAULT_STEPS),
                Optional.of(Refinement.recommended()),
                Selection.ABS_OF_SUM);
    }

    /**
     * Sets quadrature rule, refinement and selection as a preset has them; k, &tau; and N stay.
     *
     * @param preset which
     * @return a changed copy
     */
    public CoreConceptFinder preset(Preset preset) {
        Quadrature.Rule rule = preset == Preset.PAPER ? Quadrature.Rule.RIEMANN_RIGHT : Quadrature.Rule.GAUSS_LEGENDRE;
        return quadrature(new Quadrature(rule, quadrature.isExact() ? DEFAULT_STEPS : quadrature.steps()))
                .refinement(preset == Preset.RECOMMENDED ? Optional.of(Refinement.recommended()) : Optional.empty())
                .selection(preset == Preset.AUTHORS_CODE ? Selection.MEAN_ABS : Selection.ABS_OF_SUM);
    }

    /**
     * Sets the size of concepts, k in the paper. 50 by default.
     *
     * @param k 2 or more, no more than there will be patches
     * @return a changed copy
     */
    public CoreConceptFinder topPatches(int k) {
        checkArgument(k >= 2, "expected k of 2 or more patches for a concept, but it is %s", k);
        return new CoreConceptFinder(probe, k, maxCoreNeurons, quadrature, refinement, selection);
    }

    /**
     * Sets the most core concept neurons of one neuron, &tau; in the paper. 16 by default; a layer with fewer channels gives
     * all of them.
     *
     * @param tau 1 or more
     * @return a changed copy
     */
    public CoreConceptFinder maxCoreNeurons(int tau) {
        checkArgument(tau >= 1, "expected tau of 1 or more core concept neurons, but it is %s", tau);
        return new CoreConceptFinder(probe, topPatches, tau, quadrature, refinement, selection);
    }

    /**
     * Sets the number of points on the ray, N in the paper; the rule stays. 50 by default. With a
     * {@link #refining refinement} it is where that begins.
     *
     * @param steps N
     * @return a changed copy
     */
    public CoreConceptFinder integrationSteps(int steps) {
        return quadrature(quadrature.withSteps(steps));
    }

    /**
     * Sets the rule by which the integral of Eq. 2 is approximated. Gauss-Legendre with 50 points by default. With
     * {@link Quadrature#exact()} nothing is ever computed again with more points.
     *
     * @param rule nodes and weights
     * @return a changed copy
     */
    public CoreConceptFinder quadrature(Quadrature rule) {
        return new CoreConceptFinder(probe, topPatches, maxCoreNeurons, rule, refinement, selection);
    }

    /**
     * Sets when the scores of a target on a patch are computed again with more points. {@link Refinement#recommended()} by
     * default; {@link Preset#PAPER} and {@link Preset#AUTHORS_CODE} never do.
     *
     * @param how from which residual on, and up to how many points
     * @return a changed copy
     */
    public CoreConceptFinder refining(Refinement how) {
        return refinement(Optional.of(how));
    }

    /**
     * Computes all scores with the points of {@link #quadrature()} and no more, whatever their residual.
     *
     * @return a changed copy
     */
    public CoreConceptFinder notRefining() {
        return refinement(Optional.empty());
    }

    private CoreConceptFinder refinement(Optional<Refinement> how) {
        return new CoreConceptFinder(probe, topPatches, maxCoreNeurons, quadrature, how, selection);
    }

    /**
     * Sets what ranks the neurons of the layer below. {@link Selection#ABS_OF_SUM} by default.
     *
     * @param by the ranking value
     * @return a changed copy
     */
    public CoreConceptFinder selection(Selection by) {
        return new CoreConceptFinder(probe, topPatches, maxCoreNeurons, quadrature, refinement, by);
    }

    /**
     * The model.
     *
     * @return as given
     */
    public ModelProbe probe() {
        return probe;
    }

    /**
     * k.
     *
     * @return size of concepts
     */
    public int topPatches() {
        return topPatches;
    }

    /**
     * &tau;.
     *
     * @return the most core concept neurons of one neuron
     */
    public int maxCoreNeurons() {
        return maxCoreNeurons;
    }

    /**
     * The rule of integration.
     *
     * @return nodes and weights
     */
    public Quadrature quadrature() {
        return quadrature;
    }

    /**
     * When scores are computed again with more points.
     *
     * @return the rule; empty if never
     */
    public Optional<Refinement> refinement() {
        return refinement;
    }

    /**
     * What ranks.
     *
     * @return the ranking value
     */
    public Selection selection() {
        return selection;
    }

    /**
     * Finds the core concept neurons of one neuron, from nothing: passes all patches through the model.
     *
     * @param target a, not in the lowest layer
     * @param patches D
     * @return S<sub>a</sub>
     * @throws NeurflowException if activations or importance scores are not finite
     */
    public CoreConceptNeurons find(Neuron target, PatchSet patches) {
        return find(target, PatchActivations.of(probe, patches, List.of(target.layer()), ProgressListener.NONE))
                .core();
    }

    /**
     * Finds the core concept neurons of one neuron whose activations are known.
     *
     * @param target a, not in the lowest layer
     * @param activations with those of a's layer
     * @return concept, scores and S<sub>a</sub>
     * @throws NeurflowException if importance scores are not finite
     */
    public Finding find(Neuron target, PatchActivations activations) {
        Layer below = below(target.layer());
        NeuronConcept concept = activations.concept(target, topPatches);
        Tensor x = forward(activations.patches(), below, concept.patches());
        ImmutableIntArray all = ImmutableIntArray.copyOf(IntStream.range(0, concept.size()));
        Map<Neuron, RefinedScores> scores =
                new RefiningQuadrature(this, below, List.of(concept)).scores(x, Map.of(target, all));
        return find(concept, Objects.requireNonNull(scores.get(target)));
    }

    /** Feature maps of a layer for some patches, in batches. */
    Tensor forward(PatchSet patches, Layer layer, ImmutableIntArray which) {
        ImmutableList.Builder<Tensor> parts = ImmutableList.builder();
        Batches.forEach(
                which.length(),
                probe.preferredBatch(),
                batch -> parts.add(probe.forward(
                        patches.inputs(ImmutableIntArray.copyOf(batch.stream().map(which::get))), layer)));
        return Tensor.concat(parts.build());
    }

    /** Algorithm 1, with the concept and the importance scores of its patches, in its order. */
    Finding find(NeuronConcept concept, RefinedScores refined) {
        checkFinite(concept, refined.scores());
        return new Finding(concept, refined.scores(), choose(refined.scores(), refined.steps()));
    }

    /** Not-a-number compares as false with everything, so that ranks and residuals would hide it. */
    private static void checkFinite(NeuronConcept concept, ImportanceScores scores) {
        double[][] values = scores.values();
        for (int row = 0; row < values.length; row++) {
            for (int c = 0; c < values[row].length; c++) {
                if (!Double.isFinite(values[row][c])) {
                    throw notFinite(
                            "importance scores", values[row][c], scores.source().neuron(c), concept, row);
                }
            }
            if (!Double.isFinite(scores.change(row))) {
                throw notFinite("changes of the target", scores.change(row), scores.source(), concept, row);
            }
        }
    }

    private static NeurflowException notFinite(
            String what, double value, Object source, NeuronConcept concept, int row) {
        return new NeurflowException("expected finite " + what + ", but one of " + concept.neuron() + " from "
                + source + " is " + value + " for patch " + concept.patches().get(row)
                + "; check the model's weights and the preprocessing, or open the probe in double precision");
    }

    private CoreConceptNeurons choose(ImportanceScores scores, ImmutableIntArray steps) {
        double[] sums = scores.sums();
        double[] means = scores.meanMagnitudes();
        double[] ranking = means;
        if (selection == Selection.ABS_OF_SUM) {
            ranking = IntStream.range(0, sums.length)
                    .mapToDouble(c -> Math.abs(sums[c]))
                    .toArray();
        }
        ImmutableIntArray best = Ranking.largest(ranking, maxCoreNeurons + 1);
        ImmutableIntArray chosen = best.subArray(0, Math.min(maxCoreNeurons, best.length()));
        double[] values = ranking;
        Layer source = scores.source();
        return new CoreConceptNeurons(
                scores.target(),
                source,
                selection,
                chosen.stream()
                        .mapToObj(c -> new ImportanceScore(scores.target(), source.neuron(c), sums[c]))
                        .collect(ImmutableList.toImmutableList()),
                ImmutableDoubleArray.copyOf(best.stream().mapToDouble(c -> values[c])),
                Ranking.largestMagnitudes(sums, maxCoreNeurons),
                Ranking.largest(means, maxCoreNeurons),
                scores.largestResidual(),
                IntStream.range(0, scores.patches())
                        .mapToDouble(v -> Math.abs(scores.change(v)))
                        .max()
                        .orElse(0),
                steps.stream().max().orElse(0),
                steps.stream().average().orElse(0));
    }

    /** The next lower layer of the probe. */
    Layer below(Layer layer) {
        checkArgument(
                layer.index() > 0,
                "%s is the lowest layer of the probe, so nothing below it can be attributed to; open the probe with a lower layer",
                layer);
        return probe.layers().get(layer.index() - 1);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "CoreConceptFinder[k=%d, tau=%d, %s, refined %s, %s]",
                topPatches,
                maxCoreNeurons,
                quadrature,
                refinement.map(Refinement::toString).orElse("never"),
                selection);
    }
}
