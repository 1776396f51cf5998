package io.neurflow.cuda;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * A device in plain Java: slow and right. It counts what is allocated, refuses what is not its own, and has as much memory as
 * it is told, so that running out of it can be tried.
 */
final class HostDriver implements Driver {
    private final long bytes;
    private final Set<Memory> live = new HashSet<>();
    private long used;
    private int failures;
    private int launches;
    private int convolutions;
    private boolean closed;
    private final Recording recording;

    HostDriver(long bytes) {
        this(bytes, new Recording(0));
    }

    HostDriver(long bytes, Recording recording) {
        this.bytes = bytes;
        this.recording = recording;
    }

    static HostDriver large() {
        return new HostDriver(1L << 30);
    }

    /** Blocks that have not been freed. */
    int live() {
        return live.size();
    }

    /** How often there was no room. */
    int failures() {
        return failures;
    }

    int launches() {
        return launches;
    }

    /** How many batches were convolved. */
    int convolutions() {
        return convolutions;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public String device() {
        return "plain Java";
    }

    @Override
    public void use() {
        if (closed) {
            throw new IllegalStateException("the driver is closed");
        }
    }

    /** As a card does whose memory is also used by others: it promises more than it can keep. */
    @Override
    public long freeBytes() {
        return 1L << 30;
    }

    @Override
    public Memory allocate(long cells) {
        if (used + 4 * cells > bytes) {
            failures++;
            throw new OutOfDeviceMemoryException("an allocation of " + 4 * cells + " bytes ran out of memory");
        }
        used += 4 * cells;
        Memory memory = new Memory(new float[Math.toIntExact(cells)], cells);
        Arrays.fill(floats(memory), Float.NaN); // whoever reads what was never written finds out
        live.add(memory);
        return memory;
    }

    @Override
    public void free(Memory memory) {
        check(memory);
        live.remove(memory);
        used -= 4 * memory.cells();
    }

    private void check(Memory memory) {
        if (!live.contains(memory)) {
            throw new IllegalStateException("memory that is not, or no longer, allocated");
        }
    }

    private static float[] floats(Memory memory) {
        return (float[]) memory.handle();
    }

    @Override
    public void upload(float[] from, int at, int count, Memory to) {
        check(to);
        System.arraycopy(from, at, floats(to), 0, count);
    }

    @Override
    public void upload(int[] from, Memory to) {
        check(to);
        for (int i = 0; i < from.length; i++) {
            floats(to)[i] = Float.intBitsToFloat(from[i]);
        }
    }

    @Override
    public void download(Memory from, int count, float[] to, int at) {
        check(from);
        System.arraycopy(floats(from), 0, to, at, count);
    }

    @Override
    public void zero(Memory memory, long cells) {
        check(memory);
        Arrays.fill(floats(memory), 0, Math.toIntExact(cells), 0);
    }

    @Override
    public void convolve(Convolution s, int n, Memory x, Memory w, Memory y) {
        convolutions++;
        int size = s.out() * s.outHeight() * s.outWidth();
        for (int i = 0; i < n * size; i++) {
            double[] sum = new double[1];
            taps(s, i, (at, weight) -> sum[0] += (double) floats(x)[at] * floats(w)[weight]);
            floats(y)[i] = (float) sum[0];
        }
    }

    @Override
    public void convolveBack(Convolution s, int n, Memory gy, Memory w, Memory gx) {
        convolutions++;
        double[] sums = new double[n * s.in() * s.height() * s.width()];
        for (int i = 0; i < n * s.out() * s.outHeight() * s.outWidth(); i++) {
            double g = floats(gy)[i];
            taps(s, i, (at, weight) -> sums[at] += g * floats(w)[weight]);
        }
        for (int i = 0; i < sums.length; i++) {
            floats(gx)[i] = (float) sums[i];
        }
    }

    /** A value that an output reads, and the weight that goes with it. */
    private interface Tap {
        void link(int at, int weight);
    }

    private static void taps(Convolution s, int i, Tap tap) {
        var k = s.window();
        int ox = i % s.outWidth();
        int oy = i / s.outWidth() % s.outHeight();
        int o = i / (s.outWidth() * s.outHeight()) % s.out();
        int item = i / (s.outWidth() * s.outHeight() * s.out());
        int in = s.in() / s.groups();
        int first = o / (s.out() / s.groups()) * in;
        for (int c = 0; c < in; c++) {
            for (int ky = 0; ky < k.height(); ky++) {
                for (int kx = 0; kx < k.width(); kx++) {
                    int r = oy * k.strideY() - k.padding().top() + ky * k.dilationY();
                    int q = ox * k.strideX() - k.padding().left() + kx * k.dilationX();
                    if (r >= 0 && r < s.height() && q >= 0 && q < s.width()) {
                        tap.link(
                                ((item * s.in() + first + c) * s.height() + r) * s.width() + q,
                                ((o * in + c) * k.height() + ky) * k.width() + kx);
                    }
                }
            }
        }
    }

    @Override
    public void dense(int in, int out, int n, Memory w, Memory x, Memory y) {
        for (int i = 0; i < n * out; i++) {
            double sum = 0;
            for (int k = 0; k < in; k++) {
                sum += (double) floats(w)[i % out * in + k] * floats(x)[i / out * in + k];
            }
            floats(y)[i] = (float) sum;
        }
    }

    @Override
    public void denseBack(int in, int out, int n, Memory w, Memory gy, Memory gx) {
        for (int i = 0; i < n * in; i++) {
            double sum = 0;
            for (int o = 0; o < out; o++) {
                sum += (double) floats(w)[o * in + i % in] * floats(gy)[i / in * out + o];
            }
            floats(gx)[i] = (float) sum;
        }
    }

    @Override
    public void launch(Kernel kernel, int threads, Object... arguments) {
        launches++;
        for (Object argument : arguments) {
            if (argument instanceof Memory memory) {
                check(memory);
            }
        }
        recording.run(kernel, threads, arguments);
    }

    @Override
    public void sync() {
        // Everything is done at once.
    }

    @Override
    public void close() {
        closed = true;
    }
}
