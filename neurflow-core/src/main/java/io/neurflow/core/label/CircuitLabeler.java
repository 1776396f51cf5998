package io.neurflow.core.label;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.image.PatchPictures;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Labels the groups of a circuit, and, if the labeler can, says how each forms from the heaviest groups below (Section 5.2,
 * Appendix G). An immutable value: every method that configures returns a copy.
 *
 * <pre>{@code
 * ConceptLabels labels = CircuitLabeler.using(new StatisticsLabeler()).label(circuit, patches);
 * }</pre>
 */
public final class CircuitLabeler {
    private static final int ELSEWHERE = 64;

    private final ConceptLabeler labeler;
    private final int patches;
    private final int below;
    private final long seed;
    private final ProgressListener progress;

    private CircuitLabeler(ConceptLabeler labeler, int patches, int below, long seed, ProgressListener progress) {
        this.labeler = labeler;
        this.patches = patches;
        this.below = below;
        this.seed = seed;
        this.progress = progress;
    }

    /**
     * Labels with 16 patches of each group, formation from 3 groups below, seed 1.
     *
     * @param labeler whom to ask
     * @return the configuration
     */
    public static CircuitLabeler using(ConceptLabeler labeler) {
        return new CircuitLabeler(labeler, 16, 3, 1, ProgressListener.NONE);
    }

    /**
     * How many patches of a group the labeler sees, the telling ones first. Default: 16. An audit takes others if there
     * are enough.
     *
     * @param most at least 1
     * @return a copy
     */
    public CircuitLabeler patches(int most) {
        checkArgument(most >= 1, "expected 1 patch or more for each group, but it is %s", most);
        return new CircuitLabeler(labeler, most, below, seed, progress);
    }

    /**
     * From how many groups of the layer below to explain a group, those with the largest positive weights. Default: 3.
     *
     * @param most 0 for captions only
     * @return a copy
     */
    public CircuitLabeler formationFrom(int most) {
        checkArgument(most >= 0, "expected 0 groups or more to explain a group from, but it is %s", most);
        return new CircuitLabeler(labeler, patches, most, seed, progress);
    }

    /**
     * Seed of the patches to compare with. Default: 1.
     *
     * @param seed any
     * @return a copy
     */
    public CircuitLabeler seed(long seed) {
        return new CircuitLabeler(labeler, patches, below, seed, progress);
    }

    /**
     * Who is told how far it has come.
     *
     * @param listener may end the run by a {@link java.util.concurrent.CancellationException}
     * @return a copy
     */
    public CircuitLabeler onProgress(ProgressListener listener) {
        return new CircuitLabeler(labeler, patches, below, seed, listener);
    }

    /**
     * What the labeler sees of a group.
     *
     * @param circuit the circuit
     * @param group one of its groups
     * @param pictures of its patches
     * @return patches of the group and others
     */
    public ConceptView view(ConceptCircuit circuit, NeuronGroup group, PatchPictures pictures) {
        checkArgument(
                circuit.groups().contains(group),
                "expected a group of the circuit, but %s is none; circuit.groups() lists them",
                group.name());
        ConceptPatches all = new ConceptPatches(circuit);
        ImmutableList<Patch> telling = all.telling(group);
        return new ConceptView(
                group.name(),
                telling.subList(0, Math.min(patches, telling.size())),
                all.elsewhere(group, ELSEWHERE, seed),
                circuit.images(),
                pictures);
    }

    /**
     * The groups that a group's formation is explained from.
     *
     * @param circuit the circuit
     * @param group one of its groups
     * @return groups of the layer below, the largest positive weight first
     */
    public ImmutableList<NeuronGroup> below(ConceptCircuit circuit, NeuronGroup group) {
        return circuit.edgesInto(group).stream()
                .filter(edge -> edge.weight() > 0)
                .map(GroupEdge::child)
                .limit(below)
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Labels a circuit. A group that gets no usable answer is in {@link ConceptLabels#problems()}, and the others go on.
     *
     * @param circuit the circuit
     * @param pictures of its patches
     * @return the labels
     * @throws io.neurflow.api.NeurflowException if the labeler cannot be reached or does not let us in
     */
    public ConceptLabels label(ConceptCircuit circuit, PatchPictures pictures) {
        long start = System.nanoTime();
        List<NeuronGroup> groups = circuit.groups();
        Optional<FormationLabeler> former =
                labeler instanceof FormationLabeler able && below > 0 ? Optional.of(able) : Optional.empty();
        ImmutableList<NeuronGroup> formed = former.isEmpty()
                ? ImmutableList.of()
                : groups.stream()
                        .filter(group -> !below(circuit, group).isEmpty())
                        .collect(ImmutableList.toImmutableList());
        ImmutableList.Builder<ConceptLabel> labels = ImmutableList.builder();
        ImmutableList.Builder<Formation> formations = ImmutableList.builder();
        ImmutableList.Builder<LabelProblem> problems = ImmutableList.builder();
        int total = groups.size() + formed.size();
        int done = 0;
        for (NeuronGroup group : groups) {
            tell(done++, total, start);
            try {
                labels.add(labeler.label(view(circuit, group, pictures)));
            } catch (UnlabelledException e) {
                problems.add(new LabelProblem(group.name(), String.valueOf(e.getMessage()), e.usage()));
            }
        }
        for (NeuronGroup group : formed) {
            tell(done++, total, start);
            List<ConceptView> lower = below(circuit, group).stream()
                    .map(child -> view(circuit, child, pictures))
                    .toList();
            try {
                formations.add(former.orElseThrow().formation(view(circuit, group, pictures), lower));
            } catch (UnlabelledException e) {
                problems.add(new LabelProblem(group.name(), "formation: " + e.getMessage(), e.usage()));
            }
        }
        tell(total, total, start);
        return new ConceptLabels(
                labeler.name(),
                ConceptLabels.digest(circuit),
                labels.build(),
                formations.build(),
                problems.build(),
                Optional.empty());
    }

    private void tell(int done, int total, long start) {
        progress.onProgress(new Progress("labels", done, total, Duration.ofNanos(System.nanoTime() - start)));
    }
}
