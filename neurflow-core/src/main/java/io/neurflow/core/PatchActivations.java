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
import io.neurflow.core.store.RunStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * &phi; of every neuron of some layers for every patch of D: what concepts (Definition 1) and representative vectors (Eq. 3)
 * are read from. Made by one pass of the patches through the model; 8 bytes for each patch and channel.
 */
public final class PatchActivations {
    /** Patches of an entry of the store: seconds of work, and a few megabytes. */
    private static final int BLOCK = 256;

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
        return of(probe, patches, layers, listener, Optional.empty());
    }

    /**
     * The same, with blocks of about 256 patches taken from a store where they are there, and stored where they are not.
     *
     * @param probe the model
     * @param patches D
     * @param layers whose activations to keep
     * @param listener is told of progress, and may cancel; blocks that are done stay in the store
     * @param store where results are kept, if anywhere
     * @return the pooled activations, those of the method without a store bit for bit
     * @throws NeurflowException if the model gives a value that is not finite
     */
    public static PatchActivations of(
            ModelProbe probe,
            PatchSet patches,
            Collection<Layer> layers,
            ProgressListener listener,
            Optional<RunStore> store) {
        int count = patches.patches().size();
        checkArgument(count > 0, "expected patches, but there are none; cut some images first");
        ImmutableSet<Layer> wanted = ImmutableSet.copyOf(layers);
        Map<Layer, double[][]> pooled = Maps.toMap(wanted, layer -> new double[count][]);
        Stage stage = new Stage(listener, "activations of the patches", count);
        Stored stored = new Stored(store);
        Batches.forEach(count, block(probe), block -> {
            Stored.Result result = stored.get(
                    () -> Stored.key("activations", probe, patches, block).with("wanted", Stored.names(wanted)),
                    () -> compute(probe, patches, wanted, block, stage));
            int next = 0;
            for (Layer layer : wanted) {
                double[][] rows = result.matrices().get(next++);
                System.arraycopy(rows, 0, Objects.requireNonNull(pooled.get(layer)), block.get(0), rows.length);
            }
            if (result.reused()) {
                stage.reuse(block.length());
            }
        });
        return new PatchActivations(patches, ImmutableMap.copyOf(pooled));
    }

    /** Whole batches, so that every batch is the same with a store and without. */
    static int block(ModelProbe probe) {
        int batch = Math.max(1, probe.preferredBatch());
        return batch * Math.max(1, BLOCK / batch);
    }

    private static List<double[][]> compute(
            ModelProbe probe, PatchSet patches, ImmutableSet<Layer> wanted, ImmutableIntArray block, Stage stage) {
        List<double[][]> results = new ArrayList<>();
        wanted.forEach(layer -> results.add(new double[block.length()][]));
        Batches.forEach(block.length(), probe.preferredBatch(), batch -> {
            ImmutableIntArray which = block.subArray(batch.get(0), batch.get(0) + batch.length());
            ImmutableMap<Layer, double[][]> part = probe.pooled(patches.inputs(which), wanted);
            int next = 0;
            for (Layer layer : wanted) {
                double[][] rows = Objects.requireNonNull(part.get(layer), () -> "no activations of " + layer);
                double[][] all = results.get(next++);
                for (int i = 0; i < rows.length; i++) {
                    all[batch.get(i)] = checkFinite(rows[i], layer, which.get(i));
                }
            }
            stage.advance(batch.length());
        });
        return results;
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
