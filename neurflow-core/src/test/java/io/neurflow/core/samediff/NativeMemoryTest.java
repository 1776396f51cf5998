package io.neurflow.core.samediff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableSet;
import io.neurflow.api.Layer;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Memory outside the Java heap, which the garbage collector does not see. */
class NativeMemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int CALLS = 300;

    /** One array of a single call is 4 MiB: what is not given back would add up to several GiB. */
    @Test
    void staysFlatOverHundredsOfCalls() throws IOException {
        assumeTrue(Files.isReadable(STATUS), "the system does not say how much memory a process has");
        try (SameDiffProbe probe = SameDiffProbe.open(maps())) {
            Tensor x = Tensor.ofFloats(1, probe.inputShape(), new float[1 << 20]);
            Layer first = probe.layers().get(0);
            calls(probe, x, first, 20);
            long before = residentMegabytes();
            calls(probe, x, first, CALLS);
            assertThat(residentMegabytes() - before).isLessThan(400);
        }
    }

    @Test
    void anArrayGivenBackIsUsedAgain() {
        try (Pool pool = new Pool()) {
            INDArray first = pool.allocate(true, DataType.FLOAT, 3, 4);
            pool.release(first);
            INDArray second = pool.allocate(false, DataType.FLOAT, 6, 2);
            assertThat(second.data()).isSameAs(first.data());
            assertThat(second.shape()).containsExactly(6, 2);
            INDArray third = pool.allocate(false, DataType.FLOAT, 6, 2);
            assertThat(third.data()).isNotSameAs(second.data());
            pool.reclaim();
            assertThat(pool.allocate(false, DataType.FLOAT, 12).data()).isIn(second.data(), third.data());
        }
    }

    @Test
    void closingGivesEverythingBack() {
        Pool pool = new Pool();
        INDArray kept = pool.allocate(true, DataType.FLOAT, 5);
        pool.release(kept);
        INDArray lent = pool.allocate(true, DataType.FLOAT, 7);
        pool.close();
        assertThat(kept.data().wasClosed()).isTrue();
        assertThat(lent.data().wasClosed()).isTrue();
    }

    private static void calls(SameDiffProbe probe, Tensor x, Layer first, int count) {
        for (int i = 0; i < count; i++) {
            probe.pooled(x, ImmutableSet.of(first, probe.logits()));
        }
    }

    private static long residentMegabytes() throws IOException {
        String line = Files.readAllLines(STATUS).stream()
                .filter(l -> l.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    }

    private static GraphLayers maps() {
        Shape input = new Shape(1, 1024, 1024);
        NetworkGraph.Builder builder = NetworkGraph.builder("maps", "digest of maps", input);
        int last = NetworkGraph.INPUT;
        for (int i = 0; i < 4; i++) {
            last = builder.add("scale" + i, "scale" + i, "module", scale(), last);
            last = builder.add(
                    "relu" + i, "relu" + i, "module", new Op.Elementwise(Op.Elementwise.Function.RELU, 0, 0), last);
        }
        int lower = last;
        int top = builder.add("top", "top", "module", new Op.GlobalAveragePool(), last);
        return GraphLayers.of(builder.build(top), Map.of("relu3", lower, "top", top));
    }

    private static Op scale() {
        return new Op.Affine(Weights.of(2), Weights.of(1));
    }
}
