package io.neurflow.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import io.neurflow.core.graph.GraphLayers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuCheckTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void withoutACardOneLineSaysSoAndTheCodeIsItsOwn() {
        assertThat(GpuCheck.run(out, new Engines(List.of(), name -> true))).isEqualTo(3);
        assertThat(printed().lines()).containsExactly("no NVIDIA GPU on this machine: nothing was checked");
    }

    @Test
    void aCardThatWillNotDoIsNamed() {
        Engines old = new Engines(List.of(new Gpu(0, "Tesla P100", 6, 0, 16384, "535.1")), name -> true);
        assertThat(GpuCheck.run(out, old)).isEqualTo(2);
        assertThat(printed()).startsWith("stopped: ").contains("Tesla P100");
    }

    @Test
    void theBenchmarkRunsThroughOnASmallNetwork() {
        try (HostDriver driver = HostDriver.large()) {
            Benchmark benchmark = new Benchmark(driver, ImmutableMap.of("residual block2 <- block1", 1e9), 0, out);
            benchmark.limits(8, 1000);
            benchmark.pairs(SmallNets.residual(), 3);
            benchmark.circuit(SmallNets.residual(), 8);
            assertThat(driver.isClosed()).isFalse();
            assertThat(driver.live()).isZero();
        }
        assertThat(printed())
                .contains("matrix product, 8")
                .contains("block2 <- block1")
                .contains("PyTorch 1000000000")
                .contains("residual, circuit, 8 patches");
    }

    @Test
    void theRivalsTimesAreRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("times");
        Files.writeString(file, "ResNet50 layer4.2 layer4.1 0.25\nsomething else\n");
        assertThat(GpuCheck.rival(file.toString()))
                .containsExactly(java.util.Map.entry("ResNet50 layer4.2 <- layer4.1", 0.25));
        assertThat(GpuCheck.rival(null)).isEmpty();
    }

    @Test
    void theArchitecturesAreThoseOfTheirNames() {
        GraphLayers resNet = Architectures.resNet50(1);
        assertThat(resNet.layers()).hasSize(11);
        assertThat(resNet.layers().get(0)).hasToString("layer2.3 512x28x28");
        assertThat(resNet.layers().get(9)).hasToString("layer4.2 2048x7x7");
        GraphLayers googLeNet = Architectures.googLeNet(1);
        assertThat(googLeNet.layers()).hasSize(11);
        assertThat(googLeNet.layers().get(9)).hasToString("inception5b 1024x7x7");
        assertThat(googLeNet.layers().get(2)).hasToString("inception3b 480x28x28");
    }
}
