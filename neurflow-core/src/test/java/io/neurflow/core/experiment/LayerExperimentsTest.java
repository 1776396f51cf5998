package io.neurflow.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.Sets;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Selection;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.planted.PlantedGraphs;
import io.neurflow.core.reference.ReferenceProbe;
import io.neurflow.core.rival.Rivals;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedProbe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tables 4 and 5, and Figure 10. */
class LayerExperimentsTest {
    @Test
    void weightsLoseAgainstScoresWhereTheLargestWeightsDetectWhatNoPictureShows() {
        List<AgainstWeights> parts = new ArrayList<>();
        PlantedModel model = PlantedCircuits.distractors(1);
        List<GraphLayers> pairs = ConvolutionPairs.choose(
                PlantedGraphs.of(model.net()).graph(), 9, model.coreNeurons() + 1, Integer.MAX_VALUE, 1);
        assertThat(pairs).isNotEmpty();
        for (GraphLayers pair : pairs) {
            assertThat(pair.layers()).hasSize(2);
            try (ModelProbe probe = ReferenceProbe.open(pair)) {
                CoreConceptFinder finder = CoreConceptFinder.over(probe)
                        .topPatches(model.topPatches())
                        .maxCoreNeurons(model.coreNeurons());
                AgainstWeights part = AgainstWeights.measure(finder, pair, model.pictures(), 12, 1);
                assertThat(AgainstWeights.measure(finder, pair, model.pictures(), 12, 1))
                        .isEqualTo(part);
                parts.add(part);
            }
        }
        AgainstWeights all = AgainstWeights.together(parts);
        assertThat(all.difference().high()).isNegative();
        assertThat(all.difference().mean())
                .isCloseTo(
                        all.targets().stream()
                                .mapToDouble(t -> t.ours() - t.weights())
                                .average()
                                .orElseThrow(),
                        within(1e-12));
        assertThat(all.table().rows()).hasSize(parts.size() + 1);
    }

    @Test
    void coreNeuronsOfAnotherKAreThoseThatAFinderOfThatKFinds() {
        PlantedModel model = PlantedCircuits.thresholds(1);
        try (PlantedProbe probe = model.probe()) {
            Neuron root = model.truth().root().in(probe);
            PatchActivations activations =
                    PatchActivations.of(probe, model.pictures(), probe.layers(), ProgressListener.NONE);
            CoreConceptFinder finder = CoreConceptFinder.over(probe)
                    .topPatches(20)
                    .maxCoreNeurons(5)
                    .notRefining();
            LayerPair pair = Targets.pairs(probe.layers()).get(1);
            ConceptSizes sizes =
                    ConceptSizes.measure(finder, List.of(pair), root, activations, List.of(5, 20, 40, 9999), 4, 7);
            assertThat(sizes.rows()).extracting(ConceptSizes.Row::k).containsExactly(5, 20, 40);
            assertThat(sizes.rows().get(1).overlap().mean()).isEqualTo(1);
            for (ConceptSizes.Row row : sizes.rows()) {
                double mean = Targets.draw(activations, pair.above(), root, 4, 40, 7).stream()
                        .map(NeuronConcept::neuron)
                        .mapToDouble(neuron -> {
                            Set<Neuron> base = core(finder, neuron, activations);
                            Set<Neuron> other = core(finder.topPatches(row.k()), neuron, activations);
                            return Sets.intersection(base, other).size() / (double) base.size();
                        })
                        .average()
                        .orElseThrow();
                assertThat(row.overlap().mean()).isCloseTo(mean, within(1e-12));
            }
        }
    }

    private static Set<Neuron> core(CoreConceptFinder finder, Neuron neuron, PatchActivations activations) {
        return new HashSet<>(finder.find(neuron, activations).core().neurons());
    }

    @Test
    void timesAreThoseOfTheClockWithoutTheFirstRun() {
        PlantedModel model = PlantedCircuits.chain(1);
        try (PlantedProbe probe = model.probe()) {
            PatchActivations activations =
                    PatchActivations.of(probe, model.pictures(), probe.layers(), ProgressListener.NONE);
            CoreConceptFinder finder = CoreConceptFinder.over(probe).topPatches(10);
            // every other reading comes 1, 2, 3 ... seconds after the one before it
            AtomicLong reading = new AtomicLong();
            AtomicLong now = new AtomicLong();
            AttributionTimes times = AttributionTimes.measure(
                    finder,
                    Targets.pairs(probe.layers()).subList(0, 1),
                    model.truth().root().in(probe),
                    activations,
                    List.of(new Importance(Quadrature.gaussLegendre(5), Selection.ABS_OF_SUM), Rivals.meanActivation()),
                    3,
                    1,
                    () -> {
                        long n = reading.incrementAndGet();
                        return n % 2 == 1 ? now.get() : now.addAndGet(n / 2 * 1_000_000_000L);
                    });
            assertThat(times.rows()).extracting(AttributionTimes.Row::seconds).containsExactly(3.0, 7.0);
            assertThat(times.rows()).extracting(AttributionTimes.Row::fastest).containsExactly(2.0, 6.0);
            assertThat(times.rows()).extracting(AttributionTimes.Row::slowest).containsExactly(4.0, 8.0);
            assertThatThrownBy(() -> AttributionTimes.measure(
                            finder,
                            Targets.pairs(probe.layers()),
                            model.truth().root().in(probe),
                            activations,
                            List.of(),
                            2,
                            1,
                            System::nanoTime))
                    .hasMessageContaining("3 repeats or more");
        }
    }
}
