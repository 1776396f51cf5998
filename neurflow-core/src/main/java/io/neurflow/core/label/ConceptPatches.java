package io.neurflow.core.label;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.SemanticGroup;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Which patches of a circuit to show for a group, and which beside it. */
final class ConceptPatches {
    private final ConceptCircuit circuit;
    private final Map<Integer, Patch> patches = new LinkedHashMap<>();

    ConceptPatches(ConceptCircuit circuit) {
        this.circuit = circuit;
        circuit.patches().forEach(patch -> patches.put(patch.index(), patch));
    }

    /**
     * All patches of a group's concept: strongest first, of the members in turns, the nearest to the group's centre first;
     * a patch of an image that is not there yet goes before those of images that are, since windows of one image look
     * alike.
     */
    ImmutableList<Patch> telling(NeuronGroup group) {
        List<ImmutableIntArray> members =
                group.byDistance().stream().map(SemanticGroup::patches).toList();
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
        Set<Patch> order = new LinkedHashSet<>();
        inTurns.stream().filter(patch -> images.add(patch.image())).forEach(order::add);
        order.addAll(inTurns);
        return ImmutableList.copyOf(order);
    }

    /** Patches of the images that are in no member's concept, drawn at random. */
    ImmutableList<Patch> elsewhere(NeuronGroup group, int most, long seed) {
        ImmutableIntArray concept = group.concept();
        List<Patch> others = circuit.patches().stream()
                .filter(patch -> !concept.contains(patch.index()))
                .toList();
        return Draws.some(others, most, new Random(seed));
    }

    /** Patches of the other groups of the layer; where there are none, all others. */
    ImmutableList<Patch> ofOtherGroups(NeuronGroup group) {
        ImmutableIntArray concept = group.concept();
        Set<Patch> others = new LinkedHashSet<>();
        for (NeuronGroup other : circuit.at(group.layer())) {
            other.concept().stream()
                    .filter(index -> !concept.contains(index) && patches.containsKey(index))
                    .forEach(index -> others.add(patches.get(index)));
        }
        return others.isEmpty() ? elsewhere(group, Integer.MAX_VALUE, 0) : ImmutableList.copyOf(others);
    }
}
