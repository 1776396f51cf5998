package io.neurflow.core.ray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.neurflow.api.Quadrature;
import io.neurflow.core.graph.Op;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whole maps give what the steps at point 0 give one after the other. */
class AtStartTest {
    @Property(tries = 200, seed = "5")
    void mapsGiveWhatStepsGive(
            @ForAll @IntRange(min = 1, max = 9) int channels,
            @ForAll @IntRange(min = 1, max = 5) int window,
            @ForAll @IntRange(min = 0, max = 3) int padding,
            @ForAll @IntRange(min = 1, max = 2) int stride,
            @ForAll boolean leaky,
            @ForAll long seed) {
        Random random = new Random(seed);
        int rows = window + 2;
        int columns = window + 1;
        int positions = rows * columns;
        Op.Padding around = new Op.Padding(padding, padding, padding, padding);
        Taps taps = Taps.of(new Op.Window(window, window, stride, stride, 1, 1, around, false), rows, columns);
        Route.Row row = new Route.Row(0, floats(random, channels * taps.size), 0, taps);
        float[] c = floats(random, channels * positions);
        float[][] d = new float[positions][];
        for (int q = 0; q < positions; q++) {
            d[q] = floats(random, channels);
        }
        float slope = leaky ? 0.1f : 0;
        Steps steps = new Steps(new Points(Quadrature.midpoint(3)), slope, 1);
        for (int q = 0; q < positions; q++) {
            for (int j = 0; j < channels; j++) {
                steps.add(0, j, q, c[j * positions + q], d[q][j]);
            }
        }
        steps.sorted();
        double[] expectedSums = new double[2 * taps.outputs];
        double[] expectedDown = new double[channels * positions];
        double[] rest = random.doubles(taps.outputs).toArray();
        for (int e = 0; e < steps.start[1]; e++) {
            int q = steps.position[e];
            for (int i = taps.start[q]; i < taps.start[q + 1]; i++) {
                double w = row.weights[steps.channel[e] * taps.size + taps.tap[i]];
                expectedSums[2 * taps.output[i]] += steps.constant[e] * w;
                expectedSums[2 * taps.output[i] + 1] += steps.step[e] * w;
                expectedDown[steps.channel[e] * positions + q] += rest[taps.output[i]] * w * steps.share[e];
            }
        }
        AtStart maps = new AtStart(c, d, slope);
        double[] sums = new double[expectedSums.length];
        maps.forward(row, sums);
        assertThat(sums).containsExactly(expectedSums, within(1e-4));
        double[] down = new double[expectedDown.length];
        maps.back(row, rest, (unit, j, q, cotangent) -> down[j * positions + q] += cotangent);
        assertThat(down).containsExactly(expectedDown, within(1e-5));
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
