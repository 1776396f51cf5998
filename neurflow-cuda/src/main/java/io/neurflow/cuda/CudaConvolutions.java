package io.neurflow.cuda;

import io.neurflow.core.graph.Op;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.cuda.cudnn.cudnnConvolutionBwdDataAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionFwdAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionStruct;
import org.bytedeco.cuda.cudnn.cudnnFilterStruct;
import org.bytedeco.cuda.cudnn.cudnnTensorStruct;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * cuDNN's convolutions of one device: descriptors and the choice of algorithm are made once for each shape and batch. By
 * cuDNN's classic functions, which cuDNN 9 still has but calls deprecated: one call where its graphs take a dozen.
 */
@SuppressWarnings("deprecation")
final class CudaConvolutions implements AutoCloseable {
    private static final int MOST = 512;
    /** Algorithms that want more scratch memory are passed over. */
    private static final long WORKSPACE = 1L << 30;

    private record Key(Convolution shape, int n, boolean back) {}

    /** What is known of a convolution. */
    private record Prepared(
            cudnnTensorStruct x,
            cudnnTensorStruct y,
            cudnnFilterStruct w,
            cudnnConvolutionStruct convolution,
            int algorithm,
            long workspace) {
        void destroy() {
            Status.dnn(cudnn.cudnnDestroyTensorDescriptor(x), "cudnnDestroyTensorDescriptor");
            Status.dnn(cudnn.cudnnDestroyTensorDescriptor(y), "cudnnDestroyTensorDescriptor");
            Status.dnn(cudnn.cudnnDestroyFilterDescriptor(w), "cudnnDestroyFilterDescriptor");
            Status.dnn(cudnn.cudnnDestroyConvolutionDescriptor(convolution), "cudnnDestroyConvolutionDescriptor");
        }
    }

    private final cudnnContext handle = new cudnnContext();
    private final boolean tf32;
    private final boolean repeatable;
    private final LongFunction<Pointer> workspace;
    private final Map<Key, Prepared> prepared = new LinkedHashMap<>(64, 0.75f, true);
    private final FloatPointer one = new FloatPointer(1f);
    private final FloatPointer zero = new FloatPointer(0f);

    /**
     * On the current device.
     *
     * @param workspace gives scratch memory of so many bytes, good until it is asked again
     */
    CudaConvolutions(CudaSettings settings, LongFunction<Pointer> workspace) {
        this.tf32 = settings.isTf32();
        this.repeatable = settings.isRepeatable();
        this.workspace = workspace;
        Status.dnn(cudnn.cudnnCreate(handle), "cudnnCreate");
    }

    void forward(Convolution shape, int n, Pointer x, Pointer w, Pointer y) {
        Prepared p = prepared(new Key(shape, n, false));
        Status.dnn(
                cudnn.cudnnConvolutionForward(
                        handle,
                        one,
                        p.x,
                        x,
                        p.w,
                        w,
                        p.convolution,
                        p.algorithm,
                        workspace.apply(p.workspace),
                        p.workspace,
                        zero,
                        p.y,
                        y),
                "cudnnConvolutionForward of " + n + " x " + shape);
    }

    void backward(Convolution shape, int n, Pointer gy, Pointer w, Pointer gx) {
        Prepared p = prepared(new Key(shape, n, true));
        Status.dnn(
                cudnn.cudnnConvolutionBackwardData(
                        handle,
                        one,
                        p.w,
                        w,
                        p.y,
                        gy,
                        p.convolution,
                        p.algorithm,
                        workspace.apply(p.workspace),
                        p.workspace,
                        zero,
                        p.x,
                        gx),
                "cudnnConvolutionBackwardData of " + n + " x " + shape);
    }

    private Prepared prepared(Key key) {
        Prepared known = prepared.get(key);
        if (known == null) {
            if (prepared.size() >= MOST) {
                Key oldest = prepared.keySet().iterator().next();
                Prepared old = prepared.remove(oldest);
                if (old != null) {
                    old.destroy();
                }
            }
            known = prepare(key);
            prepared.put(key, known);
        }
        return known;
    }

