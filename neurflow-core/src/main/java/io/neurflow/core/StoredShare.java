package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What of a circuit a store holds. As far down as everything is there the circuit is followed, so that its counts are exact;
 * below the first gap they are bounds.
 *
 * @param patches whose activations are there
 * @param steps from the root down
 */
record StoredShare(int patches, ImmutableList<Step> steps) {
    /**
     * One pair of layers.
     *
     * @param demand targets and patches in all
     * @param rays integrals that are there
     * @param missingPatches whose feature maps are needed for the others
     */
    record Step(CircuitDemand.Step demand, long rays, int missingPatches) {}

    static StoredShare of(
            CoreConceptFinder finder,
            PatchSet patches,
            Neuron root,
            ImmutableList<Layer> layers,
            ImmutableSet<Layer> kept,
            DeadNeurons dead,
            long mapBudgetBytes,
            Stored stored) {
        PatchPass pass = new PatchPass(finder.probe(), patches, kept, ProgressListener.NONE, stored);
        int there = pass.storedPatches();
        int count = patches.patches().size();
        ImmutableList.Builder<Step> steps = ImmutableList.builder();
        int known = 0;
        int targets = 1;
        if (there == count) {
            MapSchedule nothing = MapSchedule.none(finder.probe(), CircuitDemand.of(finder, layers, count));
            FeatureMapSource source = new FeatureMapSource(finder.probe(), patches, nothing);
            boolean inFiles = RunRoom.of(kept, count, Long.MAX_VALUE).rowsInFiles();
            try (PatchActivations activations = PatchActivations.bounded(
                    finder.probe(),
                    patches,
                    kept,
                    finder.topPatches() + 1,
                    inFiles,
                    source,
                    ProgressListener.NONE,
                    stored)) {
                Set<Neuron> frontier = new TreeSet<>(Set.of(root));
                boolean whole = true;
                while (whole && known + 1 < layers.size()) {
                    Layer lower = layers.get(known + 1);
                    List<NeuronConcept> alive = frontier.stream()
                            .map(neuron -> activations.concept(neuron, finder.topPatches()))
                            .filter(concept -> dead.hasCore(concept))
                            .toList();
                    ImportanceSweep sweep = new ImportanceSweep(finder, source, lower, mapBudgetBytes, stored);
                    ImportanceSweep.Share share = sweep.share(alive);
                    CircuitDemand.Step demand =
                            new CircuitDemand.Step(layers.get(known), lower, alive.size(), share.patches());
                    steps.add(new Step(demand, share.storedRays(), share.missingPatches()));
                    whole = share.missingPatches() == 0;
                    if (whole) {
                        frontier = found(finder, alive, sweep);
                        targets = frontier.size();
                    } else {
                        targets = (int) Math.min(
                                (long) alive.size() * finder.maxCoreNeurons(),
                                lower.shape().channels());
                    }
                    known++;
                }
            }
        }
        CircuitDemand.of(finder, layers.subList(known, layers.size()), count, targets)
                .steps()
                .forEach(step -> steps.add(new Step(step, 0, step.patches())));
        return new StoredShare(there, steps.build());
    }

    private static Set<Neuron> found(CoreConceptFinder finder, List<NeuronConcept> alive, ImportanceSweep sweep) {
        Set<Neuron> found = new TreeSet<>();
        List<RefinedScores> scores = sweep.run(alive, new Stage(ProgressListener.NONE, "stored scores", 0));
        for (int i = 0; i < alive.size(); i++) {
            found.addAll(finder.find(alive.get(i), scores.get(i)).core().neurons());
        }
        return found;
    }
}
