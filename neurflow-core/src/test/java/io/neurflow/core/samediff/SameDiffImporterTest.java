package io.neurflow.core.samediff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.reference.ReferenceProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig;
import org.nd4j.linalg.factory.Nd4j;

class SameDiffImporterTest {
    private static final long SEED = 4;

    @TempDir
    private Path folder;

    private final Random random = new Random(SEED);

    private INDArray gaussian(double size, long... shape) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, size * random.nextGaussian());
        }
        return array;
    }

    private static Conv2DConfig conv(
            int k, int stride, int pad, int dilation, PaddingMode mode, boolean last, WeightsFormat w) {
        return Conv2DConfig.builder()
                .kH(k)
                .kW(k)
                .sH(stride)
                .sW(stride)
                .pH(pad)
                .pW(pad)
                .dH(dilation)
                .dW(dilation)
                .paddingMode(mode)
                .dataFormat(last ? "NHWC" : "NCHW")
                .weightsFormat(w)
                .build();
    }

    private static Pooling2DConfig pool(int k, int stride, int pad, PaddingMode mode, boolean last) {
        return Pooling2DConfig.builder()
                .kH(k)
                .kW(k)
                .sH(stride)
                .sW(stride)
                .pH(pad)
                .pW(pad)
                .paddingMode(mode)
                .isNHWC(last)
                .build();
    }

    /** A network with all kinds of operators, channels first or last. */
    private SameDiff network(boolean last, WeightsFormat format) {
        SameDiff sd = SameDiff.create();
        SDVariable x = last
                ? sd.placeHolder("image", DataType.FLOAT, -1, 13, 11, 3)
                : sd.placeHolder("image", DataType.FLOAT, -1, 3, 13, 11);
        int channels = last ? 3 : 1;
        x = x.sub(sd.constant(last ? gaussian(1, 1, 1, 1, 3) : gaussian(1, 1, 3, 1, 1)))
                .mul(0.7);
        SDVariable w =
                sd.var("w1", format == WeightsFormat.OIYX ? gaussian(0.3, 8, 3, 3, 3) : gaussian(0.3, 3, 3, 3, 8));
        SDVariable y =
                sd.cnn().conv2d(x, w, sd.var(gaussian(0.1, 8)), conv(3, 2, 0, 1, PaddingMode.SAME, last, format));
        INDArray variance = gaussian(1, 8);
        y = sd.nn()
                .batchNorm(
                        y,
                        sd.constant(gaussian(0.1, 8)),
                        sd.constant(variance.mul(variance).add(0.5)),
                        sd.var(gaussian(1, 8)),
                        sd.var(gaussian(0.1, 8)),
                        1e-3,
                        channels);
        SDVariable first = sd.nn().relu("first", y, 0);
        SDVariable deep = sd.cnn()
                .depthWiseConv2d(
                        first,
                        sd.var(gaussian(0.3, 3, 3, 8, 2)),
                        conv(3, 1, 1, 1, PaddingMode.VALID, last, WeightsFormat.YXIO));
        deep = sd.nn().relu6("deep", deep, 0);
        SDVariable wide = sd.cnn()
                .conv2d(
                        first,
                        sd.var(format == WeightsFormat.OIYX ? gaussian(0.2, 4, 8, 3, 3) : gaussian(0.2, 3, 3, 8, 4)),
                        conv(3, 1, 1, 1, PaddingMode.VALID, last, format));
        wide = sd.nn().leakyRelu("wide", wide, 0.1);
        SDVariable joined = sd.concat("joined", channels, deep, wide);
        SDVariable large = sd.cnn().maxPooling2d(joined, pool(3, 2, 0, PaddingMode.SAME, last));
        SDVariable mean = sd.cnn().avgPooling2d(joined, pool(3, 2, 1, PaddingMode.VALID, last));
        SDVariable both = large.add("both", mean);
        int[][] amounts =
                last ? new int[][] {{0, 0}, {1, 0}, {0, 2}, {0, 0}} : new int[][] {{0, 0}, {0, 0}, {1, 0}, {0, 2}};
        SDVariable padded = sd.nn().pad(both, sd.constant(Nd4j.createFromArray(amounts)), 0.5);
        SDVariable gate = sd.nn().sigmoid(sd.mean(padded, true, last ? 1 : 2, last ? 2 : 3));
        SDVariable gated = padded.mul("gated", gate);
        SDVariable flat = sd.reshape(gated, -1, 20 * 5 * 5);
        SDVariable hidden =
                sd.math().tanh(sd.nn().linear(flat, sd.var(gaussian(0.1, 500, 6)), sd.var(gaussian(0.1, 6))));
        SDVariable pooled = sd.mean(gated, last ? 1 : 2, last ? 2 : 3);
        SDVariable direct = sd.mmul(pooled, sd.var(gaussian(0.3, 20, 6)));
        SDVariable logits = hidden.add("logits", direct);
        sd.nn().softmax("probabilities", logits, 1);
        return sd;
    }

    @ParameterizedTest
    @CsvSource({"false, YXIO", "false, OIYX", "true, YXIO"})
    void valuesAreThoseOfSameDiffInBothOrdersOfAxes(boolean last, WeightsFormat format) {
        SameDiff sd = network(last, format);
        Path file = folder.resolve("network.fb");
        sd.save(file.toFile(), false);
        assertThat(SameDiffImporter.recognises(file)).isTrue();
        NetworkGraph graph = SameDiffImporter.read(file);
        assertThat(graph.input()).isEqualTo(new Shape(3, 13, 11));
        float[] values = new float[2 * 3 * 13 * 11];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        INDArray images = Nd4j.create(values, new long[] {2, 3, 13, 11}, 'c');
        INDArray theirs = last ? images.permute(0, 2, 3, 1).dup('c') : images;
        Map<String, INDArray> expected = sd.output(Map.of("image", theirs), "first", "gated", "logits");
        Tensor x = Tensor.ofFloats(2, graph.input(), values);
        try (ReferenceProbe probe = ReferenceProbe.open(graph, LayerPlan.of("first", "gated"))) {
            for (String name : new String[] {"first", "gated"}) {
                INDArray map = expected.get(name);
                INDArray first = last ? map.permute(0, 3, 1, 2) : map;
                double[] found = probe.forward(x, probe.layer(name)).toDoubles();
                assertThat(found).as(name).containsExactly(first.dup('c').data().asDouble(), within(1e-4));
            }
            assertThat(probe.logits().name()).isEqualTo("logits");
            assertThat(probe.forward(x, probe.logits()).toDoubles())
                    .containsExactly(expected.get("logits").dup('c').data().asDouble(), within(1e-4));
        }
    }

    private Path save(BiFunction<SameDiff, SDVariable, SDVariable> upper) {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("image", DataType.FLOAT, -1, 3, 6, 6);
        SDVariable y = sd.cnn()
                .conv2d(
                        "conv",
                        x,
                        sd.var(gaussian(0.3, 3, 3, 3, 4)),
                        conv(3, 1, 0, 1, PaddingMode.SAME, false, WeightsFormat.YXIO));
        SDVariable z = upper.apply(sd, y);
        sd.mmul("logits", sd.mean(z, 2, 3), sd.var(gaussian(0.3, 4, 3)));
        Path file = folder.resolve("small.fb");
        sd.save(file.toFile(), false);
        return file;
    }

    @Test
    void whatIsNotExactIsRefusedWithNodeAndOperator() {
        // SameDiff's GELU is x sigmoid(1.702 x), ours is by erf
        assertThatThrownBy(() -> SameDiffImporter.read(save((sd, y) -> sd.nn().gelu("bend", y))))
                .isInstanceOf(NeurflowException.class)
                .hasMessage(
                        "small.fb: gelu node 'gelu': operator 'gelu' is not one that can be imported; what cannot be"
                                + " imported can be wrapped with SameDiffWrap");
        assertThatThrownBy(() -> SameDiffImporter.read(save((sd, y) -> sd.nn().relu("cut", y, 0.5))))
                .hasMessageContaining("relu node")
                .hasMessageContaining("its cutoff is 0.5, expected 0");
        assertThatThrownBy(() -> SameDiffImporter.read(save((sd, y) -> y.mul(sd.constant(gaussian(1, 6, 6))))))
                .hasMessageContaining("multiply node")
                .hasMessageContaining("its constant has shape [6, 6], expected one value, or one for each channel");
        assertThatThrownBy(() -> SameDiffImporter.read(SmallVit.save(folder, 0)))
                .isInstanceOf(NeurflowException.class)
                .hasMessageStartingWith("vit.fb: ")
                .hasMessageNotContaining("\n");
    }

    /** SameDiff itself fails to run these with oneDNN, so there is nothing of its own to hold them against. */
    @ParameterizedTest
    @CsvSource({"VALID, 3, 3", "SAME, 2, 2"})
    void convolutionsWithGapsKeepThem(PaddingMode mode, int before, int after) {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("image", DataType.FLOAT, -1, 3, 9, 9);
        SDVariable y = sd.cnn()
                .conv2d(x, sd.var(gaussian(0.3, 3, 3, 3, 4)), conv(3, 1, 3, 2, mode, false, WeightsFormat.YXIO));
        sd.mean("logits", y, 2, 3);
        Path file = folder.resolve("gaps.fb");
        sd.save(file.toFile(), false);
        Op.Conv conv = (Op.Conv) SameDiffImporter.read(file).nodes().get(0).op();
        assertThat(conv.window())
                .isEqualTo(new Op.Window(3, 3, 1, 1, 2, 2, new Op.Padding(before, before, after, after), false));
    }

    @Test
    void aLossWithItsLabelsIsLeftOut() {
        SameDiff sd = network(false, WeightsFormat.YXIO);
        SDVariable labels = sd.placeHolder("labels", DataType.FLOAT, -1, 6);
        sd.loss().softmaxCrossEntropy("loss", labels, sd.getVariable("logits"), null);
        Path file = folder.resolve("trained.fb");
        sd.save(file.toFile(), false);
        assertThat(SameDiffImporter.read(file).output().value()).isEqualTo("probabilities");
    }

    @Test
    void aSizeThatTheGraphLeavesOpenIsSaid() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("image", DataType.FLOAT, -1, -1, -1, 3);
        SDVariable y = sd.cnn()
                .conv2d(
                        x,
                        sd.var(gaussian(0.3, 3, 3, 3, 4)),
                        conv(3, 1, 0, 1, PaddingMode.SAME, true, WeightsFormat.YXIO));
        sd.mean("logits", y, 1, 2);
        Path file = folder.resolve("open.fb");
        sd.save(file.toFile(), false);
        assertThatThrownBy(() -> SameDiffImporter.read(file))
                .hasMessageContaining("leaves channels, rows or columns open");
        assertThat(SameDiffImporter.read(file, new Shape(3, 9, 7)).input()).isEqualTo(new Shape(3, 9, 7));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void brokenFilesAreRefusedInOneLine(long seed) throws IOException {
        byte[] good = Files.readAllBytes(save((sd, y) -> sd.nn().relu(y, 0)));
        Random dice = new Random(seed);
        Path bad = folder.resolve("bad.fb");
        for (int i = 0; i < 60; i++) {
            byte[] bytes = Arrays.copyOf(good, i % 3 == 0 ? dice.nextInt(good.length) : good.length);
            for (int k = 0; k < i && bytes.length > 0; k++) {
                bytes[dice.nextInt(bytes.length)] = (byte) dice.nextInt();
            }
            Files.write(bad, bytes);
            try {
                assertThat(SameDiffImporter.read(bad).nodes()).isNotEmpty(); // a weight or a name was hit
            } catch (NeurflowException e) {
                assertThat(e.getMessage()).doesNotContain("\n");
            }
        }
    }
}
