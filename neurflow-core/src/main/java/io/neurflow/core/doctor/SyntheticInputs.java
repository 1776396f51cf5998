package io.neurflow.core.doctor;

import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.Random;

/** Inputs for a model of which no image is at hand: waves of a few lengths and directions with some noise, about -2 to 2. */
final class SyntheticInputs {
    private SyntheticInputs() {}

    static Tensor of(Shape shape, int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[Math.multiplyExact(count, shape.size())];
        int at = 0;
        for (int n = 0; n < count; n++) {
            double length = Math.max(2, shape.width() / (1 << (n % 4)));
            double angle = 2 * Math.PI * random.nextDouble();
            for (int c = 0; c < shape.channels(); c++) {
                double phase = 2 * Math.PI * random.nextDouble();
                double offset = random.nextGaussian();
                for (int y = 0; y < shape.height(); y++) {
                    for (int x = 0; x < shape.width(); x++) {
                        double wave =
                                Math.sin(2 * Math.PI * (x * Math.cos(angle) + y * Math.sin(angle)) / length + phase);
                        values[at++] = (float) (offset + wave + 0.3 * random.nextGaussian());
                    }
                }
            }
        }
        return Tensor.ofFloats(count, shape, values);
    }
}
