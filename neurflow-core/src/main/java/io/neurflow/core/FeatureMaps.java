package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Hands each target the feature maps of its concept's patches. Concepts share patches, so maps are produced once for the
 * union of the patches of as many targets as the memory budget allows.
 */
final class FeatureMaps {
    private final CoreConceptFinder finder;
    private final PatchSet patches;
    private final Layer layer;
    private final long budgetBytes;

    FeatureMaps(CoreConceptFinder finder, PatchSet patches, Layer layer, long budgetBytes) {
        this.finder = finder;
        this.patches = patches;
        this.layer = layer;
        this.budgetBytes = budgetBytes;
    }

    /** Calls back for every concept in the order given, with [k, shape of the layer]. */
    void forEach(List<NeuronConcept> concepts, BiConsumer<NeuronConcept, Tensor> action) {
        long bytesEach = (long) layer.shape().size()
                * (finder.probe().info().precision() == Precision.FLOAT32 ? Float.BYTES : Double.BYTES);
        long most = Math.max(1, budgetBytes / bytesEach);
        List<NeuronConcept> chunk = new ArrayList<>();
        Set<Integer> union = new TreeSet<>();
        for (NeuronConcept concept : concepts) {
            Set<Integer> larger = new TreeSet<>(union);
            larger.addAll(concept.patches().asList());
            if (!chunk.isEmpty() && larger.size() > most) {
                serve(chunk, union, action);
                chunk.clear();
                larger = new TreeSet<>(concept.patches().asList());
            }
            chunk.add(concept);
            union = larger;
        }
        serve(chunk, union, action);
    }

    private void serve(List<NeuronConcept> chunk, Set<Integer> union, BiConsumer<NeuronConcept, Tensor> action) {
        if (chunk.isEmpty()) {
            return;
        }
        ImmutableIntArray order = ImmutableIntArray.copyOf(union);
        Map<Integer, Tensor> maps = new HashMap<>();
        Batches.forEach(order.length(), finder.probe().preferredBatch(), batch -> {
            ImmutableIntArray which = order.subArray(batch.get(0), batch.get(0) + batch.length());
            Tensor part = finder.probe().forward(patches.inputs(which), layer);
            for (int i = 0; i < which.length(); i++) {
                maps.put(which.get(i), part.slice(i, i + 1));
            }
        });
        for (NeuronConcept concept : chunk) {
            action.accept(
                    concept,
                    Tensor.concat(concept.patches().asList().stream()
                            .map(maps::get)
                            .collect(ImmutableList.toImmutableList())));
        }
    }
}
