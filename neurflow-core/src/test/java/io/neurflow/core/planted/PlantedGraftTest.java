package io.neurflow.core.planted;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.Finding;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.core.graph.Weights;
import io.neurflow.core.rival.Question;
import io.neurflow.core.rival.Rivals;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** P7: a planted circuit beside 320 other channels, which its units hear, too: random frozen filters, not those of a real network. */
class PlantedGraftTest {
    private static final int BACKBONE = 320;
    /** Of the planted weights; all together, their signs being random, come to a third of one planted child. */
    private static final double HEARD = 0.02;

    /** The lowest layer's detectors side by side with rectified random filters, as wide as a real block is, pooled alike. */
    private static GraphLayers graft(PlantedModel model, double scale) {
        Random random = new Random(model.seed());
        NetworkGraph net = PlantedGraphs.of(model.net()).graph();
        NetworkGraph.Builder g = NetworkGraph.builder("graft", "00", net.input());
        Op.Conv detectors = (Op.Conv) net.nodes().get(0).op();
        for (int i = 0; i < 3; i++) {
            g.add("planted" + i, "planted" + i, "", net.nodes().get(i).op(), i - 1);
        }
        int inputs = detectors.inChannels();
        int taps = detectors.window().height() * detectors.window().width();
        int filters = g.add(
                "filters",
                "filters",
                "",
                new Op.Conv(
                        detectors.window(),
                        1,
                        inputs,
                        BACKBONE,
                        SmallGraphs.weights(random, BACKBONE * inputs * taps, scale),
                        Optional.empty()),
                NetworkGraph.INPUT);
        int pooled = g.add(
                "pooled",
                "pooled",
                "",
                net.nodes().get(2).op(),
                g.add("rectified", "rectified", "", net.nodes().get(1).op(), filters));
        int low = g.add("grafted", "grafted", "", new Op.Concat(), 2, pooled);
        int at = g.add("mean", "mean", "", net.nodes().get(3).op(), low);
        ImmutableMap.Builder<String, Integer> layers = ImmutableMap.builder();
        layers.put("detect", low);
        for (Node node : net.nodes().subList(4, net.nodes().size())) {
            Op op = node.index() == 4 ? hearing((Op.Conv) node.op(), random) : node.op();
            at = g.add(node.name(), node.value(), node.module(), op, at);
            if (!node.module().isEmpty()) {
                layers.put(node.module(), at);
            }
        }
        return GraphLayers.of(g.build(at), layers.buildOrThrow());
    }

    private static Op hearing(Op.Conv conv, Random random) {
        int in = conv.inChannels();
        float[] weights = new float[conv.outChannels() * (in + BACKBONE)];
        double planted = IntStream.range(0, conv.weights().length())
                .mapToDouble(i -> Math.abs(conv.weights().get(i)))
                .filter(w -> w != 0)
                .average()
                .orElseThrow();
        for (int out = 0; out < conv.outChannels(); out++) {
            for (int i = 0; i < in + BACKBONE; i++) {
                weights[out * (in + BACKBONE) + i] =
                        i < in ? conv.weights().get(out * in + i) : (float) (HEARD * planted * random.nextGaussian());
            }
        }
        return new Op.Conv(conv.window(), 1, in + BACKBONE, conv.outChannels(), Weights.of(weights), conv.bias());
    }

    /** As active as the detectors are on average. */
    private static double scale(PlantedModel model) {
        try (SameDiffProbe probe = SameDiffProbe.open(graft(model, 1))) {
            double[][] rows = probe.forward(
                            model.pictures().inputs(ImmutableIntArray.copyOf(Planted.indices(20))),
                            probe.layers().get(0))
                    .spatialMeans();
            int planted = rows[0].length - BACKBONE;
            DoubleStream own = Arrays.stream(rows).flatMapToDouble(row -> Arrays.stream(row, 0, planted));
            DoubleStream other = Arrays.stream(rows).flatMapToDouble(row -> Arrays.stream(row, planted, row.length));
            return own.average().orElseThrow() / other.average().orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void p7AGraftedCircuitIsFoundAmong320ChannelsOfABlock(long seed) {
        PlantedModel model = PlantedCircuits.thresholds(seed);
        try (SameDiffProbe probe = SameDiffProbe.open(graft(model, scale(model)))) {
            PatchActivations activations =
                    PatchActivations.of(probe, model.pictures(), probe.layers(), ProgressListener.NONE);
            CoreConceptFinder finder =
                    CoreConceptFinder.over(probe).topPatches(model.topPatches()).maxCoreNeurons(model.coreNeurons());
            Layer low = probe.layers().get(0);
            List<Double> ours = new ArrayList<>();
            for (PlantedUnit unit : model.truth().units()) {
                if (unit.layer() != 1) {
                    continue;
                }
                Finding finding = finder.find(probe.layers().get(1).neuron(unit.channel()), activations);
                Question question = Question.of(probe, finding.concept(), low, model.pictures());
                boolean[] truth = new boolean[low.shape().channels()];
                double[] means = Rivals.meanActivation().scores(question);
                model.truth().childrenOf(unit).forEach(child -> truth[child.channel()] = means[child.channel()] > 0);
                double[] magnitudes =
                        Arrays.stream(finding.scores().sums()).map(Math::abs).toArray();
                ours.add(Agreement.auroc(magnitudes, truth));
            }
            assertThat(ours).hasSizeGreaterThanOrEqualTo(3).allMatch(auroc -> auroc >= 0.99);
        }
    }
}
