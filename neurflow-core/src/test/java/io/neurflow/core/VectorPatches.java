package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.util.stream.IntStream;

/** "Patches" that are plain input vectors, one image each. */
public final class VectorPatches implements PatchSet {
    private final double[][] vectors;

    public VectorPatches(double[][] vectors) {
        this.vectors = vectors;
    }

    @Override
    public ImmutableList<SourceImage> images() {
        return IntStream.range(0, vectors.length)
                .mapToObj(i -> new SourceImage(i, "vector " + i, "%064x".formatted(i)))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public ImmutableList<Patch> patches() {
        return IntStream.range(0, vectors.length)
                .mapToObj(i -> new Patch(i, i, 1, 0, 0, 1))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public Tensor inputs(ImmutableIntArray patches) {
        double[] values = patches.stream()
                .boxed()
                .flatMapToDouble(v -> java.util.Arrays.stream(vectors[v]))
                .toArray();
        return Tensor.ofDoubles(patches.length(), Shape.units(vectors[0].length), values);
    }
}
