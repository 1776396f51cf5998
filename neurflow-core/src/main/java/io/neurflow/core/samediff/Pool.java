package io.neurflow.core.samediff;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.internal.memory.AbstractMemoryMgr;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Memory for the intermediate values of all programs of a probe, used again by length. SameDiff's own cache is not used: a
 * session gives an array back only the first time that it is used, so that every second array waits for the garbage collector
 * of the JVM, which does not see memory outside its heap. Here every use is a new array around an old buffer, and what a run
 * has not given back is taken back at its end.
 */
final class Pool extends AbstractMemoryMgr {
    /** Bytes kept for the next run; more are given back to the system, those that have not been used for longest first. */
    private static final long KEPT = 512L << 20;

    private record Kind(DataType type, long length) {
        long bytes() {
            return length * type.width();
        }
    }

    private final Map<Kind, Deque<DataBuffer>> free = new LinkedHashMap<>(16, 0.75f, true);
    private final IdentityHashMap<DataBuffer, Kind> lent = new IdentityHashMap<>();
    private long freeBytes;

    @Override
    public INDArray allocate(boolean detached, DataType type, long... shape) {
        long length = 1;
        for (long extent : shape) {
            length *= extent;
        }
        Kind kind = new Kind(type, length);
        Deque<DataBuffer> old = free.get(kind);
        if (old == null || old.isEmpty()) {
            INDArray fresh = Nd4j.createUninitializedDetached(type, shape);
            lent.put(fresh.data(), kind);
            return fresh;
        }
        freeBytes -= kind.bytes();
        DataBuffer buffer = old.pop();
        lent.put(buffer, kind);
        return Nd4j.create(buffer, shape, Nd4j.getStrides(shape, 'c'), 0, 'c', type);
    }

    @Override
    public INDArray allocate(boolean detached, LongShapeDescriptor descriptor) {
        return descriptor.isEmpty()
                ? Nd4j.create(descriptor)
                : allocate(detached, descriptor.dataType(), descriptor.getShape());
    }

    @Override
    public void release(INDArray array) {
        DataBuffer buffer = array.data();
        Kind kind = lent.remove(buffer);
        if (kind != null) {
            free.computeIfAbsent(kind, k -> new ArrayDeque<>()).push(buffer);
            freeBytes += kind.bytes();
        }
    }

    /** Ends a run: all arrays that it was given are void. */
    void reclaim() {
        lent.forEach((buffer, kind) -> {
            free.computeIfAbsent(kind, k -> new ArrayDeque<>()).push(buffer);
            freeBytes += kind.bytes();
        });
        lent.clear();
        List<Kind> oldest = new ArrayList<>(free.keySet());
        for (Kind kind : oldest) {
            if (freeBytes <= KEPT) {
                return;
            }
            drop(kind);
        }
    }

    private void drop(Kind kind) {
        Deque<DataBuffer> buffers = free.remove(kind);
        if (buffers != null) {
            buffers.forEach(DataBuffer::close);
            freeBytes -= kind.bytes() * buffers.size();
        }
    }

    @Override
    public void close() {
        reclaim();
        List.copyOf(free.keySet()).forEach(this::drop);
    }
}
