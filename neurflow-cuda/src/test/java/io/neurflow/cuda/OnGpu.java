package io.neurflow.cuda;

import static org.junit.jupiter.api.Assumptions.abort;

import io.neurflow.api.ModelProbe;
import io.neurflow.core.graph.GraphLayers;

/** The real driver, in single precision throughout; without a card the test that asks is skipped, with a line that says so. */
final class OnGpu {
    private OnGpu() {}

    static ModelProbe open(GraphLayers layers) {
        if (Gpus.list().stream().noneMatch(gpu -> gpu.index() == 0 && gpu.runsCudaProbe())) {
            return abort("skipped: needs an NVIDIA GPU of compute capability 7.5 or newer");
        }
        return CudaProbe.open(layers, CudaSettings.standard().fullSinglePrecision());
    }
}
