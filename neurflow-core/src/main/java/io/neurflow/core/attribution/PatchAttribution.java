package io.neurflow.core.attribution;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Tensor;

/** An attribution that looks at each patch for itself. */
public interface PatchAttribution extends Attribution {
    /**
     * Scores of each patch.
     *
     * @param probe the model
     * @param from the layer below
     * @param maps its feature maps, [k, shape of {@code from}]
     * @param target a, in a higher layer
     * @return [patch][channel of {@code from}], as {@link io.neurflow.api.ImportanceScores#values()}
     */
    double[][] perPatch(ModelProbe probe, Layer from, Tensor maps, Neuron target);

    /** {@inheritDoc} The sum over the patches, as in Eq. 2. */
    @Override
    default double[] scores(ModelProbe probe, Layer from, Tensor maps, Neuron target) {
        double[] sums = new double[from.shape().channels()];
        for (double[] row : perPatch(probe, from, maps, target)) {
            for (int c = 0; c < sums.length; c++) {
                sums[c] += row[c];
            }
        }
        return sums;
    }
}
