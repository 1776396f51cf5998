package io.neurflow.core.report;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.SemanticGroup;
import io.neurflow.core.image.PatchPictures;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Patches that tell what the groups of a circuit stand for: the strongest of the five members nearest to a group's centre,
 * in turns, of different images as far as there are any.
 *
 * @param circuit whose groups
 * @param pictures of its patches
 */
public record GroupExamples(ConceptCircuit circuit, PatchPictures pictures) {
    private static final int NEAREST = 5;

    /**
     * Patches of a group.
     *
     * @param circuit what the group belongs to
     * @param group one of the circuit's
     * @param most how many at the most
     * @return the telling ones first
     */
    public static ImmutableList<Patch> of(ConceptCircuit circuit, NeuronGroup group, int most) {
        checkArgument(
                circuit.groups().contains(group),
                "expected a group of the circuit, but %s is none; circuit.groups() lists them",
                group.name());
        Map<Integer, Patch> patches =
                circuit.patches().stream().collect(Collectors.toMap(Patch::index, patch -> patch, (a, b) -> a));
        List<ImmutableIntArray> members = group.byDistance().stream()
                .limit(NEAREST)
                .map(SemanticGroup::patches)
                .toList();
        int longest = members.stream().mapToInt(ImmutableIntArray::length).max().orElse(0);
        Set<Patch> inTurns = new LinkedHashSet<>();
        for (int rank = 0; rank < longest; rank++) {
            for (ImmutableIntArray member : members) {
                if (rank < member.length() && patches.containsKey(member.get(rank))) {
                    inTurns.add(patches.get(member.get(rank)));
                }
            }
        }
        Set<Integer> images = new LinkedHashSet<>();
        Set<Patch> chosen = new LinkedHashSet<>();
        inTurns.stream().filter(patch -> images.add(patch.image())).limit(most).forEach(chosen::add);
        inTurns.stream().limit((long) most + chosen.size()).forEach(chosen::add);
        return chosen.stream().limit(most).collect(ImmutableList.toImmutableList());
    }
}
