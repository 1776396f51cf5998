package io.neurflow.cuda;

import java.util.HashSet;
import java.util.Set;

/** A card that computes nothing, and counts: what is allocated, the most at a time, refusals for want of room, and work. */
final class EmptyCard implements Driver {
    private final long bytes;
    private final Set<Memory> live = new HashSet<>();
    private long used;
    private long peak;
    private int failures;
    private double operations;

    EmptyCard(long bytes) {
        this.bytes = bytes;
    }

    long peak() {
        return peak;
    }

    int failures() {
        return failures;
    }

    int live() {
        return live.size();
    }

    /** Two for each multiply-add of a convolution. */
    double operations() {
        return operations;
    }

    @Override
    public String device() {
        return "an empty card";
    }

    @Override
    public void use() {
        // there is one
    }

    @Override
    public long freeBytes() {
        return bytes - used;
    }

    @Override
    public Memory allocate(long cells) {
        if (used + 4 * cells > bytes) {
            failures++;
            throw new OutOfDeviceMemoryException("an allocation of " + 4 * cells + " bytes ran out of memory");
        }
        used += 4 * cells;
        peak = Math.max(peak, used);
        Memory memory = new Memory(this, cells);
        live.add(memory);
        return memory;
    }

    @Override
    public void free(Memory memory) {
        if (!live.remove(memory)) {
            throw new IllegalStateException("memory that is not, or no longer, allocated");
        }
        used -= 4 * memory.cells();
    }

    private void holds(Memory memory, long cells) {
        if (!live.contains(memory) || cells > memory.cells()) {
            throw new IllegalStateException(cells + " cells in " + memory.cells() + ", or memory that is gone");
        }
    }

    @Override
    public void upload(float[] from, int at, int count, Memory to) {
        holds(to, count);
    }

    @Override
    public void upload(int[] from, Memory to) {
        holds(to, from.length);
    }

    @Override
    public void download(Memory from, int count, float[] to, int at) {
        holds(from, count);
    }

    @Override
    public void zero(Memory memory, long cells) {
        holds(memory, cells);
    }

    @Override
    public void convolve(Convolution shape, int n, Memory x, Memory w, Memory y) {
        operations += 2 * n * shape.work();
    }

    @Override
    public void convolveBack(Convolution shape, int n, Memory gy, Memory w, Memory gx) {
        operations += 2 * n * shape.work();
    }

    @Override
    public void dense(int in, int out, int n, Memory w, Memory x, Memory y) {
        holds(y, (long) n * out);
    }

    @Override
    public void denseBack(int in, int out, int n, Memory w, Memory gy, Memory gx) {
        holds(gx, (long) n * in);
    }

    @Override
    public void launch(Kernel kernel, int threads, Object... arguments) {
        // nothing to do
    }

    @Override
    public void sync() {
        // nothing to wait for
    }

    @Override
    public void close() {
        if (!live.isEmpty()) {
            throw new IllegalStateException(live.size() + " blocks are not free");
        }
    }
}
