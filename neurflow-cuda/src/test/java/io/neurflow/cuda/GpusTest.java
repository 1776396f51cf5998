package io.neurflow.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.neurflow.api.NeurflowException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpusTest {

    @Test
    void anAnswerOfTheDriverIsUnderstood() {
        assertThat(Gpus.parse("0, NVIDIA H200, 9.0, 143771, 580.65.06\n1, Tesla T4, 7.5, 15360, 535.1\n\n"))
                .containsExactly(
                        new Gpu(0, "NVIDIA H200", 9, 0, 143771, "580.65.06"),
                        new Gpu(1, "Tesla T4", 7, 5, 15360, "535.1"));
    }

    @Test
    void onlyCardsThatTheBackendHasCodeForRunIt() {
        assertThat(new Gpu(0, "K80", 3, 7, 1, "x").runsNd4jCuda()).isTrue();
        assertThat(new Gpu(0, "L4", 8, 9, 1, "x").runsNd4jCuda()).isTrue();
        assertThat(new Gpu(0, "K40", 3, 5, 1, "x").runsNd4jCuda()).isFalse();
        Gpu hopper = new Gpu(0, "NVIDIA H200", 9, 0, 143771, "580.65.06");
        assertThat(hopper.runsNd4jCuda()).isFalse();
        assertThat(hopper)
                .hasToString("GPU 0: NVIDIA H200, compute capability 9.0, 143771 MiB, driver 580.65.06: for CudaProbe;"
                        + " nd4j-cuda-11.6 has code for 3.7 to 8.9 only");
        assertThat(hopper.runsCudaProbe()).isTrue();
        assertThat(new Gpu(0, "T4", 7, 5, 1, "x").runsCudaProbe()).isTrue();
        assertThat(new Gpu(0, "V100", 7, 0, 1, "x").runsCudaProbe()).isFalse();
        assertThat(new Gpu(0, "K40", 3, 5, 1, "x").toString()).contains("use the CPU backend");
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> Gpus.parse("NVIDIA-SMI has failed"))
                .isInstanceOf(NeurflowException.class)
                .hasMessage(
                        "expected 'index, name, compute capability, memory, driver' of a GPU, but got 'NVIDIA-SMI has"
                                + " failed'; check the NVIDIA driver");
    }

    @Test
    void withoutADriverThereAreNoCards() {
        assertThat(Gpus.list(List.of("a-program-that-does-not-exist"))).isEmpty();
    }
}
