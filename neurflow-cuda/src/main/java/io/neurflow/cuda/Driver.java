package io.neurflow.cuda;

/**
 * All that the engine asks of a device. Calls are carried out in the order in which they are made; uploads and downloads
 * return when they are done, the others may go on behind. Used by one thread at a time; {@link #use()} comes first on each
 * thread. All results are overwritten, not added to.
 */
interface Driver extends AutoCloseable {
    /** What the device is, for people. */
    String device();

    /** Makes the device the current one of the calling thread. */
    void use();

    /** Bytes that are free on the device. */
    long freeBytes();

    /**
     * Takes memory.
     *
     * @throws OutOfDeviceMemoryException if there is none
     */
    Memory allocate(long cells);

    void free(Memory memory);

    void upload(float[] from, int at, int count, Memory to);

    void upload(int[] from, Memory to);

    void download(Memory from, int count, float[] to, int at);

    void zero(Memory memory, long cells);

    /** y = w * x for n items. */
    void convolve(Convolution shape, int n, Memory x, Memory w, Memory y);

    /** The gradient with respect to x, gx, of that with respect to y, gy. */
    void convolveBack(Convolution shape, int n, Memory gy, Memory w, Memory gx);

    /** y[n, out] = x[n, in] w[out, in]^T. */
    void dense(int in, int out, int n, Memory w, Memory x, Memory y);

    /** gx[n, in] = gy[n, out] w[out, in]. */
    void denseBack(int in, int out, int n, Memory w, Memory gy, Memory gx);

    /**
     * Runs a kernel.
     *
     * @param threads numbers of 0..threads-1
     * @param arguments {@link Memory}, {@link Integer} and {@link Float}, as in {@link Kind#parameters()}
     */
    void launch(Kernel kernel, int threads, Object... arguments);

    /** Waits until everything is done. */
    void sync();

    /** Lets go of everything; what was allocated must have been freed. */
    @Override
    void close();
}
