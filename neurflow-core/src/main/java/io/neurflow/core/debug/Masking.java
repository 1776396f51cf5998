package io.neurflow.core.debug;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Masks neurons on some inputs, and random channels that match them if any are asked for. */
final class Masking {
    private final MaskedRuns runs;
    private final Layer layer;
    private final int target;
    private final ImmutableSet<Neuron> circuit;
    private final ControlPool pool;
    private final int draws;
    private final long seed;

    Masking(
            MaskedRuns runs,
            Layer layer,
            int target,
            ImmutableSet<Neuron> circuit,
            ControlPool pool,
            int draws,
            long seed) {
        this.runs = runs;
        this.layer = layer;
        this.target = target;
        this.circuit = circuit;
        this.pool = pool;
        this.draws = draws;
        this.seed = seed;
    }

    /** {@code neurons} as the circuit names them, {@code mask} as the probe does. */
    MaskEffect effect(String name, Collection<Neuron> neurons, ImmutableSet<Neuron> mask) {
        double[] activations = draws > 0
                ? runs.meanActivations(layer)
                : new double[layer.shape().channels()];
        RandomMasks random = new RandomMasks(layer, mask, circuit, pool, activations);
        List<ImmutableSet<Neuron>> others = random.draw(draws, seed);
        List<ImmutableSet<Neuron>> masks = new ArrayList<>(List.of(ImmutableSet.of(), mask));
        masks.addAll(others);
        List<List<Prediction>> results = runs.predictions(layer, masks, target);
        List<MaskEffect> effects = results.subList(1, results.size()).stream()
                .map(after -> effect(name, neurons, results.get(0), after))
                .toList();
        MaskEffect own = effects.get(0);
        return draws == 0 ? own : withControl(own, effects.subList(1, effects.size()), random, others);
    }

    private MaskEffect effect(
            String name, Collection<Neuron> neurons, List<Prediction> before, List<Prediction> after) {
        ImmutableList<MaskChange> changes = IntStream.range(0, before.size())
                .mapToObj(i -> new MaskChange(before.get(i), after.get(i)))
                .collect(ImmutableList.toImmutableList());
        return new MaskEffect(name, ImmutableList.copyOf(neurons), target, changes, Optional.empty());
    }

    private MaskEffect withControl(
            MaskEffect own, List<MaskEffect> random, RandomMasks drawn, List<ImmutableSet<Neuron>> masks) {
        MaskControl control = new MaskControl(
                seed,
                ImmutableDoubleArray.copyOf(random.stream().mapToDouble(MaskEffect::meanLogitDrop)),
                ImmutableDoubleArray.copyOf(random.stream().mapToDouble(MaskEffect::meanProbabilityDrop)),
                random.stream().mapToDouble(MaskEffect::flips).average().orElse(0),
                pValue(own, random, MaskEffect::meanLogitDrop),
                pValue(own, random, MaskEffect::meanProbabilityDrop),
                drawn.ratio(masks),
                drawn.pool());
        return new MaskEffect(own.name(), own.masked(), own.target(), own.changes(), Optional.of(control));
    }

    private static double pValue(MaskEffect own, List<MaskEffect> random, ToDoubleFunction<MaskEffect> statistic) {
        double drop = statistic.applyAsDouble(own);
        long asLarge = random.stream()
                .filter(effect -> statistic.applyAsDouble(effect) >= drop)
                .count();
        return (1.0 + asLarge) / (1 + random.size());
    }
}