    private Prepared prepare(Key key) {
        Convolution s = key.shape;
        Op.Window k = s.window();
        cudnnTensorStruct x = map(key.n, s.in(), s.height(), s.width());
        cudnnTensorStruct y = map(key.n, s.out(), s.outHeight(), s.outWidth());
        cudnnFilterStruct w = new cudnnFilterStruct();
        Status.dnn(cudnn.cudnnCreateFilterDescriptor(w), "cudnnCreateFilterDescriptor");
        Status.dnn(
                cudnn.cudnnSetFilter4dDescriptor(
                        w,
                        cudnn.CUDNN_DATA_FLOAT,
                        cudnn.CUDNN_TENSOR_NCHW,
                        s.out(),
                        s.in() / s.groups(),
                        k.height(),
                        k.width()),
                "cudnnSetFilter4dDescriptor of " + s);
        cudnnConvolutionStruct c = new cudnnConvolutionStruct();
        Status.dnn(cudnn.cudnnCreateConvolutionDescriptor(c), "cudnnCreateConvolutionDescriptor");
        Status.dnn(
                cudnn.cudnnSetConvolution2dDescriptor(
                        c,
                        k.padding().top(),
                        k.padding().left(),
                        k.strideY(),
                        k.strideX(),
                        k.dilationY(),
                        k.dilationX(),
                        cudnn.CUDNN_CROSS_CORRELATION,
                        cudnn.CUDNN_DATA_FLOAT),
                "cudnnSetConvolution2dDescriptor of " + s);
        Status.dnn(cudnn.cudnnSetConvolutionGroupCount(c, s.groups()), "cudnnSetConvolutionGroupCount of " + s);
        // The default lets cuDNN use TF32; FMA does not.
        int math = tf32 ? cudnn.CUDNN_DEFAULT_MATH : cudnn.CUDNN_FMA_MATH;
        Status.dnn(cudnn.cudnnSetConvolutionMathType(c, math), "cudnnSetConvolutionMathType of " + s);
        return key.back ? chosenBack(x, y, w, c, key) : chosen(x, y, w, c, key);
    }

    private static cudnnTensorStruct map(int n, int channels, int height, int width) {
        cudnnTensorStruct map = new cudnnTensorStruct();
        Status.dnn(cudnn.cudnnCreateTensorDescriptor(map), "cudnnCreateTensorDescriptor");
        Status.dnn(
                cudnn.cudnnSetTensor4dDescriptor(
                        map, cudnn.CUDNN_TENSOR_NCHW, cudnn.CUDNN_DATA_FLOAT, n, channels, height, width),
                "cudnnSetTensor4dDescriptor of " + n + " x " + channels + " x " + height + " x " + width);
        return map;
    }

    /** The first of cuDNN's suggestions that is allowed. */
    private Prepared chosen(
            cudnnTensorStruct x, cudnnTensorStruct y, cudnnFilterStruct w, cudnnConvolutionStruct c, Key key) {
        int most = cudnn.CUDNN_CONVOLUTION_FWD_ALGO_COUNT;
        int[] found = new int[1];
        try (cudnnConvolutionFwdAlgoPerf_t suggestions = new cudnnConvolutionFwdAlgoPerf_t(most)) {
            Status.dnn(
                    cudnn.cudnnGetConvolutionForwardAlgorithm_v7(handle, x, w, c, y, most, found, suggestions),
                    "cudnnGetConvolutionForwardAlgorithm_v7 of " + key);
            for (int i = 0; i < found[0]; i++) {
                cudnnConvolutionFwdAlgoPerf_t one = suggestions.getPointer(i);
                if (isAllowed(one.status(), one.memory(), one.determinism(), one.mathType())) {
                    Status.dnn(cudnn.cudnnSetConvolutionMathType(c, one.mathType()), "cudnnSetConvolutionMathType");
                    return new Prepared(x, y, w, c, one.algo(), one.memory());
                }
            }
        }
        return new Prepared(x, y, w, c, cudnn.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, 0);
    }

    private Prepared chosenBack(
            cudnnTensorStruct x, cudnnTensorStruct y, cudnnFilterStruct w, cudnnConvolutionStruct c, Key key) {
        int most = cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT;
        int[] found = new int[1];
        try (cudnnConvolutionBwdDataAlgoPerf_t suggestions = new cudnnConvolutionBwdDataAlgoPerf_t(most)) {
            Status.dnn(
                    cudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, w, y, c, x, most, found, suggestions),
                    "cudnnGetConvolutionBackwardDataAlgorithm_v7 of " + key);
            for (int i = 0; i < found[0]; i++) {
                cudnnConvolutionBwdDataAlgoPerf_t one = suggestions.getPointer(i);
                if (isAllowed(one.status(), one.memory(), one.determinism(), one.mathType())) {
                    Status.dnn(cudnn.cudnnSetConvolutionMathType(c, one.mathType()), "cudnnSetConvolutionMathType");
                    return new Prepared(x, y, w, c, one.algo(), one.memory());
                }
            }
        }
        // The one of the two that always exist which adds up in one order.
        return new Prepared(x, y, w, c, cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1, 0);
    }

    private boolean isAllowed(int status, long memory, int determinism, int math) {
        return status == cudnn.CUDNN_STATUS_SUCCESS
                && memory <= WORKSPACE
                && (!repeatable || determinism == cudnn.CUDNN_DETERMINISTIC)
                && (tf32
                        ? math == cudnn.CUDNN_DEFAULT_MATH || math == cudnn.CUDNN_TENSOR_OP_MATH
                        : math == cudnn.CUDNN_FMA_MATH);
    }

    @Override
    public void close() {
        prepared.values().forEach(Prepared::destroy);
        prepared.clear();
        Status.dnn(cudnn.cudnnDestroy(handle), "cudnnDestroy");
        one.close();
        zero.close();
    }
}
