package io.neurflow.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.reference.ReferenceProbe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Batches, memory and devices: what is above the driver, on drivers in plain Java. */
class CudaProbeTest {
    private static final long SEED = 7;

    private static CudaProbe open(GraphLayers layers, HostDriver... drivers) {
        return CudaProbe.on(layers, "on the host", List.of(drivers));
    }

    private static Tensor inputs(Shape shape, int count) {
        return Tensor.ofFloats(
                count,
                shape,
                SmallNets.weights(new Random(SEED), count * shape.size(), 1).toFloats());
    }

    /** Every channel of a layer, each with patches of its own choice. */
    private static Map<Neuron, ImmutableIntArray> targets(Layer layer, int patches) {
        Random random = new Random(SEED);
        Map<Neuron, ImmutableIntArray> targets = new LinkedHashMap<>();
        for (int c = 0; c < layer.shape().channels(); c++) {
            targets.put(
                    layer.neuron(c),
                    ImmutableIntArray.copyOf(random.ints(3, 0, patches).distinct()));
        }
        return targets;
    }

    private static double[] numbers(Map<Neuron, ImportanceScores> scores) {
        List<Double> all = new ArrayList<>();
        scores.forEach((target, each) -> {
            Arrays.stream(each.values()).flatMapToDouble(Arrays::stream).forEach(all::add);
            for (int v = 0; v < each.patches(); v++) {
                all.add(each.change(v));
            }
        });
        return all.stream().mapToDouble(d -> d).toArray();
    }

