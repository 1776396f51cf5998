package io.neurflow.core.attribution;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Tensor;
import java.util.Random;
import java.util.function.DoubleSupplier;

/** Gradients between baselines and maps; the places in between are drawn, or fixed for all patches. */
final class GradientShap implements PatchAttribution {
    static final String NAME = "gradient SHAP";

    private final Tensor baselines;
    private final int samples;
    private final long seed;
    /** Empty where they are drawn. */
    private final ImmutableDoubleArray alphas;

    private GradientShap(Tensor baselines, int samples, long seed, ImmutableDoubleArray alphas) {
        check(samples);
        this.baselines = baselines;
        this.samples = samples;
        this.seed = seed;
        this.alphas = alphas;
    }

    static void check(int samples) {
        checkArgument(samples >= 1, "expected one draw or more for each patch, but it is %s", samples);
    }

    static GradientShap seeded(Tensor baselines, int samples, long seed) {
        return new GradientShap(baselines, samples, seed, ImmutableDoubleArray.of());
    }

    static GradientShap fixed(Tensor baselines, ImmutableDoubleArray alphas, long seed) {
        return new GradientShap(baselines, alphas.length(), seed, alphas);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean signed() {
        return true;
    }

    @Override
    public double[][] perPatch(ModelProbe probe, Layer from, Tensor maps, Neuron target) {
        checkArgument(
                baselines.shape().equals(maps.shape()),
                "expected baselines of the shape of the feature maps, %s, but it is %s",
                maps.shape(),
                baselines.shape());
        double[] x = maps.toDoubles();
        double[] b = baselines.toDoubles();
        int size = maps.shape().size();
        double[] sum = new double[x.length];
        Random random = new Random(seed);
        for (int sample = 0; sample < samples; sample++) {
            int now = sample;
            DoubleSupplier next = alphas.isEmpty() ? random::nextDouble : () -> alphas.get(now);
            double[] between = new double[x.length];
            double[] difference = new double[x.length];
            for (int item = 0; item < maps.count(); item++) {
                int base = random.nextInt(baselines.count()) * size;
                double alpha = next.getAsDouble();
                for (int i = 0; i < size; i++) {
                    int at = item * size + i;
                    difference[at] = x[at] - b[base + i];
                    between[at] = b[base + i] + alpha * difference[at];
                }
            }
            Tensor there = Tensor.of(maps.count(), maps.shape(), between, maps.precision());
            double[] gradient = probe.gradient(from, there, target).toDoubles();
            for (int i = 0; i < x.length; i++) {
                sum[i] += gradient[i] * difference[i] / samples;
            }
        }
        return Attributions.channels(Tensor.ofDoubles(maps.count(), maps.shape(), sum), v -> v);
    }

    @Override
    public String toString() {
        return name();
    }
}
