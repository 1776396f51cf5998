package io.neurflow.cuda;

import io.neurflow.api.NeurflowException;
import io.neurflow.core.graph.Op;
import java.util.ArrayDeque;
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
import org.bytedeco.javacpp.SizeTPointer;

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

    /** A way to compute it. */
    private record Choice(int algorithm, int math, long workspace) {}

    /** What is known of a convolution; of its choices the first is used, and dropped if cuDNN turns out not to support it. */
    private record Prepared(
            cudnnTensorStruct x,
            cudnnTensorStruct y,
            cudnnFilterStruct w,
            cudnnConvolutionStruct convolution,
            ArrayDeque<Choice> choices) {
        void destroy() {
            Status.dnn(cudnn.cudnnDestroyTensorDescriptor(x), "cudnnDestroyTensorDescriptor");
            Status.dnn(cudnn.cudnnDestroyTensorDescriptor(y), "cudnnDestroyTensorDescriptor");
            Status.dnn(cudnn.cudnnDestroyFilterDescriptor(w), "cudnnDestroyFilterDescriptor");
            Status.dnn(cudnn.cudnnDestroyConvolutionDescriptor(convolution), "cudnnDestroyConvolutionDescriptor");
        }
    }

    /** A call of cuDNN with some choice: its status. */
    @FunctionalInterface
    private interface Call {
        int run(Prepared p, Choice choice, Pointer scratch);
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
        carryOut(
                new Key(shape, n, false),
                (p, choice, scratch) -> cudnn.cudnnConvolutionForward(
                        handle,
                        one,
                        p.x,
                        x,
                        p.w,
                        w,
                        p.convolution,
                        choice.algorithm,
                        scratch,
                        choice.workspace,
                        zero,
                        p.y,
                        y));
    }

    void backward(Convolution shape, int n, Pointer gy, Pointer w, Pointer gx) {
        carryOut(
                new Key(shape, n, true),
                (p, choice, scratch) -> cudnn.cudnnConvolutionBackwardData(
                        handle,
                        one,
                        p.w,
                        w,
                        p.y,
                        gy,
                        p.convolution,
                        choice.algorithm,
                        scratch,
                        choice.workspace,
                        zero,
                        p.x,
                        gx));
    }

    /** What cuDNN suggests without running it may still be refused when it is called: then the next is taken, for good. */
    private void carryOut(Key key, Call call) {
        Prepared p = prepared(key);
        Choice choice = p.choices.getFirst();
        int status = call.run(p, choice, workspace.apply(choice.workspace));
        while (isUnsupported(status) && p.choices.size() > 1) {
            p.choices.removeFirst();
            choice = p.choices.getFirst();
            Status.dnn(cudnn.cudnnSetConvolutionMathType(p.convolution, choice.math), "cudnnSetConvolutionMathType");
            status = call.run(p, choice, workspace.apply(choice.workspace));
        }
        Status.dnn(status, key.toString());
    }

    /** Statuses come in groups of a thousand. */
    private static boolean isUnsupported(int status) {
        return status >= cudnn.CUDNN_STATUS_NOT_SUPPORTED && status < cudnn.CUDNN_STATUS_INTERNAL_ERROR;
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
        Status.dnn(cudnn.cudnnSetConvolutionMathType(c, math()), "cudnnSetConvolutionMathType of " + s);
        Prepared p = new Prepared(x, y, w, c, new ArrayDeque<>());
        if (key.back) {
            suggestedBack(p, key);
        } else {
            suggested(p, key);
        }
        // The plainest comes last; of the two ways back that always exist the one that adds up in one order.
        int last = key.back ? cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1 : cudnn.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM;
        if (p.choices.stream().noneMatch(choice -> choice.algorithm == last && choice.math == math())) {
            add(p, key.back, last, math(), Long.MAX_VALUE);
        }
        if (p.choices.isEmpty()) {
            throw new NeurflowException("expected cuDNN to have an algorithm for " + key + ", but it has none"
                    + "; use anyOrder() in CudaSettings, or SameDiffProbe");
        }
        Status.dnn(
                cudnn.cudnnSetConvolutionMathType(c, p.choices.getFirst().math), "cudnnSetConvolutionMathType of " + s);
        return p;
    }

    /** The default lets cuDNN use TF32; FMA does not. */
    private int math() {
        return tf32 ? cudnn.CUDNN_DEFAULT_MATH : cudnn.CUDNN_FMA_MATH;
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

    /** Those of cuDNN's suggestions that are allowed, fastest first. */
    private void suggested(Prepared p, Key key) {
        int most = cudnn.CUDNN_CONVOLUTION_FWD_ALGO_COUNT;
        int[] found = new int[1];
        try (cudnnConvolutionFwdAlgoPerf_t suggestions = new cudnnConvolutionFwdAlgoPerf_t(most)) {
            Status.dnn(
                    cudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                            handle, p.x, p.w, p.convolution, p.y, most, found, suggestions),
                    "cudnnGetConvolutionForwardAlgorithm_v7 of " + key);
            for (int i = 0; i < found[0]; i++) {
                cudnnConvolutionFwdAlgoPerf_t each = suggestions.getPointer(i);
                if (isAllowed(each.status(), each.determinism(), each.mathType())) {
                    add(p, false, each.algo(), tf32 ? each.mathType() : math(), WORKSPACE);
                }
            }
        }
    }

    private void suggestedBack(Prepared p, Key key) {
        int most = cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT;
        int[] found = new int[1];
        try (cudnnConvolutionBwdDataAlgoPerf_t suggestions = new cudnnConvolutionBwdDataAlgoPerf_t(most)) {
            Status.dnn(
                    cudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                            handle, p.w, p.y, p.convolution, p.x, most, found, suggestions),
                    "cudnnGetConvolutionBackwardDataAlgorithm_v7 of " + key);
            for (int i = 0; i < found[0]; i++) {
                cudnnConvolutionBwdDataAlgoPerf_t each = suggestions.getPointer(i);
                if (isAllowed(each.status(), each.determinism(), each.mathType())) {
                    add(p, true, each.algo(), tf32 ? each.mathType() : math(), WORKSPACE);
                }
            }
        }
    }

    /** Asks how much scratch memory it takes in that mode, since the suggestion may have had another in mind. */
    private void add(Prepared p, boolean back, int algorithm, int math, long most) {
        Status.dnn(cudnn.cudnnSetConvolutionMathType(p.convolution, math), "cudnnSetConvolutionMathType");
        try (SizeTPointer size = new SizeTPointer(1)) {
            int status = back
                    ? cudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
                            handle, p.w, p.y, p.convolution, p.x, algorithm, size)
                    : cudnn.cudnnGetConvolutionForwardWorkspaceSize(
                            handle, p.x, p.w, p.convolution, p.y, algorithm, size);
            if (status == cudnn.CUDNN_STATUS_SUCCESS && size.get() <= most) {
                p.choices.add(new Choice(algorithm, math, size.get()));
            }
        }
    }

    /** In TF32 plain arithmetic is welcome too: cards before Ampere have nothing else. Half precision never is. */
    private boolean isAllowed(int status, int determinism, int math) {
        boolean precise = math == cudnn.CUDNN_DEFAULT_MATH || math == cudnn.CUDNN_FMA_MATH;
        return status == cudnn.CUDNN_STATUS_SUCCESS
                && (!repeatable || determinism == cudnn.CUDNN_DETERMINISTIC)
                && (precise || (tf32 && math == cudnn.CUDNN_TENSOR_OP_MATH));
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
