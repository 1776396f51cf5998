package io.neurflow.core.attribution;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.reference.RulePass;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/** The attribution methods. Those over a {@link GraphLayers} run in plain Java, whatever the probe's engine is. */
public final class Attributions {
    private Attributions() {}

    @FunctionalInterface
    private interface Rule {
        double[][] perPatch(ModelProbe probe, Layer from, Tensor maps, Neuron target);
    }

    private record Named(String name, boolean signed, Rule rule) implements PatchAttribution {
        @Override
        public double[][] perPatch(ModelProbe probe, Layer from, Tensor maps, Neuron target) {
            return rule.perPatch(probe, from, maps, target);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Integrated gradients (Sundararajan et al., 2017) from 0: &Sigma;<sub>p</sub> x<sub>p</sub> &int;<sub>0</sub><sup>1</sup>
     * &part;&phi;<sub>a</sub>(t x)/&part;x<sub>p</sub> dt over the positions of a channel, Eq. 2 of the paper: what the method
     * itself uses.
     *
     * @param quadrature points on the ray
     * @return {@link ModelProbe#importance(Layer, Tensor, Neuron, Quadrature)}
     */
    public static PatchAttribution integratedGradients(Quadrature quadrature) {
        return new Named("integrated gradients", true, (probe, from, maps, target) -> probe.importance(
                        from, maps, target, quadrature)
                .values());
    }

    /**
     * Saliency (Simonyan et al., 2014): &Sigma;<sub>p</sub> |&part;&phi;<sub>a</sub>/&part;x<sub>p</sub>| over the positions
     * of a channel.
     *
     * @return without signs
     */
    public static PatchAttribution saliency() {
        return new Named(
                "saliency",
                false,
                (probe, from, maps, target) -> channels(probe.gradient(from, maps, target), Math::abs));
    }

    /**
     * SmoothGrad (Smilkov et al., 2017): &Sigma;<sub>p</sub> |mean over draws of &part;&phi;<sub>a</sub>/&part;x<sub>p</sub> at x +
     * N(0, &sigma;<sup>2</sup>)|, saliency of the mean gradient near x. Draws depend on the seed, the place in the batch and its
     * size alone.
     *
     * @param samples how many times noise is drawn, 1 or more; its authors take 50
     * @param noise standard deviation as a share of the largest less the smallest value of the patch's maps; its authors take
     *     0.1 to 0.2
     * @param seed of the noise
     * @return without signs
     */
    public static PatchAttribution smoothGrad(int samples, double noise, long seed) {
        return new SmoothGrad(samples, noise, seed);
    }

    /**
     * Guided backpropagation (Springenberg et al., 2015): the sum over positions of the gradient that is cut off at 0 at every
     * rectifier on its way down.
     *
     * @param layers the network that the probe runs, with its layers
     * @return with signs
     */
    public static PatchAttribution guidedBackpropagation(GraphLayers layers) {
        return passed("guided backpropagation", RulePass.guided(layers));
    }

    /**
     * Layer-wise relevance propagation by the &epsilon; rule (Bach et al., 2015); see {@link RulePass}.
     *
     * @param layers the network that the probe runs, with its layers
     * @param epsilon 0 or more, such as 1e-6; with 0 and without biases this is gradient times input
     * @return relevance with signs
     */
    public static PatchAttribution lrpEpsilon(GraphLayers layers, double epsilon) {
        return passed(String.format(Locale.ROOT, "LRP-epsilon %.0e", epsilon), RulePass.epsilon(layers, epsilon));
    }

    /**
     * Layer-wise relevance propagation by the z<sup>+</sup> rule (Montavon et al., 2017); see {@link RulePass}.
     *
     * @param layers the network that the probe runs, with its layers
     * @return relevance; of the sign of a's activation
     */
    public static PatchAttribution lrpZPlus(GraphLayers layers) {
        return passed("LRP-z+", RulePass.zPlus(layers));
    }

    private static PatchAttribution passed(String name, RulePass pass) {
        return new Passed(name, pass);
    }

    private record Passed(String name, RulePass pass) implements PatchAttribution {
        @Override
        public double[][] perPatch(ModelProbe probe, Layer from, Tensor maps, Neuron target) {
            return channels(pass.run(from, maps, target), DoubleUnaryOperator.identity());
        }

        @Override
        public boolean signed() {
            return true;
        }

        @Override
        public boolean appliesTo(Layer from, Layer above) {
            return pass.appliesTo(from, above);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Gradient SHAP (Lundberg and Lee, 2017; as in Captum): the mean over draws of (x - b) times the gradient at b + &alpha; (x -
     * b), b one of the baselines and &alpha; uniform in [0, 1].
     *
     * @param baselines feature maps to compare with, of the shape of those that are explained, one or more
     * @param samples how many draws for each patch, 1 or more
     * @param seed of the draws
     * @return with signs
     */
    public static PatchAttribution gradientShap(Tensor baselines, int samples, long seed) {
        checkArgument(baselines.count() > 0, "expected one baseline or more, but there is none");
        return GradientShap.seeded(baselines, samples, seed);
    }

    /**
     * The same with maps of 0 as the only baseline, as integrated gradients have it.
     *
     * @param samples how many draws for each patch, 1 or more
     * @param seed of the draws
     * @return with signs
     */
    public static PatchAttribution gradientShap(int samples, long seed) {
        return new FromZero(samples, seed);
    }

    private record FromZero(int samples, long seed) implements PatchAttribution {
        FromZero {
            GradientShap.check(samples);
        }

        @Override
        public String name() {
            return GradientShap.NAME;
        }

        @Override
        public boolean signed() {
            return true;
        }

        @Override
        public double[][] perPatch(ModelProbe probe, Layer from, Tensor maps, Neuron target) {
            Tensor nothing = Tensor.zeros(1, maps.shape(), maps.precision());
            return GradientShap.seeded(nothing, samples, seed).perPatch(probe, from, maps, target);
        }
    }

    /** Sums a function of the values of each channel. */
    static double[][] channels(Tensor values, DoubleUnaryOperator function) {
        double[] v = values.toDoubles();
        int channels = values.shape().channels();
        int positions = values.shape().positions();
        double[][] sums = new double[values.count()][channels];
        for (int i = 0; i < v.length; i++) {
            int plane = i / positions;
            sums[plane / channels][plane % channels] += function.applyAsDouble(v[i]);
        }
        return sums;
    }
}
