package io.neurflow.cuda;

/** What can compute a network graph, and where. */
public enum Engine {
    /** {@code SameDiffProbe} on ND4J's CPU backend, {@code nd4j-native}. */
    ND4J_CPU,
    /** {@code SameDiffProbe} on ND4J's CUDA backend, {@code nd4j-cuda-11.6}: compute capability 3.7 to 8.9. */
    ND4J_CUDA,
    /** {@link CudaProbe} on cuDNN 9, cuBLAS and NVRTC of CUDA 13: compute capability 7.5 and newer. */
    CUDA_PROBE
}