    private static void close(double[] expected, double[] actual) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        assertThat(actual).containsExactly(expected, Offset.offset(1e-5 * largest));
    }

    @Test
    void manyTargetsAtOnceGetTheScoresOfTheReference() {
        for (GraphLayers layers : List.of(SmallNets.residual(), SmallNets.inception(), SmallNets.mobile())) {
            try (ReferenceProbe slow = ReferenceProbe.open(layers);
                    CudaProbe fast = open(layers, HostDriver.large())) {
                Tensor inputs = inputs(fast.inputShape(), 4);
                for (int i = 0; i + 1 < fast.layers().size(); i++) {
                    Layer from = fast.layers().get(i);
                    Map<Neuron, ImmutableIntArray> targets =
                            targets(fast.layers().get(i + 1), 4);
                    Tensor x = slow.forward(inputs, from);
                    Quadrature rule = Quadrature.gaussLegendre(3);
                    close(
                            numbers(slow.importance(from, x, targets, rule)),
                            numbers(fast.importance(from, x, targets, rule)));
                }
            }
        }
    }

    @Test
    void runningOutOfMemoryHalvesTheBatchAndGoesOn() {
        GraphLayers layers = SmallNets.residual();
        HostDriver roomy = HostDriver.large();
        HostDriver narrow = new HostDriver(120_000);
        try (CudaProbe one = open(layers, roomy);
                CudaProbe other = open(layers, narrow)) {
            Tensor inputs = inputs(one.inputShape(), 40);
            Layer stem = one.layers().get(0);
            Tensor x = one.forward(inputs, stem);
            close(
                    one.forward(inputs, one.logits()).toDoubles(),
                    other.forward(inputs, one.logits()).toDoubles());
            Map<Neuron, ImmutableIntArray> targets = targets(one.layers().get(1), 40);
            Quadrature rule = Quadrature.riemannRight(9);
            close(numbers(one.importance(stem, x, targets, rule)), numbers(other.importance(stem, x, targets, rule)));
            Neuron target = one.logits().neuron(1);
            close(
                    one.gradient(stem, x, target).toDoubles(),
                    other.gradient(stem, x, target).toDoubles());
            assertThat(narrow.failures()).isGreaterThan(1);
            assertThat(narrow.convolutions()).isGreaterThan(roomy.convolutions());
        }
        assertThat(narrow.live()).isZero();
    }

    @Test
    void withoutRoomForOneItemTheErrorSaysSo() {
        try (CudaProbe probe = open(SmallNets.residual(), new HostDriver(2_000))) {
            Tensor inputs = inputs(probe.inputShape(), 1);
            assertThatThrownBy(() -> probe.forward(inputs, probe.logits()))
                    .isInstanceOf(NeurflowException.class)
                    .hasMessageContaining("room for one item")
                    .hasMessageContaining("ran out of memory");
        }
    }

    @Test
    void everythingIsFreedByClosing() {
        HostDriver driver = HostDriver.large();
        CudaProbe probe = open(SmallNets.inception(), driver);
        Tensor inputs = inputs(probe.inputShape(), 3);
        Layer from = probe.layers().get(0);
        Tensor x = probe.forward(inputs, from);
        probe.gradient(from, x, probe.logits().neuron(0));
        int before = driver.live();
        for (int i = 0; i < 3; i++) {
            probe.importance(from, x, targets(probe.layers().get(1), 3), Quadrature.midpoint(4));
        }
        int after = driver.live();
        probe.importance(from, x, targets(probe.layers().get(1), 3), Quadrature.midpoint(4));
        assertThat(before).isPositive();
        assertThat(driver.live()).as("memory is used again").isEqualTo(after);
        assertThat(driver.isClosed()).isFalse();
        probe.close();
        assertThat(driver.live()).isZero();
        assertThat(driver.isClosed()).isTrue();
    }

    @Test
    void targetsAndItemsAreSplitAmongDevices() {
        GraphLayers layers = SmallNets.residual();
        HostDriver first = HostDriver.large();
        HostDriver second = HostDriver.large();
        try (CudaProbe one = open(layers, HostDriver.large());
                CudaProbe two = open(layers, first, second)) {
            Tensor inputs = inputs(one.inputShape(), 5);
            Layer stem = one.layers().get(0);
            Tensor x = one.forward(inputs, stem);
            assertThat(two.forward(inputs, stem).toFloats()).containsExactly(x.toFloats());
            int launched = second.launches();
            Map<Neuron, ImmutableIntArray> targets = targets(one.layers().get(1), 5);
            Quadrature rule = Quadrature.midpoint(5);
            assertThat(numbers(two.importance(stem, x, targets, rule)))
                    .containsExactly(numbers(one.importance(stem, x, targets, rule)));
            assertThat(first.launches()).isPositive();
            assertThat(second.launches()).isGreaterThan(launched);
            assertThat(two.info().engine()).contains("plain Java and plain Java");
        }
    }

    @Test
    void aFailureOnOneDeviceReachesTheCaller() {
        try (CudaProbe probe = open(SmallNets.residual(), HostDriver.large(), new HostDriver(2_000))) {
            Tensor inputs = inputs(probe.inputShape(), 2);
            assertThatThrownBy(() -> probe.forward(inputs, probe.logits())).isInstanceOf(NeurflowException.class);
        }
    }

    @Test
    void theIntegralItselfIsRefused() {
        try (CudaProbe probe = open(SmallNets.residual(), HostDriver.large())) {
            Layer from = probe.layers().get(0);
            Tensor x = Tensor.zeros(1, from.shape(), probe.info().precision());
            assertThatThrownBy(() ->
                            probe.importance(from, x, probe.layers().get(1).neuron(0), Quadrature.exact()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("EXACT");
        }
    }

    @Test
    void whatHasNoKernelIsRefusedByNodeAndOperator() {
        NetworkGraph.Builder builder = NetworkGraph.builder("four", "digest", new Shape(4, 2, 2));
        int wide =
                builder.add("wide", "wide", "", new Op.Reshape(ImmutableIntArray.of(2, 2, 2, 2)), NetworkGraph.INPUT);
        int narrow = builder.add("pick", "pick", "", new Op.SelectChannels(ImmutableIntArray.of(1)), wide);
        int gated = builder.add("gate", "gate", "", new Op.Mul(), wide, narrow);
        int flat = builder.add("flat", "flat", "", new Op.Reshape(ImmutableIntArray.of(16)), gated);
        GraphLayers layers = GraphLayers.of(builder.build(flat), ImmutableMap.of());
        assertThatThrownBy(() -> open(layers, HostDriver.large()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Mul node 'gate'");
    }

    @Test
    void theChoiceOfEngineKnowsItsProbe() {
        try (CudaProbe probe = open(SmallNets.residual(), HostDriver.large())) {
            Gpu card = new Gpu(0, "NVIDIA H200", 9, 0, 143771, "580.65.06");
            EngineChoice right = new EngineChoice(Engine.CUDA_PROBE, Optional.of(card));
            EngineChoice wrong = new EngineChoice(Engine.ND4J_CUDA, Optional.of(card));
            assertThat(right.confirm(probe)).isSameAs(probe);
            assertThatThrownBy(() -> wrong.confirm(probe))
                    .isInstanceOf(NeurflowException.class)
                    .hasMessageContaining("runs on 'CudaProbe");
        }
    }
}
