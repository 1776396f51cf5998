package io.neurflow.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.neurflow.api.NeurflowException;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnginesTest {
    private static final Gpu T4 = new Gpu(0, "Tesla T4", 7, 5, 15360, "535.1");
    private static final Gpu H200 = new Gpu(1, "NVIDIA H200", 9, 0, 143771, "580.65.06");
    private static final Gpu P100 = new Gpu(2, "Tesla P100", 6, 0, 16384, "535.1");
    private static final Gpu K40 = new Gpu(3, "Tesla K40", 3, 5, 11520, "470.1");
    private static final String CPU = "CpuBackend";
    private static final String CUDA = "JCublasBackend";

    private static Engines engines(String... backends) {
        return new Engines(
                List.of(T4, H200, P100, K40),
                name -> name.startsWith("org/bytedeco")
                        || List.of(backends).stream().anyMatch(name::contains));
    }

    @Test
    void oneLineSaysWhichDeviceAndBackendRun() {
        assertThat(engines(CUDA).choose(Engine.ND4J_CUDA))
                .hasToString(
                        "ND4J's CUDA backend, nd4j-cuda-11.6 on GPU 0, Tesla T4, compute capability 7.5, 15360 MiB");
        assertThat(engines(CPU).choose(Engine.CUDA_PROBE, 1))
                .hasToString(
                        "CudaProbe (cuDNN 9, cuBLAS, NVRTC) on GPU 1, NVIDIA H200, compute capability 9.0, 143771 MiB");
        assertThat(engines(CPU).choose(Engine.ND4J_CPU)).hasToString("ND4J's CPU backend");
    }

    @Test
    void aCardNewerThanTheBackendIsRefusedAndTheOtherEngineNamed() {
        assertThatThrownBy(() -> engines(CUDA).choose(Engine.ND4J_CUDA, 1))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("3.7 to 8.9")
                .hasMessageContaining("NVIDIA H200")
                .hasMessageEndingWith("use CudaProbe");
    }

    @Test
    void aCardTooOldIsRefused() {
        assertThatThrownBy(() -> engines(CPU).choose(Engine.CUDA_PROBE, 2)).hasMessageEndingWith("use ND4J_CUDA");
        assertThatThrownBy(() -> engines(CPU).choose(Engine.CUDA_PROBE, 3)).hasMessageEndingWith("use ND4J_CPU");
        assertThatThrownBy(() -> engines(CUDA).choose(Engine.ND4J_CUDA, 3)).hasMessageEndingWith("use ND4J_CPU");
    }

    @Test
    void withoutACardAGpuIsRefusedRatherThanReplaced() {
        Engines none = new Engines(List.of(), name -> true);
        for (Engine engine : List.of(Engine.ND4J_CUDA, Engine.CUDA_PROBE)) {
            assertThatThrownBy(() -> none.choose(engine))
                    .isInstanceOf(NeurflowException.class)
                    .hasMessageContaining("no NVIDIA GPU");
        }
    }

    @Test
    void twoBackendsOrTheWrongOneAreRefused() {
        assertThatThrownBy(() -> engines(CPU).choose(Engine.ND4J_CUDA))
                .hasMessageContaining("add nd4j-cuda-11.6-platform");
        assertThatThrownBy(() -> engines(CPU, CUDA).choose(Engine.ND4J_CUDA))
                .hasMessageContaining("exclude nd4j-native");
        assertThatThrownBy(() -> engines(CPU, CUDA).choose(Engine.ND4J_CPU)).hasMessageContaining("one backend");
        assertThatThrownBy(() -> engines().choose(Engine.ND4J_CPU)).hasMessageContaining("add nd4j-native");
        assertThatThrownBy(() -> new Engines(List.of(T4), name -> false).choose(Engine.CUDA_PROBE))
                .hasMessageContaining("org.bytedeco:cuda:13.1-9.19-1.5.13");
    }
}
