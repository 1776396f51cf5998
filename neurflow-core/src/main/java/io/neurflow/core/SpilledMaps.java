package io.neurflow.core;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Feature maps of one layer in a temporary file, for as many patches as there is room, first come, first served. */
final class SpilledMaps implements AutoCloseable {
    private final Layer layer;
    private final Precision precision;
    private final int most;
    private final TemporaryFile file = new TemporaryFile("neurflow-maps");
    private final Map<Integer, Long> places = new HashMap<>();
    private final ByteBuffer buffer;

    SpilledMaps(Layer layer, Precision precision, int most) {
        this.layer = layer;
        this.precision = precision;
        this.most = most;
        this.buffer = ByteBuffer.allocateDirect(Math.toIntExact(bytes(layer, precision)))
                .order(ByteOrder.nativeOrder());
    }

    /** Of one map. */
    static long bytes(Layer layer, Precision precision) {
        return (long) layer.shape().size() * (precision == Precision.FLOAT32 ? Float.BYTES : Double.BYTES);
    }

    boolean has(int patch) {
        return places.containsKey(patch);
    }

    boolean hasRoom() {
        return places.size() < most;
    }

    /** Keeps the maps of those patches for which there is room. */
    void write(ImmutableIntArray patches, Tensor maps) {
        int size = layer.shape().size();
        float[] one = new float[precision == Precision.FLOAT32 ? size : 0];
        for (int i = 0; i < patches.length(); i++) {
            if (!hasRoom() || has(patches.get(i))) {
                continue;
            }
            buffer.clear();
            if (precision == Precision.FLOAT32) {
                maps.copyFloats(i, 0, size, one, 0);
                buffer.asFloatBuffer().put(one, 0, size);
            } else {
                buffer.asDoubleBuffer().put(maps.slice(i, i + 1).toDoubles(), 0, size);
            }
            places.put(patches.get(i), file.append(buffer));
        }
    }

    Tensor read(ImmutableIntArray patches) {
        int size = layer.shape().size();
        float[] floats = new float[precision == Precision.FLOAT32 ? patches.length() * size : 0];
        double[] doubles = new double[precision == Precision.FLOAT32 ? 0 : patches.length() * size];
        for (int i = 0; i < patches.length(); i++) {
            buffer.clear();
            file.read(buffer, Objects.requireNonNull(places.get(patches.get(i))));
            buffer.flip();
            if (precision == Precision.FLOAT32) {
                buffer.asFloatBuffer().get(floats, i * size, size);
            } else {
                buffer.asDoubleBuffer().get(doubles, i * size, size);
            }
        }
        return precision == Precision.FLOAT32
                ? Tensor.ofFloats(patches.length(), layer.shape(), floats)
                : Tensor.ofDoubles(patches.length(), layer.shape(), doubles);
    }

    @Override
    public void close() {
        file.close();
    }
}
