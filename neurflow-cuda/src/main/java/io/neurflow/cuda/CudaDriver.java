package io.neurflow.cuda;

import io.neurflow.api.NeurflowException;
import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;

/** A card through CUDA's own libraries: runtime, driver, cuBLAS, cuDNN, NVRTC. Everything goes to the default stream. */
final class CudaDriver implements Driver {
    private static final int OLDEST = 75;

    private final int index;
    private final String device;
    private final cublasContext blas = new cublasContext();
    private final CudaKernels kernels;
    private final CudaConvolutions convolutions;
    private final FloatPointer one = new FloatPointer(1f);
    private final FloatPointer zero = new FloatPointer(0f);
    private Pointer workspace = new Pointer();
    private long workspaceBytes;

    private CudaDriver(int index, CudaSettings settings) {
        this.index = index;
        use();
        int capability = 10 * attribute(cudart.cudaDevAttrComputeCapabilityMajor)
                + attribute(cudart.cudaDevAttrComputeCapabilityMinor);
        if (capability < OLDEST) {
            throw new NeurflowException("expected a card of compute capability 7.5 or newer, but GPU " + index + " has "
                    + capability / 10.0 + "; use nd4j-cuda-11.6");
        }
        byte[] name = new byte[256];
        Status.driver(cudart.cuDeviceGetName(name, name.length, index), "cuDeviceGetName");
        this.device = "GPU " + index + " " + new String(name, StandardCharsets.UTF_8).replaceAll("\0.*", "")
                + ", compute capability " + capability / 10 + "." + capability % 10 + ", cuDNN "
                + cudnn.cudnnGetVersion();
        this.kernels = new CudaKernels(capability);
        this.convolutions = new CudaConvolutions(settings, this::workspace);
        Status.blas(cublas.cublasCreate_v2(blas), "cublasCreate");
        Status.blas(
                cublas.cublasSetMathMode(
                        blas, settings.isTf32() ? cublas.CUBLAS_TF32_TENSOR_OP_MATH : cublas.CUBLAS_PEDANTIC_MATH),
                "cublasSetMathMode");
    }

    /**
     * Opens a card.
     *
     * @throws NeurflowException if its libraries cannot be loaded, or it is too old
     */
    static CudaDriver open(int index, CudaSettings settings) {
        try {
            return new CudaDriver(index, settings);
        } catch (LinkageError e) {
            throw new NeurflowException(
                    "expected libcudart.so.13, libcublas.so.13, libcudnn.so.9, libnvrtc.so.13 and the driver's libcuda.so.1,"
                            + " but they cannot be loaded: "
                            + (e.getCause() == null ? e : e.getCause()).getMessage()
                            + "; install CUDA 13 and cuDNN 9, and name their folders in LD_LIBRARY_PATH",
                    e);
        }
    }

    private int attribute(int which) {
        int[] value = new int[1];
        Status.runtime(cudart.cudaDeviceGetAttribute(value, which, index), "cudaDeviceGetAttribute");
        return value[0];
    }

    @Override
    public String device() {
        return device;
    }

    @Override
    public void use() {
        Status.runtime(cudart.cudaSetDevice(index), "cudaSetDevice of GPU " + index);
    }

    @Override
    public long freeBytes() {
        try (SizeTPointer free = new SizeTPointer(1);
                SizeTPointer total = new SizeTPointer(1)) {
            Status.runtime(cudart.cudaMemGetInfo(free, total), "cudaMemGetInfo");
            return free.get();
        }
    }

    @Override
    public Memory allocate(long cells) {
        Pointer pointer = new Pointer();
        Status.runtime(cudart.cudaMalloc(pointer, 4 * cells), "cudaMalloc of " + 4 * cells + " bytes");
        return new Memory(pointer, cells);
    }

    @Override
    public void free(Memory memory) {
        Status.runtime(cudart.cudaFree(pointer(memory)), "cudaFree");
    }

