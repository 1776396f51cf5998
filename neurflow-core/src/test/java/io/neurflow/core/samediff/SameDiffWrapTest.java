package io.neurflow.core.samediff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;

class SameDiffWrapTest {
    private static final long SEED = 42;
    private static final int CALLS = 300;

    @TempDir
    private Path folder;

    private Path vit() {
        return SmallVit.save(folder, 0.3);
    }

    private static Tensor images(int count, Shape shape) {
        Random random = new Random(SEED);
        float[] values = new float[count * shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.ofFloats(count, shape, values);
    }

    /** 21 items are two pieces. */
    @Test
    void layersShowWhatTheGraphItselfComputesWithUnitsInFront() {
        Tensor x = images(21, new Shape(3, 8, 8));
        Map<String, INDArray> original = SmallVit.build(0.3)
                .output(Map.of("image", Nd4j.create(x.toFloats(), 21, 3, 8, 8)), "block0", "block1.heads", "logits");
        try (ModelProbe probe = WrappedVitContractTest.wrap(vit()).open()) {
            Tensor tokens = probe.forward(x, probe.layer("block0"));
            Tensor heads = probe.forward(x, probe.layer("heads of block1"));
            Tensor logits = probe.forward(x, probe.logits());
            assertThat(probe.layer("block0").shape()).isEqualTo(new Shape(8, 5, 1));
            assertThat(probe.layer("heads of block1").shape()).isEqualTo(new Shape(4, 20, 1));
            assertThat(probe.logits().name()).isEqualTo("logits"); // below the softmax
            for (int item : new int[] {0, 20}) {
                for (int token = 0; token < SmallVit.TOKENS; token++) {
                    for (int unit = 0; unit < SmallVit.HIDDEN; unit++) {
                        double stream = original.get("block0").getDouble(item, token, unit);
                        assertThat(tokens.at(item, unit, token, 0)).isCloseTo(stream, within(1e-5));
                        // in two groups: units 0 to 3 are neuron 2, units 4 to 7 neuron 3
                        assertThat(heads.at(item, 2 + unit / 4, token * 4 + unit % 4, 0))
                                .isCloseTo(stream, within(1e-5));
                        double context = original.get("block1.heads").getDouble(item, unit / 4, token, unit % 4);
                        assertThat(heads.at(item, unit / 4, token * 4 + unit % 4, 0))
                                .isCloseTo(context, within(1e-5));
                    }
                }
                for (int c = 0; c < 4; c++) {
                    assertThat(logits.at(item, c, 0, 0))
                            .isCloseTo(original.get("logits").getDouble(item, c), within(1e-5));
                }
            }
        }
    }

    @Test
    void aCircuitIsBuiltOnHeadsAndUnits() {
        try (ModelProbe probe = WrappedVitContractTest.wrap(vit()).open()) {
            CircuitBuilder builder = CircuitBuilder.using(CoreConceptFinder.over(probe)
                    .topPatches(8)
                    .maxCoreNeurons(3)
                    .integrationSteps(20));
            PatchSet patches = new Items(images(24, probe.inputShape()));
            ConceptCircuit circuit = builder.build(probe.logits().neuron(1), patches);
            assertThat(circuit.layers())
                    .extracting(Layer::name)
                    .containsExactly("logits", "normed", "units of block1", "heads of block1", "block0", "embedded");
            Map<SemanticGroup, Double> sums = circuit.neurons().edges().stream()
                    .collect(Collectors.groupingBy(
                            ConceptEdge::group, Collectors.summingDouble(e -> Math.abs(e.weight()))));
            assertThat(sums).hasSizeGreaterThan(10);
            assertThat(sums.values()).allSatisfy(sum -> assertThat(sum).isCloseTo(1, within(1e-9)));
        }
    }

    @Test
    void theCutsOfATransformerAreItsResidualStream() {
        assertThat(SameDiffWrap.of(vit()).cuts())
                .contains("patches", "embedded", "block0.mid", "block0", "block1.mid", "block1", "normed", "logits")
                .doesNotContain("block0.heads", "block0.gelu", "probabilities");
    }

    @Test
    void aLayerThatIsGoneAroundIsRefusedWithTheWay() {
        SameDiffWrap wrap = SameDiffWrap.of(vit()).layer("block1.heads", UnitAxis.of(1));
        assertThatThrownBy(wrap::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'logits' cannot be computed from 'block1.heads' alone: image -> patches -> ")
                .hasMessageContaining("goes around it; the graph can be cut at [")
                .hasMessageEndingWith("or at several variables together with joint(...)")
                .hasMessageNotContaining("\n");
    }

    @Test
    void namesAndAxesThatAreNotThereAreRefused() {
        assertThatThrownBy(SameDiffWrap.of(vit()).layer("blok0")::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no variable 'blok0'")
                .hasMessageContaining("block0");
        assertThatThrownBy(SameDiffWrap.of(vit()).layer("block0", UnitAxis.of(3))::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected axis 3 of 'block0' to hold neurons, but its shape is [1, 5, 8]");
        assertThatThrownBy(
                        SameDiffWrap.of(vit()).layer("block0", UnitAxis.last().inGroups(3))::open)
                .hasMessageContaining("expected 3 groups to divide axis -1 of 'block0', but its extent is 8");
        assertThatThrownBy(() -> UnitAxis.of(0)).hasMessageContaining("axis 0 is the batch");
        ImmutableMap<String, UnitAxis> uneven =
                ImmutableMap.of("block1.heads", UnitAxis.of(1), "block0", UnitAxis.last());
        assertThatThrownBy(SameDiffWrap.of(vit()).joint("heads", uneven)::open)
                .hasMessageContaining("'block1.heads' has 20 and 'block0' has 5");
    }

    @Test
    void filesThatAreNoGraphAreRefusedInOneLine() throws IOException {
        Path nothing = folder.resolve("nothing.fb");
        assertThatThrownBy(SameDiffWrap.of(nothing)::open)
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("there is no file");
        byte[] good = Files.readAllBytes(vit());
        Random random = new Random(SEED);
        Path bad = folder.resolve("bad.fb");
        for (int i = 0; i < 60; i++) {
            byte[] bytes = good.clone();
            for (int k = 0; k < 1 + i; k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(bad, i % 4 == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
            try (ModelProbe probe = SameDiffWrap.of(bad).open()) {
                assertThat(probe.layers()).isNotEmpty(); // a weight was hit
            } catch (NeurflowException | IllegalArgumentException e) {
                assertThat(e.getMessage()).doesNotContain("\n");
            }
        }
    }

    /** Channels last, shapes worked out as the graph runs, an input of open size. */
    @Test
    void mapsWithChannelsLastAndShapesThatAreComputedAreWrapped() {
        SameDiff sd = SameDiff.create();
        SDVariable image = sd.placeHolder("image", DataType.FLOAT, -1, -1, -1, 3);
        Conv2DConfig config = Conv2DConfig.builder()
                .kH(3)
                .kW(3)
                .sH(1)
                .sW(1)
                .paddingMode(PaddingMode.SAME)
                .dataFormat("NHWC")
                .build();
        Nd4j.getRandom().setSeed(SEED);
        SDVariable maps = sd.nn().relu("maps", sd.cnn().conv2d(image, sd.var(Nd4j.rand(3, 3, 3, 5)), config), 0);
        SDVariable rows = sd.shape(maps).get(SDIndex.point(0));
        SDVariable shape = sd.stack(0, rows, sd.constant(4L * 6 * 5));
        SDVariable flat = sd.reshape(maps, shape);
        sd.mmul("scores", flat, sd.var(Nd4j.rand(4 * 6 * 5, 3)));
        Path file = folder.resolve("maps.fb");
        sd.save(file.toFile(), false);
        SameDiffWrap wrap = SameDiffWrap.of(file).layer("maps", UnitAxis.last());
        assertThatThrownBy(wrap::open)
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("leaves its extents open")
                .hasMessageContaining("images(new Shape(");
        Tensor x = images(2, new Shape(3, 4, 6));
        float[] last = new float[x.count() * 72];
        for (int i = 0; i < last.length; i++) {
            last[i] = (float) x.at(i / 72, i % 3, i % 72 / 18, i % 18 / 3);
        }
        Map<String, INDArray> original = sd.output(Map.of("image", Nd4j.create(last, 2, 4, 6, 3)), "maps", "scores");
        try (ModelProbe probe = wrap.images(new Shape(3, 4, 6)).open()) {
            Layer layer = probe.layer("maps");
            assertThat(layer.shape()).isEqualTo(new Shape(5, 4, 6));
            Tensor found = probe.forward(x, layer);
            assertThat(found.at(1, 4, 2, 5)).isCloseTo(original.get("maps").getDouble(1, 2, 5, 4), within(1e-5));
            Tensor scores = probe.forward(layer, found, probe.logits());
            assertThat(scores.at(1, 2, 0, 0)).isCloseTo(original.get("scores").getDouble(1, 2), within(1e-3));
            // linear: any step will do
            Tensor gradient = probe.gradient(layer, found, probe.logits().neuron(2));
            assertThat(gradient.at(1, 4, 2, 5)).isCloseTo(slope(probe, layer, found), within(1e-2));
        }
    }

    private static double slope(ModelProbe probe, Layer layer, Tensor at) {
        float[] moved = at.toFloats();
        moved[((5 + 4) * 4 + 2) * 6 + 5] += 1f;
        Tensor up = probe.forward(layer, Tensor.ofFloats(2, layer.shape(), moved), probe.logits());
        return up.at(1, 2, 0, 0) - probe.forward(layer, at, probe.logits()).at(1, 2, 0, 0);
    }

    @Test
    void memoryStaysFlatOverHundredsOfCalls() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.isReadable(status), "the system does not say how much memory a process has");
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 1, 1024, 1024);
        SDVariable maps = sd.nn().gelu("maps", x.mul(2));
        SDVariable squares = sd.math().square(sd.nn().softplus(maps)).rename("squares");
        sd.mean("top", squares, 2, 3);
        Path file = folder.resolve("large.fb");
        sd.save(file.toFile(), false);
        try (ModelProbe probe =
                SameDiffWrap.of(file).layer("maps").layer("squares").open()) {
            // an array of a single item is 4 MiB: what is not given back would be GiB
            Tensor one = Tensor.ofFloats(1, probe.inputShape(), new float[1 << 20]);
            calls(probe, one, 20);
            long before = nativeMegabytes(status);
            calls(probe, one, CALLS);
            assertThat(nativeMegabytes(status) - before).isLessThan(400);
        }
    }

    private static void calls(ModelProbe probe, Tensor x, int count) {
        Layer maps = probe.layer("maps");
        for (int i = 0; i < count; i++) {
            Tensor below = probe.forward(x, maps);
            probe.gradient(maps, below, probe.logits().neuron(0));
        }
    }

    /** Without the Java heap, which grows and shrinks with what other tests left behind. */
    private static long nativeMegabytes(Path status) throws IOException {
        return residentMegabytes(status) - (Runtime.getRuntime().totalMemory() >> 20);
    }

    private static long residentMegabytes(Path status) throws IOException {
        String line = Files.readAllLines(status).stream()
                .filter(l -> l.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    }

    /** Inputs as patches, an image each. */
    private record Items(Tensor all) implements PatchSet {
        @Override
        public ImmutableList<SourceImage> images() {
            return IntStream.range(0, all.count())
                    .mapToObj(i -> new SourceImage(i, "image " + i, "%064x".formatted(i)))
                    .collect(ImmutableList.toImmutableList());
        }

        @Override
        public ImmutableList<Patch> patches() {
            return IntStream.range(0, all.count())
                    .mapToObj(i -> new Patch(i, i, 1, 0, 0, 8))
                    .collect(ImmutableList.toImmutableList());
        }

        @Override
        public Tensor inputs(ImmutableIntArray patches) {
            return all.select(patches);
        }
    }
}
