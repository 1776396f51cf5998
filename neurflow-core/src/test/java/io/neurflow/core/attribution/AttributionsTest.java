package io.neurflow.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.core.graph.Weights;
import io.neurflow.core.reference.ReferenceProbe;
import io.neurflow.core.reference.RulePass;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each method against another way to the same numbers. */
class AttributionsTest {
    private static Layer low(GraphLayers layers) {
        return layers.layers().get(0);
    }

    private static Neuron top(GraphLayers layers, int channel) {
        return layers.layers().get(1).neuron(channel);
    }

    private static double[] gradient(GraphLayers layers, Tensor maps, Neuron target) {
        try (ReferenceProbe probe = ReferenceProbe.open(layers)) {
            return probe.gradient(low(layers), maps, target).toDoubles();
        }
    }

    private static double[] activations(GraphLayers layers, Tensor maps, Neuron target) {
        try (ReferenceProbe probe = ReferenceProbe.open(layers)) {
            return Arrays.stream(
                            probe.forward(low(layers), maps, target.layer()).spatialMeans())
                    .mapToDouble(row -> row[target.channel()])
                    .toArray();
        }
    }

    private static void assertClose(double[] found, double[] expected, double tolerance) {
        assertThat(found).hasSameSizeAs(expected);
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        assertThat(scale).isPositive();
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).as("place %s", i).isCloseTo(expected[i], within(tolerance * scale));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void withoutBiasesTheEpsilonRuleIsGradientTimesInputThroughResidualAndConcat(long seed) {
        GraphLayers layers = SmallNets.all(seed, false);
        Tensor maps = SmallNets.maps(layers, 3, seed);
        double[] x = maps.toDoubles();
        for (int channel = 0; channel < 3; channel++) {
            double[] expected = gradient(layers, maps, top(layers, channel));
            for (int i = 0; i < x.length; i++) {
                expected[i] *= x[i];
            }
            // and, the network being homogeneous, nothing is lost on the way
            assertThat(Arrays.stream(expected).sum())
                    .isCloseTo(
                            Arrays.stream(activations(layers, maps, top(layers, channel)))
                                    .sum(),
                            within(1e-5));
            assertClose(
                    RulePass.epsilon(layers, 0)
                            .run(low(layers), maps, top(layers, channel))
                            .toDoubles(),
                    expected,
                    1e-5); // weights with batch normalisation worked in are rounded once more
            assertClose(
                    RulePass.epsilon(layers, 1e-9)
                            .run(low(layers), maps, top(layers, channel))
                            .toDoubles(),
                    expected,
                    1e-4);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void withoutBiasesTheZPlusRuleKeepsTheSumThroughResidualAndConcat(long seed) {
        GraphLayers layers = SmallNets.all(seed, false);
        Tensor maps = SmallNets.maps(layers, 3, seed);
        try (ReferenceProbe probe = ReferenceProbe.open(layers)) {
            for (int channel = 0; channel < 3; channel++) {
                double[] phi = activations(layers, maps, top(layers, channel));
                double[][] rows =
                        Attributions.lrpZPlus(layers).perPatch(probe, low(layers), maps, top(layers, channel));
                for (int v = 0; v < phi.length; v++) {
                    assertThat(Arrays.stream(rows[v]).sum()).isCloseTo(phi[v], within(1e-5 * Math.abs(phi[v]) + 1e-9));
                    double sign = Math.signum(phi[v]);
                    assertThat(Arrays.stream(rows[v]).map(r -> r * sign).min().orElse(-1))
                            .isGreaterThanOrEqualTo(0);
                }
            }
        }
    }

    /** The rules as their papers print them, unit by unit. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rulesAgreeWithLoopsOverUnitsWhereThereAreBiases(boolean zPlus) {
        GraphLayers layers = SmallNets.plain(7, true);
        Tensor maps = SmallNets.maps(layers, 2, 3);
        double epsilon = 0.05;
        Op.Conv conv = op(layers, Op.Conv.class, 1);
        Op.Dense dense = op(layers, Op.Dense.class, 0);
        int positions = low(layers).shape().positions();
        int channels = 3;
        int hidden = 5;
        int target = 1;
        double[] all = maps.toDoubles();
        double[] expected = new double[all.length];
        for (int v = 0; v < 2; v++) {
            int item = v * channels * positions;
            double[][] h = new double[hidden][positions];
            double[] mean = new double[hidden];
            for (int j = 0; j < hidden; j++) {
                for (int p = 0; p < positions; p++) {
                    double z = conv.bias().orElseThrow().get(j);
                    for (int c = 0; c < channels; c++) {
                        z += conv.weights().get(j * channels + c) * all[item + c * positions + p];
                    }
                    h[j][p] = Math.max(z, 0);
                    mean[j] += h[j][p] / positions;
                }
            }
            double logit = dense.bias().orElseThrow().get(target);
            for (int j = 0; j < hidden; j++) {
                logit += dense.weights().get(target * hidden + j) * mean[j];
            }
            double[] shareOfDense = shares(
                    mean,
                    j -> dense.weights().get(target * hidden + j),
                    dense.bias().orElseThrow().get(target),
                    zPlus,
                    epsilon);
            for (int j = 0; j < hidden; j++) {
                int unit = j;
                double ofMean = logit * shareOfDense[j];
                double[] shareOfMean = shares(h[j], p -> 1.0 / positions, 0, zPlus, epsilon);
                for (int p = 0; p < positions; p++) {
                    double[] x = new double[channels];
                    for (int c = 0; c < channels; c++) {
                        x[c] = all[item + c * positions + p];
                    }
                    double[] shareOfConv = shares(
                            x,
                            c -> conv.weights().get(unit * channels + c),
                            conv.bias().orElseThrow().get(j),
                            zPlus,
                            epsilon);
                    for (int c = 0; c < channels; c++) {
                        expected[item + c * positions + p] += ofMean * shareOfMean[p] * shareOfConv[c];
                    }
                }
            }
        }
        RulePass pass = zPlus ? RulePass.zPlus(layers) : RulePass.epsilon(layers, epsilon);
        assertClose(pass.run(low(layers), maps, top(layers, target)).toDoubles(), expected, 1e-10);
    }

    private static double[] shares(double[] x, IntToDoubleFunction weight, double bias, boolean zPlus, double epsilon) {
        double[] products = new double[x.length];
        double z = zPlus ? Math.max(bias, 0) : bias;
        for (int i = 0; i < x.length; i++) {
            products[i] = x[i] * weight.applyAsDouble(i);
            products[i] = zPlus ? Math.max(products[i], 0) : products[i];
            z += products[i];
        }
        double below = zPlus ? z : z + (z < 0 ? -epsilon : epsilon);
        return Arrays.stream(products).map(p -> below == 0 ? 0 : p / below).toArray();
    }

    private static <T extends Op> T op(GraphLayers layers, Class<T> kind, int index) {
        return layers.graph().nodes().stream()
                .map(Node::op)
                .filter(kind::isInstance)
                .map(kind::cast)
                .skip(index)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void guidedBackpropagationAgreesWithLoopsOverUnits() {
        GraphLayers layers = SmallNets.plain(4, true);
        Tensor maps = SmallNets.maps(layers, 2, 5);
        Op.Conv conv = op(layers, Op.Conv.class, 1);
        Op.Dense dense = op(layers, Op.Dense.class, 0);
        int positions = low(layers).shape().positions();
        double[] x = maps.toDoubles();
        for (int target = 0; target < 2; target++) {
            double[] expected = new double[x.length];
            for (int place = 0; place < 2 * positions; place++) {
                int item = place / positions * 3 * positions + place % positions;
                for (int j = 0; j < 5; j++) {
                    double z = conv.bias().orElseThrow().get(j);
                    for (int c = 0; c < 3; c++) {
                        z += conv.weights().get(j * 3 + c) * x[item + c * positions];
                    }
                    double fromAbove = dense.weights().get(target * 5 + j) / positions;
                    if (z > 0 && fromAbove > 0) {
                        for (int c = 0; c < 3; c++) {
                            expected[item + c * positions] += conv.weights().get(j * 3 + c) * fromAbove;
                        }
                    }
                }
            }
            assertClose(
                    RulePass.guided(layers)
                            .run(low(layers), maps, top(layers, target))
                            .toDoubles(),
                    expected,
                    1e-10);
        }
    }

    /** Every path of three units, one by one: relevance times a share at each step, over a residual addition and a concatenation. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void rulesAreSumsOverPathsThroughResidualAndConcatWhereThereAreBiases(long seed) {
        for (boolean zPlus : new boolean[] {true, false}) {
            Paths paths = new Paths(seed, zPlus, zPlus ? 0 : 0.03);
            Tensor maps = SmallNets.maps(paths.layers, 1, seed);
            RulePass pass = zPlus ? RulePass.zPlus(paths.layers) : RulePass.epsilon(paths.layers, 0.03);
            for (int target = 0; target < 2; target++) {
                double[] expected = paths.relevance(maps.toDoubles(), target);
                double[] found = pass.run(low(paths.layers), maps, top(paths.layers, target))
                        .toDoubles();
                for (int c = 0; c < 3; c++) {
                    assertThat(found[c]).isCloseTo(expected[c], within(1e-10));
                }
            }
        }
    }

    /** x -> conv, ReLU, conv, + x, ReLU = b; b and ReLU of conv b side by side -> dense; one position, so that loops are short. */
    private static final class Paths {
        private final GraphLayers layers;
        private final boolean zPlus;
        private final double epsilon;

        Paths(long seed, boolean zPlus, double epsilon) {
            this.zPlus = zPlus;
            this.epsilon = epsilon;
            SmallNets g = new SmallNets(seed, true);
            int low = g.relu(g.conv(3, 1, 6, NetworkGraph.INPUT));
            int inner = g.relu(g.conv(4, 1, 1, low));
            int block = g.relu(g.add(new Op.Add(), g.conv(3, 1, 1, inner), low));
            int joined = g.add(new Op.Concat(), block, g.relu(g.conv(2, 1, 1, block)));
            layers = g.layers(low, g.dense(2, joined));
        }

        double[] relevance(double[] x, int target) {
            Op.Conv first = op(layers, Op.Conv.class, 1);
            Op.Conv second = op(layers, Op.Conv.class, 2);
            Op.Conv third = op(layers, Op.Conv.class, 3);
            Op.Dense dense = op(layers, Op.Dense.class, 0);
            double[] inner = rectified(linear(first.weights(), first.bias().orElseThrow(), x));
            double[] main = linear(second.weights(), second.bias().orElseThrow(), inner);
            double[] block = rectified(new double[] {main[0] + x[0], main[1] + x[1], main[2] + x[2]});
            double[] side = rectified(linear(third.weights(), third.bias().orElseThrow(), block));
            double[] joined = {block[0], block[1], block[2], side[0], side[1]};
            double logit = linear(dense.weights(), dense.bias().orElseThrow(), joined)[target];
            double[] ofJoined = of(dense.weights(), dense.bias().orElseThrow(), joined, target);
            double[] relevance = new double[3];
            for (int b = 0; b < 3; b++) {
                double ofBlock = logit * ofJoined[b];
                for (int s = 0; s < 2; s++) {
                    ofBlock += logit
                            * ofJoined[3 + s]
                            * of(third.weights(), third.bias().orElseThrow(), block, s)[b];
                }
                double[] summands = shares(new double[] {main[b], x[b]}, i -> 1, 0, zPlus, epsilon);
                relevance[b] += ofBlock * summands[1];
                for (int i = 0; i < 4; i++) {
                    for (int c = 0; c < 3; c++) {
                        relevance[c] += ofBlock
                                * summands[0]
                                * of(second.weights(), second.bias().orElseThrow(), inner, b)[i]
                                * of(first.weights(), first.bias().orElseThrow(), x, i)[c];
                    }
                }
            }
            return relevance;
        }

        private double[] of(Weights weights, Weights bias, double[] x, int unit) {
            return shares(x, i -> weights.get(unit * x.length + i), bias.get(unit), zPlus, epsilon);
        }

        private static double[] linear(Weights weights, Weights bias, double[] x) {
            double[] y = new double[bias.length()];
            for (int j = 0; j < y.length; j++) {
                y[j] = bias.get(j);
                for (int i = 0; i < x.length; i++) {
                    y[j] += weights.get(j * x.length + i) * x[i];
                }
            }
            return y;
        }

        private static double[] rectified(double[] values) {
            return Arrays.stream(values).map(v -> Math.max(v, 0)).toArray();
        }
    }

    @Test
    void guidedBackpropagationIsTheGradientWhereNothingIsRectified() {
        SmallNets g = new SmallNets(5, true);
        int low = g.conv(4, 3, 2, NetworkGraph.INPUT);
        int leaky = g.add(new Op.Elementwise(Op.Elementwise.Function.LEAKY_RELU, 0.1, 0), g.conv(3, 3, 1, low));
        GraphLayers layers = g.layers(low, g.dense(2, leaky));
        Tensor maps = SmallNets.maps(layers, 2, 4);
        assertClose(
                RulePass.guided(layers).run(low(layers), maps, top(layers, 1)).toDoubles(),
                gradient(layers, maps, top(layers, 1)),
                1e-12);
    }

    @Test
    void smoothGradAgreesWithFiniteDifferencesAtTheSameNoise() {
        GraphLayers layers = SmallNets.all(4, true);
        Tensor maps = SmallNets.maps(layers, 1, 8);
        Neuron target = top(layers, 1);
        double[] x = maps.toDoubles();
        double deviation = 0.15
                * (Arrays.stream(x).max().orElseThrow() - Arrays.stream(x).min().orElseThrow());
        double h = 1e-6;
        double[] gradient = new double[x.length];
        Random random = new Random(11);
        for (int draw = 0; draw < 3; draw++) {
            double[] noisy = Arrays.stream(x)
                    .map(v -> v + deviation * random.nextGaussian())
                    .toArray();
            for (int i = 0; i < x.length; i++) {
                double[] more = noisy.clone();
                double[] less = noisy.clone();
                more[i] += h;
                less[i] -= h;
                gradient[i] += (activations(layers, Tensor.ofDoubles(1, maps.shape(), more), target)[0]
                                - activations(layers, Tensor.ofDoubles(1, maps.shape(), less), target)[0])
                        / (2 * h * 3);
            }
        }
        double[] expected = new double[low(layers).shape().channels()];
        for (int i = 0; i < x.length; i++) {
            expected[i / low(layers).shape().positions()] += Math.abs(gradient[i]);
        }
        try (ReferenceProbe probe = ReferenceProbe.open(layers)) {
            assertClose(Attributions.smoothGrad(3, 0.15, 11).scores(probe, low(layers), maps, target), expected, 1e-5);
        }
    }

    @Test
    void saliencyAgreesWithFiniteDifferences() {
        GraphLayers layers = SmallNets.all(6, true);
        Tensor maps = SmallNets.maps(layers, 1, 6);
        Neuron target = top(layers, 2);
        int positions = low(layers).shape().positions();
        double h = 1e-6;
        double[] expected = new double[low(layers).shape().channels()];
        for (int i = 0; i < maps.shape().size(); i++) {
            double[] more = maps.toDoubles();
            double[] less = maps.toDoubles();
            more[i] += h;
            less[i] -= h;
            double difference = activations(layers, Tensor.ofDoubles(1, maps.shape(), more), target)[0]
                    - activations(layers, Tensor.ofDoubles(1, maps.shape(), less), target)[0];
            expected[i / positions] += Math.abs(difference) / (2 * h);
        }
        try (ReferenceProbe probe = ReferenceProbe.open(layers)) {
            // where x is 0 and a pool takes the largest, a finite difference may cross a kink: few of 144
            assertClose(Attributions.saliency().scores(probe, low(layers), maps, target), expected, 0.05);
        }
    }

    @Test
    void smoothGradWithoutNoiseIsSaliencyAndRepeatsItselfWithIt() {
        GraphLayers layers = SmallNets.all(2, true);
        Tensor maps = SmallNets.maps(layers, 3, 1);
        Neuron target = top(layers, 0);
        try (ReferenceProbe probe = ReferenceProbe.open(layers)) {
            double[] saliency = Attributions.saliency().scores(probe, low(layers), maps, target);
            assertClose(Attributions.smoothGrad(4, 0, 1).scores(probe, low(layers), maps, target), saliency, 1e-12);
            double[] noisy = Attributions.smoothGrad(4, 0.2, 1).scores(probe, low(layers), maps, target);
            assertThat(Attributions.smoothGrad(4, 0.2, 1).scores(probe, low(layers), maps, target))
                    .isEqualTo(noisy);
            assertThat(noisy).isNotEqualTo(saliency);
            assertThat(Attributions.smoothGrad(4, 0.2, 2).scores(probe, low(layers), maps, target))
                    .isNotEqualTo(noisy);
        }
    }

    @Test
    void gradientShapFromZeroAtTheNodesOfAQuadratureIsIntegratedGradients() {
        GraphLayers layers = SmallNets.all(3, true);
        Tensor maps = SmallNets.maps(layers, 3, 2);
        Neuron target = top(layers, 1);
        Tensor zero = Tensor.zeros(1, maps.shape(), Precision.FLOAT64);
        Quadrature quadrature = Quadrature.midpoint(20);
        try (ReferenceProbe probe = ReferenceProbe.open(layers)) {
            double[] expected = Attributions.integratedGradients(quadrature).scores(probe, low(layers), maps, target);
            assertClose(
                    GradientShap.fixed(zero, quadrature.nodes(), 1).scores(probe, low(layers), maps, target),
                    expected,
                    1e-10);
            // drawn, the mean comes near; completeness holds on average
            double[] drawn = Attributions.gradientShap(zero, 2000, 1).scores(probe, low(layers), maps, target);
            assertClose(drawn, expected, 0.05);
            assertThat(Attributions.gradientShap(2000, 1).scores(probe, low(layers), maps, target))
                    .isEqualTo(drawn);
            assertThat(Attributions.gradientShap(zero, 5, 9).scores(probe, low(layers), maps, target))
                    .isEqualTo(Attributions.gradientShap(zero, 5, 9).scores(probe, low(layers), maps, target));
        }
    }

    @Test
    void gradientShapSharesOutTheDifferenceToItsBaseline() {
        GraphLayers layers = SmallNets.all(8, true);
        Tensor maps = SmallNets.maps(layers, 1, 2);
        Tensor baseline = SmallNets.maps(layers, 1, 9);
        Neuron target = top(layers, 1);
        try (ReferenceProbe probe = ReferenceProbe.open(layers)) {
            double[] scores = GradientShap.fixed(
                            baseline, Quadrature.midpoint(2000).nodes(), 1)
                    .scores(probe, low(layers), maps, target);
            double change = activations(layers, maps, target)[0] - activations(layers, baseline, target)[0];
            assertThat(Arrays.stream(scores).sum()).isCloseTo(change, within(2e-3 * Math.abs(change) + 1e-4));
        }
    }

    @Test
    void anOperatorWithoutARuleIsNamed() {
        SmallNets g = new SmallNets(1, false);
        int low = g.relu(g.conv(4, 3, 1, NetworkGraph.INPUT));
        int gate = g.add(new Op.Elementwise(Op.Elementwise.Function.SIGMOID, 0, 0), low);
        GraphLayers gated = g.layers(low, g.dense(2, g.add(new Op.Mul(), low, gate)));
        Tensor maps = SmallNets.maps(gated, 1, 1);
        for (RulePass pass : List.of(RulePass.zPlus(gated), RulePass.epsilon(gated, 1e-6))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pass.run(low(gated), maps, top(gated, 0)))
                    .withMessageContaining("node 'node2' is Sigmoid");
        }
        assertThat(RulePass.guided(gated).run(low(gated), maps, top(gated, 0)).toDoubles())
                .hasSize(maps.shape().size());
        GraphLayers inception = SmallGraphs.inception();
        Layer mixed = inception.layers().get(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RulePass.zPlus(inception)
                        .run(mixed, Tensor.zeros(1, low(inception).shape(), Precision.FLOAT64), top(inception, 0)))
                .withMessageContaining("feature maps");
    }
}
