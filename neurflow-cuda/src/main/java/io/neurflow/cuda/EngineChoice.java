package io.neurflow.cuda;

import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import java.util.Optional;

/**
 * An engine and the device that it runs on; {@code toString} is the one line that says so.
 *
 * @param engine what computes
 * @param gpu the card, empty for the CPU
 */
public record EngineChoice(Engine engine, Optional<Gpu> gpu) {

    /**
     * Makes sure that a probe runs on what was chosen. ND4J takes the backend that it finds, whatever one wanted; this tells.
     *
     * @param probe an open probe
     * @return the probe
     * @throws NeurflowException if it runs on something else
     */
    public ModelProbe confirm(ModelProbe probe) {
        String actual = probe.info().engine();
        String expected =
                switch (engine) {
                    case ND4J_CPU -> "CpuBackend";
                    case ND4J_CUDA -> "JCublasBackend";
                    case CUDA_PROBE -> CudaProbe.ENGINE;
                };
        if (!actual.contains(expected)) {
            throw new NeurflowException("expected a probe on " + this + ", but it runs on '" + actual
                    + "'; open the probe of that engine, with its backend alone on the class path");
        }
        return probe;
    }

    @Override
    public String toString() {
        return switch (engine) {
                    case ND4J_CPU -> "ND4J's CPU backend";
                    case ND4J_CUDA -> "ND4J's CUDA backend, nd4j-cuda-11.6";
                    case CUDA_PROBE -> "CudaProbe (cuDNN 9, cuBLAS, NVRTC)";
                }
                + gpu.map(card -> " on GPU " + card.index() + ", " + card.name() + ", compute capability "
                                + card.major() + "." + card.minor() + ", " + card.memoryMebibytes() + " MiB")
                        .orElse("");
    }
}
