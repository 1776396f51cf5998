package io.neurflow.core.debug;

import com.google.common.collect.ImmutableSet;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Draws random masks that match a mask: {@link MaskControl} says how. */
final class RandomMasks {
    private final Layer layer;
    private final List<Integer> masked;
    private final double[] activations;
    private final ControlPool pool;
    private final List<Integer> candidates;

    RandomMasks(Layer layer, Set<Neuron> mask, Set<Neuron> circuit, ControlPool first, double[] activations) {
        this.layer = layer;
        this.activations = activations;
        // The most active ones are the hardest to match, so they choose first.
        this.masked = mask.stream()
                .map(Neuron::channel)
                .sorted(Comparator.comparingDouble((Integer c) -> -activations[c])
                        .thenComparing(c -> c))
                .toList();
        ControlPool taken = first;
        List<Integer> found = List.of();
        for (ControlPool next : EnumSet.range(first, ControlPool.WHOLE_LAYER)) {
            if (found.size() < 2 * masked.size()) {
                taken = next;
                found = channels(next, circuit);
            }
        }
        this.pool = taken;
        this.candidates = found;
    }

    private List<Integer> channels(ControlPool from, Set<Neuron> circuit) {
        return IntStream.range(0, activations.length)
                .filter(c -> from == ControlPool.WHOLE_LAYER || !masked.contains(c))
                .filter(c -> from != ControlPool.OUTSIDE_CIRCUIT || !circuit.contains(layer.neuron(c)))
                .boxed()
                .toList();
    }

    ControlPool pool() {
        return pool;
    }

    List<ImmutableSet<Neuron>> draw(int draws, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int nearestFew = Math.max(MaskControl.POOL, 2 * masked.size());
        List<List<Integer>> partners = masked.stream().map(this::byDistance).toList();
        List<ImmutableSet<Neuron>> masks = new ArrayList<>();
        for (int draw = 0; draw < draws; draw++) {
            Set<Integer> chosen = new LinkedHashSet<>();
            for (List<Integer> nearest : partners) {
                List<Integer> free = nearest.stream()
                        .filter(c -> !chosen.contains(c))
                        .limit(nearestFew)
                        .toList();
                chosen.add(free.get(random.nextInt(free.size())));
            }
            masks.add(chosen.stream().map(layer::neuron).collect(ImmutableSet.toImmutableSet()));
        }
        return masks;
    }

    private List<Integer> byDistance(int channel) {
        return candidates.stream()
                .sorted(Comparator.comparingDouble((Integer c) -> Math.abs(activations[c] - activations[channel]))
                        .thenComparing(c -> c))
                .toList();
    }

    /** Mean activation of the random masks' channels as a share of the mask's. */
    double ratio(List<ImmutableSet<Neuron>> masks) {
        double own = masked.stream().mapToDouble(c -> activations[c]).average().orElse(0);
        double others = masks.stream()
                .flatMap(Set::stream)
                .mapToDouble(neuron -> activations[neuron.channel()])
                .average()
                .orElse(0);
        return own == 0 ? 1 : others / own;
    }
}
