package io.neurflow.core.planted;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.Preset;
import io.neurflow.testkit.PlantedEdge;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedTruth;
import io.neurflow.testkit.PlantedUnit;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What tests on planted networks have in common. */
final class Planted {
    private Planted() {}

    static CoreConceptFinder finder(ModelProbe probe, PlantedModel model, Preset preset) {
        return CoreConceptFinder.over(probe)
                .topPatches(model.topPatches())
                .maxCoreNeurons(model.coreNeurons())
                .preset(preset);
    }

    static ConceptCircuit circuit(ModelProbe probe, PlantedModel model, Preset preset) {
        return CircuitBuilder.using(finder(probe, model, preset))
                .preset(preset)
                .build(model.truth().root().in(probe), model.pictures());
    }

    static PatchActivations activations(ModelProbe probe, PlantedModel model) {
        return PatchActivations.of(probe, model.pictures(), probe.layers(), ProgressListener.NONE);
    }

    /** Parent and child of every edge with a weight. */
    static Set<List<PlantedUnit>> found(ConceptCircuit circuit) {
        return circuit.neurons().edges().stream()
                .filter(edge -> edge.weight() != 0)
                .map(Planted::ends)
                .collect(Collectors.toSet());
    }

    static List<PlantedUnit> ends(ConceptEdge edge) {
        return List.of(PlantedUnit.of(edge.parent()), PlantedUnit.of(edge.child()));
    }

    static Set<List<PlantedUnit>> planted(PlantedTruth truth) {
        return truth.edges().stream()
                .map(edge -> List.of(edge.parent(), edge.child()))
                .collect(Collectors.toSet());
    }

    static List<PlantedUnit> parents(PlantedTruth truth) {
        return truth.edges().stream().map(PlantedEdge::parent).distinct().toList();
    }

    /** Planted weights into a unit, by channel of the layer below. */
    static double[] weightsInto(PlantedModel model, PlantedUnit parent, int channels) {
        double[] weights = new double[channels];
        model.truth().into(parent).forEach(edge -> weights[edge.child().channel()] += edge.weight());
        return weights;
    }

    static List<Integer> indices(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    static Set<Integer> channels(List<Neuron> neurons) {
        return neurons.stream().map(Neuron::channel).collect(Collectors.toSet());
    }
}
