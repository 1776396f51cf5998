package io.neurflow.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchPartsTest {
    @Test
    void operationsOfAConvolutionAreTwoForEachWeightAndPosition() {
        assertThat(Flops.forward(ConvolutionPeak.graph())).isEqualTo(4L * 2 * 256 * 256 * 9 * 14 * 14);
        assertThat(Flops.forwardAndBack(ConvolutionPeak.graph())).isEqualTo(2 * Flops.forward(ConvolutionPeak.graph()));
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertThat(Stopwatch.median(ImmutableDoubleArray.of(3, 1, 2))).isEqualTo(2);
        assertThat(Stopwatch.median(ImmutableDoubleArray.of(4, 1, 3, 2))).isEqualTo(2.5);
    }

    @Test
    void aNameMayHoldColons() {
        assertThat(LayerPair.parse("a:0:b,c : d")).containsExactly(new LayerPair("a:0", "b"), new LayerPair("c", "d"));
        assertThatThrownBy(() -> LayerPair.parse("a:b,:c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("':c' is not");
    }

    @Test
    void smoothPicturesFollowFromTheirSeed() {
        ImageSource first = SmoothPictures.of(3, 5, EmbeddedModel.preprocessing());
        ImmutableIntArray all = ImmutableIntArray.of(0, 1, 2);
        float[] pixels = first.load().inputs(all).toFloats();
        assertThat(SmoothPictures.of(3, 5, EmbeddedModel.preprocessing())
                        .load()
                        .inputs(all)
                        .toFloats())
                .isEqualTo(pixels);
        assertThat(SmoothPictures.of(3, 6, EmbeddedModel.preprocessing())
                        .load()
                        .inputs(all)
                        .toFloats())
                .isNotEqualTo(pixels);
        // Neighbours in a row differ by little against the spread of all: they are smooth, and they are not grey.
        double step = 0;
        double spread = 0;
        double mean = IntStream.range(0, pixels.length)
                .mapToDouble(i -> pixels[i])
                .average()
                .orElseThrow();
        for (int i = 1; i < pixels.length; i++) {
            step += Math.abs(pixels[i] - pixels[i - 1]);
            spread += Math.abs(pixels[i] - mean);
        }
        assertThat(step).isLessThan(0.25 * spread);
        assertThat(spread / pixels.length).isGreaterThan(0.2);
    }

    @Test
    void anArrayIsWrittenAsNumPyReadsIt(@TempDir Path folder) throws IOException {
        float[] values = new float[70_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 7f;
        }
        Path file = folder.resolve("a.npy");
        NpyFile.write(file, values, 7, 10_000);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(new String(bytes.array(), 1, 5, StandardCharsets.US_ASCII)).isEqualTo("NUMPY");
        int header = bytes.getShort(8);
        assertThat((10 + header) % 64).isZero();
        assertThat(new String(bytes.array(), 10, header, StandardCharsets.US_ASCII))
                .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (7, 10000), }")
                .endsWith("\n");
        bytes.position(10 + header);
        for (float value : values) {
            assertThat(bytes.getFloat()).isEqualTo(value);
        }
        assertThat(bytes.hasRemaining()).isFalse();
        NpyFile.write(file, new float[] {1}, 1);
        assertThat(file).content(StandardCharsets.ISO_8859_1).contains("'shape': (1,), }");
    }

    @Test
    void aTimedProbeAndAPlainOneGiveTheSameAnswers() {
        try (ModelProbe probe = SameDiffProbe.open(EmbeddedModel.graph(), LayerPlan.of("block3"))) {
            Tensor inputs = SmoothPictures.of(2, 1, EmbeddedModel.preprocessing())
                    .load()
                    .inputs(ImmutableIntArray.of(0, 1));
            StageClock clock = new StageClock("start");
            ModelProbe timed = clock.timed(probe);
            Layer lower = probe.layer("block3");
            Tensor x = timed.forward(inputs, lower);
            assertThat(x.toFloats()).isEqualTo(probe.forward(inputs, lower).toFloats());
            var target = probe.logits().neuron(2);
            double[][] known =
                    probe.importance(lower, x, target, Quadrature.midpoint(4)).values();
            assertThat(timed.importance(lower, x, target, Quadrature.midpoint(4))
                            .values())
                    .isDeepEqualTo(known);
            double[][] plain = new PlainProbe(probe)
                    .importance(lower, x, target, Quadrature.midpoint(4))
                    .values();
            assertThat(BlockBench.relativeL2(known, plain)).isLessThan(5e-4);
            assertThatThrownBy(() -> timed.forward(x, lower)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void stagesAreKeptInTheOrderInWhichTheyBegan() throws InterruptedException {
        StageClock clock = new StageClock("reading");
        List<String> heard = new ArrayList<>();
        ProgressListener listener = clock.before(progress -> heard.add(progress.stage()));
        for (String stage : List.of("one", "two")) {
            Thread.sleep(20);
            listener.onProgress(new Progress(stage, 0, 2, Duration.ZERO));
            Thread.sleep(20);
            listener.onProgress(new Progress(stage, 2, 2, Duration.ZERO));
        }
        Thread.sleep(20);
        assertThat(heard).containsExactly("one", "one", "two", "two");
        assertThat(clock.table().lines().map(line -> line.replaceFirst("^\\s*\\S+ s  ", "")))
                .startsWith("reading", "one", "after one", "two", "after two", "in all");
    }
}
