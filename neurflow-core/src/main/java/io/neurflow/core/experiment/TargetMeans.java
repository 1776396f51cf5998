package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.ChannelSlice;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The way from feature maps of a layer to &phi; of some neurons of a higher one. */
interface TargetMeans extends AutoCloseable {
    /**
     * Runs it.
     *
     * @param maps of the lower layer
     * @return [item][target]
     */
    double[][] of(Tensor maps);

    @Override
    void close();

    /** Through the probe itself, which computes all of the higher layer. */
    static TargetMeans whole(ModelProbe probe, LayerPair pair, List<NeuronConcept> targets) {
        int[] channels = channels(targets).toArray();
        return new TargetMeans() {
            @Override
            public double[][] of(Tensor maps) {
                return Arrays.stream(
                                probe.forward(pair.below(), maps, pair.above()).spatialMeans())
                        .map(row ->
                                Arrays.stream(channels).mapToDouble(c -> row[c]).toArray())
                        .toArray(double[][]::new);
            }

            @Override
            public void close() {
                // The probe is the caller's.
            }
        };
    }

    /** Through a network of its own, which has nothing but what the targets depend on. */
    static TargetMeans narrow(NarrowEngine engine, LayerPair pair, List<NeuronConcept> targets) {
        GraphLayers opened = engine.opened();
        NetworkGraph slice = ChannelSlice.of(
                opened.graph(), opened.value(pair.below()), opened.value(pair.above()), channels(targets));
        int output = slice.output().index();
        // Not GraphLayers.of: it would take a sigmoid at the end for one that comes after the logits.
        Layer top = new Layer(pair.above().name(), 0, slice.output().op().kind(), slice.shape(output));
        ModelProbe probe = engine.open().apply(new GraphLayers(slice, ImmutableList.of(output), ImmutableList.of(top)));
        return new TargetMeans() {
            @Override
            public double[][] of(Tensor maps) {
                return Objects.requireNonNull(
                        probe.pooled(maps, ImmutableSet.of(top)).get(top));
            }

            @Override
            public void close() {
                probe.close();
            }
        };
    }

    private static ImmutableIntArray channels(List<NeuronConcept> targets) {
        return ImmutableIntArray.copyOf(
                targets.stream().mapToInt(concept -> concept.neuron().channel()));
    }
}
