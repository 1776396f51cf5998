package io.neurflow.core.attribution;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Tensor;
import java.util.Random;

/** The mean gradient at noisy maps. */
record SmoothGrad(int samples, double noise, long seed) implements PatchAttribution {
    SmoothGrad {
        checkArgument(samples >= 1, "expected one draw of noise or more, but it is %s", samples);
        checkArgument(noise >= 0 && Double.isFinite(noise), "expected noise of 0 or more, but it is %s", noise);
    }

    @Override
    public String name() {
        return "SmoothGrad";
    }

    @Override
    public double[][] perPatch(ModelProbe probe, Layer from, Tensor maps, Neuron target) {
        double[] x = maps.toDoubles();
        int size = maps.shape().size();
        double[] deviations = deviations(x, maps.count(), size);
        double[] sum = new double[x.length];
        Random random = new Random(seed);
        for (int sample = 0; sample < samples; sample++) {
            double[] noisy = x.clone();
            for (int i = 0; i < x.length; i++) {
                noisy[i] += deviations[i / size] * random.nextGaussian();
            }
            Tensor there = Tensor.of(maps.count(), maps.shape(), noisy, maps.precision());
            double[] gradient = probe.gradient(from, there, target).toDoubles();
            for (int i = 0; i < x.length; i++) {
                sum[i] += gradient[i] / samples;
            }
        }
        return Attributions.channels(Tensor.ofDoubles(maps.count(), maps.shape(), sum), Math::abs);
    }

    private double[] deviations(double[] x, int count, int size) {
        double[] deviations = new double[count];
        for (int item = 0; item < count; item++) {
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            for (int i = item * size; i < (item + 1) * size; i++) {
                least = Math.min(least, x[i]);
                most = Math.max(most, x[i]);
            }
            deviations[item] = noise * (most - least);
        }
        return deviations;
    }
}
