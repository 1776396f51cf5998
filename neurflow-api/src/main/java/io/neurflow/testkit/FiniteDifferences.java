package io.neurflow.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import java.util.Locale;
import java.util.Random;

/**
 * Holds a gradient against central differences (&phi;<sub>a</sub>(x + h d) - &phi;<sub>a</sub>(x - h d)) / 2h along random
 * directions d.
 *
 * <p>Rounding spoils small steps, and gates that switch between the two ends (ReLU, max-pooling) spoil large ones. So each
 * direction is tried with several steps and agrees if one of them does; and one direction in four may disagree, because a
 * point can happen to lie on a kink. Activations themselves often do: what comes out of a pooling with overlapping windows
 * has ties for the next pooling. So the point is a random one near them.
 */
final class FiniteDifferences {
    private static final int DIRECTIONS = 12;
    private static final double OFFSET = 0.05;
    private static final double[] STEPS_SINGLE = {1e-1, 3e-2, 1e-2, 3e-3, 1e-3};
    private static final double[] STEPS_DOUBLE = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6};

    private final ModelProbe probe;
    private final double[] steps;
    private final double unit;

    FiniteDifferences(ModelProbe probe) {
        boolean single = probe.info().precision() == Precision.FLOAT32;
        this.probe = probe;
        this.steps = single ? STEPS_SINGLE : STEPS_DOUBLE;
        this.unit = single ? Math.ulp(1f) : Math.ulp(1.0);
    }

    void check(Layer from, Tensor near, Neuron target, double tolerance, Random random) {
        double[] x = near.toDoubles();
        double size = Math.max(Closeness.largest(x), 1e-3);
        for (int i = 0; i < x.length; i++) {
            x[i] += OFFSET * size * random.nextGaussian();
        }
        Tensor point = Tensor.of(1, from.shape(), x.clone(), probe.info().precision());
        double[] gradient = probe.gradient(from, point, target).toDoubles();
        double[][] directions = new double[DIRECTIONS][];
        double[] exact = new double[DIRECTIONS];
        for (int i = 0; i < DIRECTIONS; i++) {
            directions[i] = direction(from, i, size, random);
            for (int j = 0; j < x.length; j++) {
                exact[i] += gradient[j] * directions[i][j];
            }
        }
        double scale = Closeness.largest(exact);
        int agreeing = 0;
        StringBuilder report = new StringBuilder();
        for (int i = 0; i < DIRECTIONS; i++) {
            double[] measured = slopes(from, x, directions[i], target);
            boolean agrees = false;
            for (int s = 0; s < steps.length; s++) {
                double rounding = 32 * unit * measured[steps.length + s] / steps[s];
                agrees |= Math.abs(measured[s] - exact[i]) <= tolerance * scale + rounding;
            }
            agreeing += agrees ? 1 : 0;
            report.append(String.format(Locale.ROOT, " %.6g/%.6g", exact[i], measured[steps.length / 2]));
        }
        int enough = DIRECTIONS * 3 / 4;
        int count = agreeing;
        assertTrue(
                count >= enough,
                () -> "the gradient of " + target + " at " + from + " agrees with finite differences along " + count
                        + " of " + DIRECTIONS + " directions only (gradient/differences:" + report + ")");
    }

    /** All positions for even numbers, one channel for odd ones: errors in a corner must not drown in the rest. */
    private static double[] direction(Layer from, int number, double size, Random random) {
        double[] direction = new double[from.shape().size()];
        int positions = from.shape().positions();
        int only = random.nextInt(from.shape().channels());
        for (int i = 0; i < direction.length; i++) {
            double value = size * random.nextGaussian();
            direction[i] = number % 2 == 0 || i / positions == only ? value : 0;
        }
        return direction;
    }

    /** Slopes for each step, and after them the largest magnitude of the two ends for each step. */
    private double[] slopes(Layer from, double[] x, double[] direction, Neuron target) {
        double[] moved = new double[2 * steps.length * x.length];
        for (int s = 0; s < steps.length; s++) {
            for (int j = 0; j < x.length; j++) {
                moved[2 * s * x.length + j] = x[j] + steps[s] * direction[j];
                moved[(2 * s + 1) * x.length + j] = x[j] - steps[s] * direction[j];
            }
        }
        Tensor points =
                Tensor.of(2 * steps.length, from.shape(), moved, probe.info().precision());
        double[][] means = probe.forward(from, points, target.layer()).spatialMeans();
        double[] result = new double[2 * steps.length];
        for (int s = 0; s < steps.length; s++) {
            double up = means[2 * s][target.channel()];
            double down = means[2 * s + 1][target.channel()];
            result[s] = (up - down) / (2 * steps[s]);
            result[steps.length + s] = Math.max(Math.abs(up), Math.abs(down));
        }
        return result;
    }
}
