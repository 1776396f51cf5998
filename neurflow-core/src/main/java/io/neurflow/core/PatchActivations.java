package io.neurflow.core;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * &phi; of every neuron of some layers for every patch of D: what concepts (Definition 1) and representative vectors (Eq. 3)
 * are read from. Made by one pass of the patches through the model; 8 bytes for each patch and channel.
 */
public final class PatchActivations {
    private final PatchSet patches;
    private final ImmutableMap<Layer, double[][]> pooled;

    private PatchActivations(PatchSet patches, ImmutableMap<Layer, double[][]> pooled) {
        this.patches = patches;
        this.pooled = pooled;
    }

    /**
     * Passes all patches through the model.
     *
     * @param probe the model
     * @param patches D
     * @param layers whose activations to keep
     * @param listener is told of progress, and may cancel
     * @return the pooled activations
     * @throws NeurflowException if the model gives a value that is not finite
     */
    public static PatchActivations of(
            ModelProbe probe, PatchSet patches, Collection<Layer> layers, ProgressListener listener) {
        int count = patches.patches().size();
        checkArgument(count > 0, "expected patches, but there are none; cut some images first");
        ImmutableSet<Layer> wanted = ImmutableSet.copyOf(layers);
        Map<Layer, double[][]> pooled = Maps.toMap(wanted, layer -> new double[count][]);
        Stage stage = new Stage(listener, "activations of the patches", count);
        Batches.forEach(count, probe.preferredBatch(), batch -> {
            ImmutableMap<Layer, double[][]> part = probe.pooled(patches.inputs(batch), wanted);
            pooled.forEach((layer, all) -> {
                double[][] rows = Objects.requireNonNull(part.get(layer), () -> "no activations of " + layer);
                for (int i = 0; i < rows.length; i++) {
                    all[batch.get(i)] = checkFinite(rows[i], layer, batch.get(i));
                }
            });
            stage.advance(batch.length());
        });
        return new PatchActivations(patches, ImmutableMap.copyOf(pooled));
    }

    private static double[] checkFinite(double[] row, Layer layer, int patch) {
        for (int c = 0; c < row.length; c++) {
            if (!Double.isFinite(row[c])) {
                throw new NeurflowException("expected finite activations, but " + layer.neuron(c) + " is " + row[c]
                        + " for patch " + patch + "; check the model's weights and the preprocessing");
            }
        }
        return row;
    }

    /**
     * The patches.
     *
     * @return D
     */
    public PatchSet patches() {
        return patches;
    }

    /**
     * The layers that are kept.
     *
     * @return in the order given
     */
    public ImmutableSet<Layer> layers() {
        return pooled.keySet();
    }

    /**
     * One activation.
     *
     * @param neuron a
     * @param patch index of v
     * @return &phi;<sub>a</sub>(v)
     */
    public double activation(Neuron neuron, int patch) {
        return of(neuron.layer())[patch][neuron.channel()];
    }

    /**
     * The representative vector of a patch (Eq. 3): the mean of every feature map of a layer.
     *
     * @param layer where
     * @param patch index of v
     * @return r(v), a fresh array of one value for each channel
     */
    public double[] representativeVector(Layer layer, int patch) {
        return of(layer)[patch].clone();
    }

    /**
     * Representative vectors of several patches.
     *
     * @param layer where
     * @param patches indices
     * @return one row for each
     */
    double[][] representativeVectors(Layer layer, ImmutableIntArray patches) {
        double[][] all = of(layer);
        return patches.stream().mapToObj(v -> all[v].clone()).toArray(double[][]::new);
    }

    /**
     * Definition 1: the k patches with the highest activation, strongest first, the lower index first on ties.
     *
     * @param neuron a
     * @param k how many; no more than there are patches
     * @return V<sub>a</sub>
     */
    public NeuronConcept concept(Neuron neuron, int k) {
        double[][] all = of(neuron.layer());
        return concept(
                neuron,
                IntStream.range(0, all.length)
                        .mapToDouble(v -> all[v][neuron.channel()])
                        .toArray(),
                k);
    }

    static NeuronConcept concept(Neuron neuron, double[] activations, int k) {
        checkArgument(
                k >= 1 && k <= activations.length,
                "expected 1 to %s patches for a concept, as many as there are, but k is %s; use more images or a smaller k",
                activations.length,
                k);
        ImmutableIntArray order = Ranking.largest(activations, k + 1);
        ImmutableDoubleArray values = ImmutableDoubleArray.copyOf(order.stream().mapToDouble(v -> activations[v]));
        return new NeuronConcept(neuron, order.subArray(0, k), values);
    }

    private double[][] of(Layer layer) {
        double[][] rows = pooled.get(layer);
        if (rows == null) {
            throw new IllegalArgumentException("the activations of " + layer + " were not kept, only those of "
                    + pooled.keySet() + "; name it when making PatchActivations");
        }
        return rows;
    }
}
