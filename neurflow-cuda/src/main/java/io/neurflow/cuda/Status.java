package io.neurflow.cuda;

import io.neurflow.api.NeurflowException;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** Looks at what calls of CUDA's libraries return: every error names the call, the status, and what to do. */
final class Status {
    private static final String ADVICE =
            "look at nvidia-smi and the driver's log; after an error inside a kernel the process has to be started anew";

    private Status() {}

    static void runtime(int status, String call) {
        if (status == cudart.cudaErrorMemoryAllocation) {
            cudart.cudaGetLastError(); // so that it is not found again by the next call
            throw new OutOfDeviceMemoryException(call + " ran out of memory");
        }
        if (status != cudart.cudaSuccess) {
            throw failed(call, status, cudart.cudaGetErrorString(status), ADVICE);
        }
    }

    static void driver(int status, String call) {
        if (status == cudart.CUDA_ERROR_OUT_OF_MEMORY) {
            throw new OutOfDeviceMemoryException(call + " ran out of memory");
        }
        if (status != cudart.CUDA_SUCCESS) {
            try (PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
                boolean known = cudart.cuGetErrorString(status, text) == cudart.CUDA_SUCCESS;
                throw failed(call, status, known ? text.get(BytePointer.class, 0) : new BytePointer("?"), ADVICE);
            }
        }
    }

    static void dnn(int status, String call) {
        if (status == cudnn.CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED
                || status == cudnn.CUDNN_STATUS_ALLOC_FAILED) {
            throw new OutOfDeviceMemoryException(call + " ran out of memory");
        }
        if (status != cudnn.CUDNN_STATUS_SUCCESS) {
            throw failed(
                    call,
                    status,
                    cudnn.cudnnGetErrorString(status),
                    "check that all libcudnn*.so.9 are of one version and match the card");
        }
    }

    static void blas(int status, String call) {
        if (status == cublas.CUBLAS_STATUS_ALLOC_FAILED) {
            throw new OutOfDeviceMemoryException(call + " ran out of memory");
        }
        if (status != cublas.CUBLAS_STATUS_SUCCESS) {
            throw failed(call, status, cublas.cublasGetStatusString(status), ADVICE);
        }
    }

    static void compiler(int status, String call, String log) {
        if (status != nvrtc.NVRTC_SUCCESS) {
            throw failed(call, status, nvrtc.nvrtcGetErrorString(status), "report it with this log: " + log);
        }
    }

    private static NeurflowException failed(String call, int status, BytePointer text, String advice) {
        String says = text == null ? "?" : text.getString();
        return new NeurflowException(
                "expected " + call + " to succeed, but it returned " + status + " (" + says + "); " + advice);
    }
}
