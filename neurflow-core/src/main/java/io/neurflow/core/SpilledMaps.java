package io.neurflow.core;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Feature maps of one layer in a temporary file, which goes when this is closed or the JVM ends. */
final class SpilledMaps implements AutoCloseable {
    private final Layer layer;
    private final Precision precision;
    private final FileChannel file;
    private final Map<Integer, Long> places = new HashMap<>();
    private final ByteBuffer buffer;
    private long end;

    SpilledMaps(Layer layer, Precision precision) {
        this.layer = layer;
        this.precision = precision;
        int width = precision == Precision.FLOAT32 ? Float.BYTES : Double.BYTES;
        this.buffer = ByteBuffer.allocateDirect(Math.multiplyExact(layer.shape().size(), width))
                .order(ByteOrder.nativeOrder());
        try {
            Path path = Files.createTempFile("neurflow-maps", ".tmp");
            this.file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Room in the folder for temporary files. */
    static long usableBytes() {
        return new File(System.getProperty("java.io.tmpdir")).getUsableSpace();
    }

    private static NeurflowException failed(IOException e) {
        return new NeurflowException(
                "feature maps cannot be kept in the folder for temporary files, '"
                        + System.getProperty("java.io.tmpdir") + "': " + e.getMessage()
                        + "; make room there, name another with -Djava.io.tmpdir, or set featureMapDisk(0)",
                e);
    }

    boolean has(int patch) {
        return places.containsKey(patch);
    }

    void write(ImmutableIntArray patches, Tensor maps) {
        int size = layer.shape().size();
        try {
            for (int i = 0; i < patches.length(); i++) {
                buffer.clear();
                Tensor one = maps.slice(i, i + 1);
                if (precision == Precision.FLOAT32) {
                    buffer.asFloatBuffer().put(one.toFloats(), 0, size);
                } else {
                    buffer.asDoubleBuffer().put(one.toDoubles(), 0, size);
                }
                long place = end;
                while (buffer.hasRemaining()) {
                    end += file.write(buffer, end);
                }
                places.put(patches.get(i), place);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    Tensor read(ImmutableIntArray patches) {
        int size = layer.shape().size();
        float[] floats = new float[precision == Precision.FLOAT32 ? patches.length() * size : 0];
        double[] doubles = new double[precision == Precision.FLOAT32 ? 0 : patches.length() * size];
        try {
            for (int i = 0; i < patches.length(); i++) {
                long place = Objects.requireNonNull(places.get(patches.get(i)));
                buffer.clear();
                while (buffer.hasRemaining()) {
                    if (file.read(buffer, place + buffer.position()) < 0) {
                        throw new IOException("the file ends too early");
                    }
                }
                buffer.flip();
                if (precision == Precision.FLOAT32) {
                    buffer.asFloatBuffer().get(floats, i * size, size);
                } else {
                    buffer.asDoubleBuffer().get(doubles, i * size, size);
                }
            }
        } catch (IOException e) {
            throw failed(e);
        }
        return precision == Precision.FLOAT32
                ? Tensor.ofFloats(patches.length(), layer.shape(), floats)
                : Tensor.ofDoubles(patches.length(), layer.shape(), doubles);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
