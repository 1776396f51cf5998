package io.neurflow.core.planted;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SemanticGroups;
import io.neurflow.api.Tensor;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.Preset;
import io.neurflow.core.SemanticGrouper;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** P8 and P9: what belongs together, patches of one neuron and neurons of one layer. */
class PlantedGroupsTest {
    @Test
    void p8TwoFeaturesMakeTwoSemanticGroupsAndOneMakesOneInAtLeast14Of20SeedsNotInAll() {
        int one = 0;
        for (long seed = 1; seed <= 20; seed++) {
            PlantedModel model = PlantedCircuits.polysemantic(seed, 0);
            try (ModelProbe probe = model.probe()) {
                PatchActivations activations = Planted.activations(probe, model);
                for (PlantedUnit unit : model.truth().childrenOf(model.truth().root())) {
                    NeuronConcept concept = activations.concept(unit.in(probe), model.topPatches());
                    SemanticGroups groups =
                            SemanticGrouper.ward().group(concept, probe.layers().get(0), activations);
                    boolean two = Set.copyOf(model.truth().features().get(unit)).equals(Set.of(0, 1));
                    if (two) {
                        assertThat(groups.groups()).as("seed %s", seed).hasSize(2);
                        assertThat(agreement(model, groups)).isGreaterThanOrEqualTo(0.95);
                    } else {
                        one += groups.groups().size() == 1 ? 1 : 0;
                    }
                }
            }
        }
        assertThat(one).as("of 20 neurons with one concept").isGreaterThanOrEqualTo(14);
    }

    private static double agreement(PlantedModel model, SemanticGroups groups) {
        List<Integer> found = new ArrayList<>();
        List<Object> shown = new ArrayList<>();
        for (SemanticGroup group : groups.groups()) {
            group.patches().forEach(patch -> {
                found.add(group.index());
                shown.add(model.pictures().shown(patch));
            });
        }
        return Agreement.adjustedRand(found, shown);
    }

    @Test
    void p9ThreeUnitsThatSayTheSameAreOneGroupInAtLeast4Of5SeedsNotInAll() {
        int right = 0;
        for (long seed = 1; seed <= 5; seed++) {
            PlantedModel model = PlantedCircuits.redundancy(seed);
            try (ModelProbe probe = model.probe()) {
                ConceptCircuit circuit = Planted.circuit(probe, model, Preset.RECOMMENDED);
                List<Object> found = new ArrayList<>();
                List<Object> truth = new ArrayList<>();
                for (NeuronGroup group : circuit.at(probe.layer("trios"))) {
                    for (SemanticGroup member : group.members()) {
                        found.add(group.index());
                        truth.add(Set.copyOf(model.truth().features().get(PlantedUnit.of(member.neuron()))));
                    }
                }
                assertThat(Planted.found(circuit)).isEqualTo(Planted.planted(model.truth()));
                right += Agreement.adjustedRand(found, truth) == 1 ? 1 : 0;
            }
        }
        assertThat(right).isGreaterThanOrEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void p9EachOfThreeRedundantUnitsCanGoButNotAll(long seed) {
        PlantedModel model = PlantedCircuits.redundancy(seed);
        try (ModelProbe probe = model.probe()) {
            PatchActivations activations = Planted.activations(probe, model);
            for (PlantedUnit top : model.truth().childrenOf(model.truth().root())) {
                NeuronConcept concept = activations.concept(top.in(probe), model.topPatches());
                List<Neuron> trio = model.truth().childrenOf(top).stream()
                        .map(unit -> unit.in(probe))
                        .toList();
                assertThat(left(probe, model, concept, Set.copyOf(trio))).isLessThan(0.05);
                for (Neuron one : trio) {
                    assertThat(left(probe, model, concept, Set.of(one))).isGreaterThan(0.95);
                }
            }
        }
    }

    /** The share of a neuron's activation on its concept that a knock-out leaves. */
    private static double left(ModelProbe probe, PlantedModel model, NeuronConcept concept, Set<Neuron> without) {
        Layer below = without.iterator().next().layer();
        ImmutableIntArray patches = concept.patches();
        Tensor x = probe.forward(model.pictures().inputs(patches), below);
        Neuron target = concept.neuron();
        double[][] before = probe.forward(below, x, target.layer()).spatialMeans();
        double[][] after =
                probe.forwardWithout(below, x, without, target.layer()).spatialMeans();
        double old = IntStream.range(0, before.length)
                .mapToDouble(v -> before[v][target.channel()])
                .sum();
        return IntStream.range(0, after.length)
                        .mapToDouble(v -> after[v][target.channel()])
                        .sum()
                / old;
    }
}
