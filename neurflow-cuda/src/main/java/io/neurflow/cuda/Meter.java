package io.neurflow.cuda;

/** A driver that counts what goes through it: the floating point operations of convolutions and dense operators. */
final class Meter implements Driver {
    private final Driver driver;
    private double operations;

    Meter(Driver driver) {
        this.driver = driver;
    }

    /** Two for each multiply-add. */
    double operations() {
        return operations;
    }

    void reset() {
        operations = 0;
    }

    @Override
    public String device() {
        return driver.device();
    }

    @Override
    public void use() {
        driver.use();
    }

    @Override
    public long freeBytes() {
        return driver.freeBytes();
    }

    @Override
    public Memory allocate(long cells) {
        return driver.allocate(cells);
    }

    @Override
    public void free(Memory memory) {
        driver.free(memory);
    }

    @Override
    public void upload(float[] from, int at, int count, Memory to) {
        driver.upload(from, at, count, to);
    }

    @Override
    public void upload(int[] from, Memory to) {
        driver.upload(from, to);
    }

    @Override
    public void download(Memory from, int count, float[] to, int at) {
        driver.download(from, count, to, at);
    }

    @Override
    public void zero(Memory memory, long cells) {
        driver.zero(memory, cells);
    }

    @Override
    public void convolve(Convolution shape, int n, Memory x, Memory w, Memory y) {
        operations += 2 * n * shape.work();
        driver.convolve(shape, n, x, w, y);
    }

    @Override
    public void convolveBack(Convolution shape, int n, Memory gy, Memory w, Memory gx) {
        operations += 2 * n * shape.work();
        driver.convolveBack(shape, n, gy, w, gx);
    }

    @Override
    public void dense(int in, int out, int n, Memory w, Memory x, Memory y) {
        operations += 2.0 * n * in * out;
        driver.dense(in, out, n, w, x, y);
    }

    @Override
    public void denseBack(int in, int out, int n, Memory w, Memory gy, Memory gx) {
        operations += 2.0 * n * in * out;
        driver.denseBack(in, out, n, w, gy, gx);
    }

    @Override
    public void launch(Kernel kernel, int threads, Object... arguments) {
        driver.launch(kernel, threads, arguments);
    }

    @Override
    public void sync() {
        driver.sync();
    }

    /** The driver stays open: it belongs to who opened it. */
    @Override
    public void close() {
        driver.sync();
    }
}
