package io.neurflow.core.debug;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.ToyProbe;
import io.neurflow.core.VectorPatches;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A network with a planted shortcut, by hand. Inputs are (watermark, shape 0, shape 1, noise ...): a watermark stands for
 * class 0 as its shape does. Units 0 to 2 see the watermark, 3 to 5 the shape of class 0, 6 to 8 that of class 1, and 30 units
 * see noise, as strongly, and lead nowhere.
 */
final class PlantedShortcut {
    static final int NOISE = 30;
    private static final int INPUTS = 3 + NOISE;
    private static final int UNITS = 9 + NOISE;

    private PlantedShortcut() {}

    static ToyProbe probe() {
        double[][] hidden = new double[UNITS][INPUTS];
        for (int u = 0; u < UNITS; u++) {
            hidden[u][u < 9 ? u / 3 : u - 6] = 1 + 0.05 * (u % 3);
        }
        double[][] logits = new double[2][UNITS];
        for (int u = 0; u < 9; u++) {
            logits[u < 6 ? 0 : 1][u] = u < 3 ? 2 : 1;
        }
        return new ToyProbe(hidden, logits);
    }

    /** Inputs with the watermark or without, of either class. */
    static double[][] inputs(int count, boolean watermark, int shape, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] inputs = new double[count][INPUTS];
        for (double[] input : inputs) {
            for (int i = 0; i < INPUTS; i++) {
                input[i] = 0.6 + 0.4 * random.nextDouble();
            }
            input[0] *= watermark ? 1 : 0.02;
            input[1] *= shape == 0 ? 1 : 0.02;
            input[2] *= shape == 1 ? 1 : 0.02;
        }
        return inputs;
    }

    static double[][] joined(double[]... inputs) {
        return inputs;
    }

    static double[][] joined(double[][] one, double[][] other) {
        double[][] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    /** Built from inputs of class 0: most with the watermark, some with the shape alone. */
    static ConceptCircuit circuit(ToyProbe probe) {
        double[][] natural = joined(inputs(30, true, 0, 1), joined(inputs(15, false, 0, 2), inputs(15, true, -1, 3)));
        return CircuitBuilder.using(CoreConceptFinder.over(probe)
                        .topPatches(12)
                        .maxCoreNeurons(6)
                        .integrationSteps(8))
                .build(probe.logits().neuron(0), new VectorPatches(natural));
    }
}
