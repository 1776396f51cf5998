package io.neurflow.core.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.core.Preset;
import io.neurflow.testkit.PlantedBlocks;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedNet;
import io.neurflow.testkit.PlantedOp;
import io.neurflow.testkit.PlantedProbe;
import io.neurflow.testkit.PlantedUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** P16 and P17: channels that are dead, constant, equal or not numbers, and channels in another order. */
class PlantedOdditiesTest {
    private interface Change {
        void apply(PlantedOp.Convolution conv, double[] weights, double[] bias);
    }

    /** The network with another convolution at a step. */
    private static PlantedNet changed(PlantedNet net, int step, Change change) {
        PlantedOp.Convolution conv =
                (PlantedOp.Convolution) net.steps().get(step).op();
        double[] weights = conv.weights().toArray();
        double[] bias = conv.bias().toArray();
        change.apply(conv, weights, bias);
        List<PlantedNet.Step> steps = new ArrayList<>(net.steps());
        steps.set(
                step,
                new PlantedNet.Step(
                        new PlantedOp.Convolution(
                                conv.in(),
                                conv.out(),
                                conv.size(),
                                ImmutableDoubleArray.copyOf(weights),
                                ImmutableDoubleArray.copyOf(bias)),
                        net.steps().get(step).inputs()));
        return new PlantedNet(net.name(), net.input(), ImmutableList.copyOf(steps), net.layers());
    }

    private static void fill(PlantedOp.Convolution conv, double[] weights, int channel, double value) {
        int each = weights.length / conv.out();
        java.util.Arrays.fill(weights, channel * each, (channel + 1) * each, value);
    }

    private static PlantedUnit detector(PlantedModel model) {
        return model.truth().edges().stream()
                .map(edge -> edge.child())
                .filter(unit -> unit.layer() == 0)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 2})
    void p16ADeadOrConstantDetectorHasADeadConceptAndIsHeardAsMuchAsItSays(double constant) {
        PlantedModel model = PlantedCircuits.distractors(1);
        PlantedUnit some = detector(model);
        PlantedNet net = changed(model.net(), 0, (conv, weights, bias) -> {
            fill(conv, weights, some.channel(), 0);
            bias[some.channel()] = constant;
        });
        try (ModelProbe probe = new PlantedProbe(net)) {
            ConceptCircuit circuit = Planted.circuit(probe, model, Preset.RECOMMENDED);
            assertThat(circuit).isEqualTo(Planted.circuit(probe, model, Preset.RECOMMENDED));
            assertThat(circuit.neurons().nodes().stream()
                            .filter(node -> PlantedUnit.of(node.neuron()).equals(some)))
                    .allMatch(node -> node.concept().isDead());
            boolean heard =
                    Planted.found(circuit).stream().anyMatch(ends -> ends.get(1).equals(some));
            assertThat(heard).isEqualTo(constant > 0);
        }
    }

    @Test
    void p16AConstantUnitIsWarnedOf() {
        PlantedModel model = PlantedCircuits.distractors(1);
        PlantedUnit some = model.truth().into(model.truth().root()).get(0).child();
        PlantedNet net = changed(model.net(), 3, (conv, weights, bias) -> {
            fill(conv, weights, some.channel(), 0);
            bias[some.channel()] = 2;
        });
        try (ModelProbe probe = new PlantedProbe(net)) {
            ConceptCircuit circuit = Planted.circuit(probe, model, Preset.RECOMMENDED);
            assertThat(circuit).isEqualTo(Planted.circuit(probe, model, Preset.RECOMMENDED));
            assertThat(circuit.provenance().warnings()).anySatisfy(line -> assertThat(line)
                    .startsWith(some.in(probe) + " has the same activation for every patch"));
        }
    }

    @Test
    void p16ANumberThatIsNoneIsRefusedByName() {
        PlantedModel model = PlantedCircuits.distractors(2);
        PlantedUnit some = detector(model);
        PlantedNet net =
                changed(model.net(), 0, (conv, weights, bias) -> fill(conv, weights, some.channel(), Double.NaN));
        try (ModelProbe probe = new PlantedProbe(net)) {
            assertThatThrownBy(() -> Planted.circuit(probe, model, Preset.RECOMMENDED))
                    .isInstanceOf(NeurflowException.class)
                    .hasMessageContaining("expected finite")
                    .hasMessageContaining("NaN");
        }
    }

    @Test
    void p16OfEqualChannelsTheLowerComesFirst() {
        PlantedModel model = PlantedCircuits.chain(1);
        try (ModelProbe probe = model.probe()) {
            PlantedUnit unit = model.truth().into(model.truth().root()).get(0).child();
            CoreConceptNeurons core = Planted.finder(probe, model, Preset.RECOMMENDED)
                    .maxCoreNeurons(12)
                    .find(unit.in(probe), (PatchSet) model.pictures());
            List<Integer> zeros = core.scores().stream()
                    .filter(score -> score.value() == 0)
                    .map(score -> score.source().channel())
                    .toList();
            assertThat(zeros).hasSizeGreaterThan(3).isSorted();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void p17TheCircuitOfTheSameNetworkWithItsChannelsInAnotherOrderIsTheSameOnceAlignedByConcepts(long seed) {
        PlantedModel model = PlantedCircuits.thresholds(seed);
        PlantedModel other = PlantedBlocks.permuted(model, seed + 100);
        try (ModelProbe probe = model.probe();
                ModelProbe shuffled = other.probe()) {
            assertThat(shuffled.info().digest()).isNotEqualTo(probe.info().digest());
            Set<String> difference = edges(Planted.circuit(probe, model, Preset.RECOMMENDED));
            Set<String> both = new HashSet<>(difference);
            Set<String> theirs = edges(Planted.circuit(shuffled, other, Preset.RECOMMENDED));
            both.retainAll(theirs);
            difference.addAll(theirs);
            difference.removeAll(both);
            assertThat(both).isNotEmpty();
            assertThat(difference).isEmpty();
        }
    }

    /** Edges with their ends named by layer and exemplars, which are the same patches whatever a channel is called. */
    private static Set<String> edges(ConceptCircuit circuit) {
        return circuit.neurons().edges().stream()
                .filter(edge -> edge.weight() != 0)
                .map(edge -> name(circuit, edge))
                .collect(Collectors.toSet());
    }

    private static String name(ConceptCircuit circuit, ConceptEdge edge) {
        return exemplars(circuit.neurons().node(edge.child()).concept()) + " -> "
                + exemplars(circuit.neurons().node(edge.parent()).concept())
                + " / " + edge.group().patches() + String.format(java.util.Locale.ROOT, " %.9f", edge.weight());
    }

    private static String exemplars(NeuronConcept concept) {
        return concept.neuron().layer().name() + concept.patches();
    }
}