    private Pointer workspace(long bytes) {
        if (bytes > workspaceBytes) {
            Pointer larger = new Pointer();
            Status.runtime(cudart.cudaMalloc(larger, bytes), "cudaMalloc of " + bytes + " bytes for cuDNN");
            if (workspaceBytes > 0) {
                Status.runtime(cudart.cudaFree(workspace), "cudaFree");
            }
            workspace = larger;
            workspaceBytes = bytes;
        }
        return workspace;
    }

    @Override
    public void upload(float[] from, int at, int count, Memory to) {
        try (FloatPointer host = new FloatPointer(count)) {
            host.put(from, at, count);
            Status.runtime(
                    cudart.cudaMemcpy(pointer(to), host, 4L * count, cudart.cudaMemcpyHostToDevice),
                    "cudaMemcpy to the device");
        }
    }

    @Override
    public void upload(int[] from, Memory to) {
        try (IntPointer host = new IntPointer(from)) {
            Status.runtime(
                    cudart.cudaMemcpy(pointer(to), host, 4L * from.length, cudart.cudaMemcpyHostToDevice),
                    "cudaMemcpy to the device");
        }
    }

    @Override
    public void download(Memory from, int count, float[] to, int at) {
        try (FloatPointer host = new FloatPointer(count)) {
            Status.runtime(
                    cudart.cudaMemcpy(host, pointer(from), 4L * count, cudart.cudaMemcpyDeviceToHost),
                    "cudaMemcpy from the device");
            host.get(to, at, count);
        }
    }

    @Override
    public void zero(Memory memory, long cells) {
        Status.runtime(cudart.cudaMemset(pointer(memory), 0, 4 * cells), "cudaMemset");
    }

    @Override
    public void convolve(Convolution shape, int n, Memory x, Memory w, Memory y) {
        convolutions.forward(shape, n, pointer(x), pointer(w), pointer(y));
    }

    @Override
    public void convolveBack(Convolution shape, int n, Memory gy, Memory w, Memory gx) {
        convolutions.backward(shape, n, pointer(gy), pointer(w), pointer(gx));
    }

    /** cuBLAS counts down columns: our rows are its columns, so that y^T = w x^T with both as they lie. */
    @Override
    public void dense(int in, int out, int n, Memory w, Memory x, Memory y) {
        gemm(cublas.CUBLAS_OP_T, out, n, in, w, in, x, in, y, out);
    }

    @Override
    public void denseBack(int in, int out, int n, Memory w, Memory gy, Memory gx) {
        gemm(cublas.CUBLAS_OP_N, in, n, out, w, in, gy, out, gx, in);
    }

    private void gemm(int transposed, int m, int n, int k, Memory a, int lda, Memory b, int ldb, Memory c, int ldc) {
        Status.blas(
                cublas.cublasSgemm_v2(
                        blas,
                        transposed,
                        cublas.CUBLAS_OP_N,
                        m,
                        n,
                        k,
                        one,
                        new FloatPointer(pointer(a)),
                        lda,
                        new FloatPointer(pointer(b)),
                        ldb,
                        zero,
                        new FloatPointer(pointer(c)),
                        ldc),
                "cublasSgemm of " + m + " x " + n + " x " + k);
    }

    @Override
    public void launch(Kernel kernel, int threads, Object... arguments) {
        kernels.launch(kernel, threads, arguments);
    }

    @Override
    public void sync() {
        Status.runtime(cudart.cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    }

    private static Pointer pointer(Memory memory) {
        return (Pointer) memory.handle();
    }

    @Override
    public void close() {
        use();
        sync();
        convolutions.close();
        kernels.close();
        Status.blas(cublas.cublasDestroy_v2(blas), "cublasDestroy");
        if (workspaceBytes > 0) {
            Status.runtime(cudart.cudaFree(workspace), "cudaFree");
        }
        one.close();
        zero.close();
    }
}
