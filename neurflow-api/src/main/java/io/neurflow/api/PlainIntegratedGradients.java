package io.neurflow.api;

import com.google.common.primitives.ImmutableDoubleArray;

/**
 * Eq. 2 done plainly: a gradient at every node of the ray, for every patch. It asks nothing of a probe but
 * {@link ModelProbe#forward} and {@link ModelProbe#gradient}, and is the twin that faster ways are held to.
 */
final class PlainIntegratedGradients {
    private PlainIntegratedGradients() {}

    static ImportanceScores importance(
            ModelProbe probe, Layer from, Tensor activations, Neuron target, Quadrature quadrature) {
        ImmutableDoubleArray nodes = quadrature.nodes();
        ImmutableDoubleArray weights = quadrature.weights();
        int patches = activations.count();
        int channels = from.shape().channels();
        int positions = from.shape().positions();
        double[][] values = new double[patches][channels];
        double[] changes = new double[patches];
        int batch = Math.max(1, probe.preferredBatch());
        for (int v = 0; v < patches; v++) {
            Tensor x = activations.slice(v, v + 1);
            double[] sum = new double[from.shape().size()];
            for (int start = 0; start < nodes.length(); start += batch) {
                int end = Math.min(start + batch, nodes.length());
                double[] alphas = nodes.subArray(start, end).toArray();
                double[] gradients =
                        probe.gradient(from, x.scaled(alphas), target).toDoubles();
                for (int n = start; n < end; n++) {
                    int at = (n - start) * sum.length;
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] += weights.get(n) * gradients[at + i];
                    }
                }
            }
            double[] point = x.toDoubles();
            for (int i = 0; i < sum.length; i++) {
                values[v][i / positions] += point[i] * sum[i];
            }
            double[][] ends =
                    probe.forward(from, x.scaled(1, 0), target.layer()).spatialMeans();
            changes[v] = ends[0][target.channel()] - ends[1][target.channel()];
        }
        return new ImportanceScores(target, from, values, changes);
    }
}
