package io.neurflow.core.certificate;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The circuit as drawn against random circuits with as many channels in each layer.
 *
 * @param ablation what the other channels are
 * @param keep f of the circuit
 * @param remove f of its complement
 * @param randomKeep f of the random circuits
 * @param randomRemove f of their complements
 */
public record Control(
        Ablation ablation,
        double keep,
        double remove,
        ImmutableDoubleArray randomKeep,
        ImmutableDoubleArray randomRemove) {
    /**
     * How often a random circuit is as close to the model as this one: (1 + count) / (1 + circuits). Exact where the circuit
     * is no different from random ones.
     *
     * @return p of |1 - f|; 1 where f has no value
     */
    public double keepP() {
        long asGood = randomKeep.stream()
                .filter(f -> !(Math.abs(1 - f) > Math.abs(1 - keep)))
                .count();
        return (1.0 + asGood) / (1 + randomKeep.length());
    }

    /**
     * How often the complement of a random circuit is left with as little.
     *
     * @return p of f of the complement; 1 where f has no value
     */
    public double removeP() {
        long asGood = randomRemove.stream().filter(f -> !(f > remove)).count();
        return (1.0 + asGood) / (1 + randomRemove.length());
    }

    /**
     * How often a random circuit does as well on both counts together, |1 - f| of the circuit and |f| of its complement added
     * up.
     *
     * @return p; 1 where f has no value
     */
    public double p() {
        double own = Math.abs(1 - keep) + Math.abs(remove);
        long asGood = IntStream.range(0, randomKeep.length())
                .filter(r -> !(Math.abs(1 - randomKeep.get(r)) + Math.abs(randomRemove.get(r)) > own))
                .count();
        return (1.0 + asGood) / (1 + randomKeep.length());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: keeps %.3f (random %.3f, p %.3f), complement keeps %.3f (random %.3f, p %.3f), both p %.3f",
                ablation,
                keep,
                randomKeep.stream().average().orElse(Double.NaN),
                keepP(),
                remove,
                randomRemove.stream().average().orElse(Double.NaN),
                removeP(),
                p());
    }
}
