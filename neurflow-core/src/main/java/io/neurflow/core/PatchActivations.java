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
import java.util.Collection;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * &phi; of every neuron of some layers for every patch of D: what concepts (Definition 1) and representative vectors (Eq. 3)
 * are read from. Made by one pass of the patches through the model.
 *
 * <p>{@link #of(ModelProbe, PatchSet, Collection, ProgressListener) of} holds all activations in the Java heap, 8 bytes for
 * each patch and channel. {@link CircuitBuilder#activations} holds 12 bytes for each channel and patch of a concept, and the
 * rest in a temporary file, so that memory does not grow with the number of images; it answers every question with the same
 * bits.
 */
public final class PatchActivations implements AutoCloseable {
    /** Patches of an entry of the store: seconds of work, and a few megabytes. */
    private static final int BLOCK = 256;

    private final PatchSet patches;
    private final ImmutableMap<Layer, PooledRows> pooled;
    private final ImmutableMap<Layer, StrongestPatches> strongest;
    private final Optional<FeatureMapSource> maps;

    private PatchActivations(
            PatchSet patches,
            ImmutableMap<Layer, PooledRows> pooled,
            ImmutableMap<Layer, StrongestPatches> strongest,
            Optional<FeatureMapSource> maps) {
        this.patches = patches;
        this.pooled = pooled;
        this.strongest = strongest;
        this.maps = maps;
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
        PatchActivations fresh = new PatchActivations(
                patches,
                ImmutableMap.copyOf(Maps.toMap(ImmutableSet.copyOf(layers), layer -> PooledRows.inHeap())),
                ImmutableMap.of(),
                Optional.empty());
        new PatchPass(probe, patches, fresh.layers(), listener, new Stored(store)).run(fresh);
        return fresh;
    }

    /**
     * The strongest patches of each channel in the heap; all rows in files, or in the heap where there are none.
     *
     * @param most patches of each channel, one more than the size of concepts
     * @param inFiles whether rows go to files
     * @param maps takes feature maps during the pass, and is closed with this
     */
    static PatchActivations bounded(
            ModelProbe probe,
            PatchSet patches,
            ImmutableSet<Layer> layers,
            int most,
            boolean inFiles,
            FeatureMapSource maps,
            ProgressListener listener,
            Stored stored) {
        PatchActivations fresh = new PatchActivations(
                patches,
                ImmutableMap.copyOf(Maps.toMap(
                        layers, layer -> inFiles ? new PooledFile(layer.shape().channels()) : PooledRows.inHeap())),
                ImmutableMap.copyOf(Maps.toMap(
                        layers, layer -> new StrongestPatches(layer.shape().channels(), most))),
                Optional.of(maps));
        try {
            new PatchPass(probe, patches, layers, listener, stored).run(fresh);
            return fresh;
        } catch (Throwable e) {
            fresh.close();
            throw e;
        }
    }

    /** Whole batches, so that every batch is the same with a store and without. */
    static int block(ModelProbe probe) {
        int batch = Math.max(1, probe.preferredBatch());
        return batch * Math.max(1, BLOCK / batch);
    }

    /** Adds the next patches. */
    void add(Layer layer, double[][] rows) {
        of(layer).add(rows);
        StrongestPatches best = strongest.get(layer);
        if (best != null) {
            for (double[] row : rows) {
                best.add(row);
            }
        }
    }

    /** Where feature maps of the same patches come from; empty if the pass knew of no circuit. */
    Optional<FeatureMapSource> maps() {
        return maps;
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
        return of(neuron.layer()).row(patch)[neuron.channel()];
    }

    /**
     * The representative vector of a patch (Eq. 3): the mean of every feature map of a layer.
     *
     * @param layer where
     * @param patch index of v
     * @return r(v), a fresh array of one value for each channel
     */
    public double[] representativeVector(Layer layer, int patch) {
        return of(layer).row(patch);
    }

    /**
     * Representative vectors of several patches.
     *
     * @param layer where
     * @param patches indices
     * @return one row for each
     */
    double[][] representativeVectors(Layer layer, ImmutableIntArray patches) {
        PooledRows all = of(layer);
        return patches.stream().mapToObj(all::row).toArray(double[][]::new);
    }

    /**
     * Definition 1: the k patches with the highest activation, strongest first, the lower index first on ties.
     *
     * @param neuron a
     * @param k how many; no more than there are patches
     * @return V<sub>a</sub>
     */
    public NeuronConcept concept(Neuron neuron, int k) {
        PooledRows all = of(neuron.layer());
        int count = patches.patches().size();
        StrongestPatches best = strongest.get(neuron.layer());
        if (best == null || !best.knows(k + 1)) {
            return concept(
                    neuron,
                    IntStream.range(0, count)
                            .mapToDouble(v -> all.row(v)[neuron.channel()])
                            .toArray(),
                    k);
        }
        checkSize(k, count);
        return new NeuronConcept(neuron, best.patches(neuron.channel(), k), best.activations(neuron.channel(), k + 1));
    }

    static NeuronConcept concept(Neuron neuron, double[] activations, int k) {
        checkSize(k, activations.length);
        ImmutableIntArray order = Ranking.largest(activations, k + 1);
        ImmutableDoubleArray values = ImmutableDoubleArray.copyOf(order.stream().mapToDouble(v -> activations[v]));
        return new NeuronConcept(neuron, order.subArray(0, k), values);
    }

    private static void checkSize(int k, int count) {
        checkArgument(
                k >= 1 && k <= count,
                "expected 1 to %s patches for a concept, as many as there are, but k is %s; use more images or a smaller k",
                count,
                k);
    }

    private PooledRows of(Layer layer) {
        PooledRows rows = pooled.get(layer);
        if (rows == null) {
            throw new IllegalArgumentException("the activations of " + layer + " were not kept, only those of "
                    + pooled.keySet() + "; name it when making PatchActivations");
        }
        return rows;
    }

    /** Deletes temporary files, if there are any. */
    @Override
    public void close() {
        pooled.values().forEach(PooledRows::close);
        maps.ifPresent(FeatureMapSource::close);
    }
}
