package io.neurflow.core.doctor;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.reference.ReferenceProbe;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Gradients between adjacent layers against finite differences: (a(x + h d) - a(x - h d)) / 2h in double precision, for random
 * directions d, against the engine's gradient times d.
 */
final class GradientCheck {
    /** Single precision and gates that are next to 0 account for this much. */
    private static final double TOLERANCE = 5e-3;

    private static final double WRONG = 0.1;
    /** Multiply-adds of a block beyond which plain Java takes too long. */
    private static final double MOST_COST = 1e9;

    private static final int NEURONS = 5;
    private static final double STEP = 1e-5;

    private final Consumer<Finding> to;
    private final Random random;

    GradientCheck(Consumer<Finding> to, long seed) {
        this.to = to;
        this.random = new Random(seed);
    }

    void run(GraphLayers graph, ModelProbe engine, Map<Layer, Tensor> values) {
        try (ReferenceProbe slow = ReferenceProbe.open(graph)) {
            ImmutableList<Layer> layers = graph.layers();
            for (int i = 1; i < layers.size(); i++) {
                Tensor below = values.get(layers.get(i - 1));
                if (below != null) {
                    pair(slow, engine, layers.get(i - 1), layers.get(i), below);
                }
            }
        }
    }

    private void pair(ReferenceProbe slow, ModelProbe engine, Layer from, Layer upper, Tensor values) {
        if (slow.cost(upper) - slow.cost(from) > MOST_COST) {
            to.accept(Finding.note(
                    "gradients",
                    from.name() + " to " + upper.name(),
                    String.format(Locale.ROOT, "not checked: %.1e multiply-adds", slow.cost(upper) - slow.cost(from)),
                    "finite differences would take too long in plain Java",
                    "choose layers that are closer together to have them checked"));
            return;
        }
        Tensor x = values.slice(0, 1);
        double[] at = x.toDoubles();
        double[] direction = direction(at);
        Tensor above = slow.forward(from, shifted(from, at, direction, STEP), upper);
        Tensor below = slow.forward(from, shifted(from, at, direction, -STEP), upper);
        double[][] high = above.spatialMeans();
        double[][] low = below.spatialMeans();
        double[] errors = new double[NEURONS];
        double largest = 0;
        for (int k = 0; k < NEURONS; k++) {
            int c = random.nextInt(upper.shape().channels());
            double expected = (high[0][c] - low[0][c]) / (2 * STEP);
            double[] gradient = engine.gradient(from, x, new Neuron(upper, c)).toDoubles();
            double got = 0;
            double size = 0;
            for (int i = 0; i < gradient.length; i++) {
                got += gradient[i] * direction[i];
                size += gradient[i] * gradient[i] * direction[i] * direction[i];
            }
            // Of many terms of either sign the sum may be small by chance; rounding goes by their size.
            double scale = Math.max(Math.max(Math.abs(expected), Math.sqrt(size)), 1e-12);
            errors[k] = Math.abs(got - expected) / scale;
            largest = Math.max(largest, Math.abs(expected));
        }
        Arrays.sort(errors);
        report(from, upper, errors[NEURONS / 2], errors[NEURONS - 1], largest);
    }

    /** The median decides: a gate that is next to 0 may fall to either side in single precision, all of them do not. */
    private void report(Layer from, Layer upper, double median, double worst, double largest) {
        String where = from.name() + " to " + upper.name();
        String seen = String.format(
                Locale.ROOT,
                "%d gradients differ from finite differences by %.1e in the median and %.1e at most, relative",
                NEURONS,
                median,
                worst);
        if (largest == 0) {
            to.accept(Finding.note(
                    "gradients", where, "the gradients tried are 0", "these neurons do not move here", "nothing"));
        } else if (!(median <= TOLERANCE)) {
            to.accept(new Finding(
                    median <= WRONG ? Severity.WARNING : Severity.ERROR,
                    "gradients",
                    where,
                    seen,
                    "importance scores are integrals of these gradients",
                    "report it with the model if you can; ReferenceProbe computes without this engine"));
        }
    }

    private double[] direction(double[] at) {
        double[] direction = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            // A value of exactly 0 mostly comes from a ReLU, at whose kink there is no derivative.
            direction[i] = at[i] == 0 ? 0 : random.nextGaussian() * Math.min(1, Math.abs(at[i]));
        }
        return direction;
    }

    private static Tensor shifted(Layer layer, double[] at, double[] direction, double step) {
        double[] moved = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            moved[i] = at[i] + step * direction[i];
        }
        return Tensor.ofDoubles(1, layer.shape(), moved);
    }
}
