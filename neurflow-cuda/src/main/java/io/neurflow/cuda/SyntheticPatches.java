package io.neurflow.cuda;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.util.stream.IntStream;

/** Coloured tiles with noise, different for each patch and the same each time: for measuring times without photographs. */
final class SyntheticPatches implements PatchSet {
    private static final int TILES = 14;

    private final Shape shape;
    private final int count;

    SyntheticPatches(Shape shape, int count) {
        this.shape = shape;
        this.count = count;
    }

    @Override
    public ImmutableList<SourceImage> images() {
        return IntStream.range(0, count)
                .mapToObj(i -> new SourceImage(i, "synthetic " + i, "%064x".formatted(i)))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public ImmutableList<Patch> patches() {
        return IntStream.range(0, count)
                .mapToObj(i -> new Patch(i, i, 1, 0, 0, shape.height()))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public Tensor inputs(ImmutableIntArray patches) {
        float[] values = new float[patches.length() * shape.size()];
        int at = 0;
        for (int i = 0; i < patches.length(); i++) {
            for (int c = 0; c < shape.channels(); c++) {
                int seed = mixed(7 * patches.get(i) + c + 1);
                for (int row = 0; row < shape.height(); row++) {
                    int tiles = row * TILES / shape.height() * TILES;
                    for (int column = 0; column < shape.width(); column++) {
                        int tile = mixed(seed + tiles + column * TILES / shape.width());
                        seed += 0x9e3779b9;
                        values[at++] = 1.5f * centred(tile) + 0.3f * centred(mixed(seed));
                    }
                }
            }
        }
        return Tensor.ofFloats(patches.length(), shape, values);
    }

    /** Said rather than computed, which would take longer than what is to be measured. */
    @Override
    public String digest(ImmutableIntArray patches) {
        return "synthetic " + shape + " " + patches.hashCode();
    }

    private static float centred(int bits) {
        return bits / (float) (1 << 30);
    }

    private static int mixed(int x) {
        int y = x * 0x85ebca6b;
        y ^= y >>> 15;
        y *= 0xc2b2ae35;
        return y ^ y >>> 13;
    }
}
