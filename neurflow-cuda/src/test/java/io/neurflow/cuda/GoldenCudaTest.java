package io.neurflow.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The golden numbers that travel with the sources, on a driver in plain Java. */
class GoldenCudaTest {
    @Test
    void theTinyCaseGivesItsGoldenNumbers() {
        Path folder = Path.of("..", "neurflow-core", "src", "test", "resources", "golden", "tiny-paper");
        GoldenCheck.Differences off = GoldenCheck.of(
                folder,
                folder.resolve("model.onnx"),
                layers -> CudaProbe.on(layers, "on the host", List.of(HostDriver.large())));
        assertThat(off.logits()).as(off.toString()).isLessThan(2e-5);
        assertThat(off.pooled()).as(off.toString()).isLessThan(2e-5);
        // The reference probe is 1.0e-4 of the largest score off at one patch of layer2.
        assertThat(off.scores()).as(off.toString()).isLessThan(2e-4);
        assertThat(off.compared()).isGreaterThanOrEqualTo(2);
    }
}
