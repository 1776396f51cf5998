package io.neurflow.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Selection;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.Intervention;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.rival.Rivals;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedProbe;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Figures 5, 16 and 18, and Table 3, where the right answer is known. */
class CircuitExperimentsTest {
    private static NeuronCircuit circuit(PlantedProbe probe, PlantedModel model, int tau) {
        CoreConceptFinder finder =
                CoreConceptFinder.over(probe).topPatches(model.topPatches()).maxCoreNeurons(tau);
        PatchActivations activations =
                PatchActivations.of(probe, model.pictures(), probe.layers(), ProgressListener.NONE);
        return CircuitBuilder.using(finder).neurons(model.truth().root().in(probe), activations);
    }

    @Test
    void maskingThePlantedCircuitHurtsMoreThanChanceAndRetainingItKeepsMore() {
        PlantedModel model = PlantedCircuits.distractors(1);
        try (PlantedProbe probe = model.probe()) {
            FidelityResult result = Fidelity.over(probe)
                    .taus(model.coreNeurons())
                    .measure(circuit(probe, model, model.coreNeurons()), model.heldOut());
            // above the layer of the detectors there are two, and the root
            assertThat(result.rows()).hasSize(4 * (probe.layers().size() - 1));
            for (FidelityResult.Row row : result.rows()) {
                double random = row.randomLogit().stream().average().orElseThrow();
                if (row.retain()) {
                    assertThat(row.logit()).isGreaterThan(random);
                    // what is not in the circuit does not reach the root: retaining the circuit is no change at all
                    assertThat(row.logit()).isCloseTo(0, within(1e-5));
                } else {
                    assertThat(row.logit()).isLessThan(random);
                    assertThat(row.accuracy()).isLessThan(row.meanRandomAccuracy());
                }
                assertThat(row.pValue()).isLessThan(0.1);
            }
            assertThat(result)
                    .isEqualTo(Fidelity.over(probe)
                            .taus(model.coreNeurons())
                            .measure(circuit(probe, model, model.coreNeurons()), model.heldOut()));
        }
    }

    @Test
    void whatIsLeftIsWhatInterventionsOnTheWholeModelLeave() {
        PlantedModel model = PlantedCircuits.inhibition(2);
        try (PlantedProbe probe = model.probe()) {
            NeuronCircuit circuit = circuit(probe, model, 3);
            ImmutableSetMultimap<Layer, Neuron> core = CoreSets.of(circuit, 2);
            ImmutableIntArray all = ImmutableIntArray.copyOf(
                    IntStream.range(0, model.heldOut().patches().size()));
            double base = logit(
                    circuit,
                    probe.forward(model.heldOut().inputs(all), probe.logits()).spatialMeans());
            for (FidelityResult.Row row : Fidelity.over(probe)
                    .taus(2)
                    .measure(circuit, model.heldOut())
                    .rows()) {
                List<Neuron> neurons = core.entries().stream()
                        .filter(entry -> entry.getKey().equals(row.layer())
                                || (row.multi()
                                        && entry.getKey().index() > row.layer().index()))
                        .map(entry -> entry.getValue())
                        .toList();
                Intervention change = row.retain() ? Intervention.retainOnly(neurons) : Intervention.knockOut(neurons);
                double[][] logits = change.forward(probe, model.heldOut().inputs(all), probe.logits())
                        .spatialMeans();
                assertThat(row.logit()).isCloseTo(logit(circuit, logits) - base, within(1e-6));
                assertThat(row.core()).isEqualTo(neurons.size());
            }
        }
    }

    private static double logit(NeuronCircuit circuit, double[][] logits) {
        return Arrays.stream(logits)
                .mapToDouble(row -> row[circuit.root().channel()])
                .average()
                .orElseThrow();
    }

    @Test
    void aCircuitCutDownToASmallerTauIsTheCircuitOfThatTau() {
        PlantedModel model = PlantedCircuits.thresholds(3);
        try (PlantedProbe probe = model.probe()) {
            NeuronCircuit large = circuit(probe, model, 5);
            for (int tau = 1; tau <= 5; tau++) {
                NeuronCircuit small = circuit(probe, model, tau);
                ImmutableSetMultimap<Layer, Neuron> sets = CoreSets.of(large, tau);
                for (Layer layer : CoreSets.layers(large)) {
                    Set<Neuron> own =
                            small.at(layer).stream().map(node -> node.neuron()).collect(Collectors.toSet());
                    assertThat(sets.get(layer)).isEqualTo(own);
                }
            }
        }
    }

    @Test
    void aRankingOverlapsWithItselfWhollyAndWithChanceByChance() {
        PlantedModel model = PlantedCircuits.chain(4);
        try (PlantedProbe probe = model.probe()) {
            NeuronCircuit circuit = circuit(probe, model, model.coreNeurons());
            Neuron root = circuit.root();
            RankingOverlap overlap = RankingOverlap.measure(
                    probe,
                    circuit,
                    model.pictures(),
                    List.of(
                            Rivals.neuronIntGrad(root, Quadrature.gaussLegendre(50)),
                            new Importance(Quadrature.gaussLegendre(50), Selection.MEAN_ABS),
                            Rivals.random(1)));
            for (RankingOverlap.Row row : overlap.rows()) {
                assertThat(row.f1()).isBetween(0.0, 1.0);
                assertThat(row.chance())
                        .isEqualTo((double) row.neurons() / row.layer().shape().channels());
                if (row.one().startsWith("NeuronIntGrad") && row.other().startsWith("importance")) {
                    assertThat(row.f1()).isEqualTo(1);
                }
            }
            assertThat(overlap.rows()).hasSize(6 * (probe.layers().size() - 1));
        }
    }

    @Test
    void cropsOfOneSizeAreAllOfThatSize() {
        PlantedModel model = PlantedCircuits.chain(1);
        try (PlantedProbe probe = model.probe()) {
            CropShares shares = CropShares.measure(circuit(probe, model, 3), model.pictures(), 1);
            assertThat(shares.rows()).hasSize(probe.layers().size()).allSatisfy(row -> {
                assertThat(row.share().mean()).isEqualTo(1);
                assertThat(row.among()).isEqualTo(1);
            });
        }
    }

    @Test
    void settingsThatSayLittleAreRefused() {
        PlantedModel model = PlantedCircuits.chain(1);
        try (PlantedProbe probe = model.probe()) {
            assertThatThrownBy(() -> Fidelity.over(probe).draws(19)).hasMessageContaining("20 random sets or more");
            assertThatThrownBy(() -> Fidelity.over(probe).taus(0)).hasMessageContaining("tau of 1 or more");
            NeuronCircuit circuit = circuit(probe, model, 3);
            assertThatThrownBy(() -> RankingOverlap.measure(probe, circuit, model.pictures(), List.of()))
                    .hasMessageContaining("there are none");
        }
    }
}
