package io.neurflow.core.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.core.graph.Weights;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.Preprocessing;
import io.neurflow.core.onnx.SeedModels;
import io.neurflow.core.reference.ReferenceProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDoctorTest {
    private static final GraphLayers RESIDUAL = SmallGraphs.residual();

    private static ModelDoctor doctor(NetworkGraph graph, String... layers) {
        return ModelDoctor.of(graph).engine(ReferenceProbe::open).layers(LayerPlan.of(layers));
    }

    private static ModelDoctor residual() {
        return doctor(RESIDUAL.graph(), names());
    }

    private static String[] names() {
        return new String[] {
            RESIDUAL.graph().nodes().get(RESIDUAL.values().get(1)).value(),
            RESIDUAL.graph().nodes().get(RESIDUAL.values().get(2)).value()
        };
    }

    private static List<String> checks(Diagnosis diagnosis, Severity severity) {
        return diagnosis.findings().stream()
                .filter(f -> f.severity() == severity)
                .map(Finding::check)
                .distinct()
                .toList();
    }

    @Test
    void aSoundModelHasNoErrors() {
        Diagnosis diagnosis = residual().examine();
        assertThat(checks(diagnosis, Severity.ERROR)).isEmpty();
        // Its input is 3 x 13 x 12, which the command line cannot cut.
        assertThat(checks(diagnosis, Severity.WARNING)).containsExactly("shapes");
        assertThat(diagnosis).isEqualTo(residual().examine());
        assertThat(diagnosis.toString()).contains("suggested layers: ");
    }

    private Path reference(Path folder, double wrong) throws IOException {
        Tensor input = SyntheticInputs.of(RESIDUAL.graph().input(), 2, 5);
        Shape in = input.shape();
        Files.write(
                folder.resolve("input.npy"), NpyBytes.of(input.toFloats(), 2, in.channels(), in.height(), in.width()));
        try (ReferenceProbe probe = ReferenceProbe.open(RESIDUAL)) {
            var values = probe.forward(input, ImmutableSet.copyOf(probe.layers()));
            for (Layer layer : probe.layers()) {
                Tensor value = Objects.requireNonNull(values.get(layer));
                boolean logits = layer.equals(probe.logits());
                String name = logits
                        ? "logits"
                        : RESIDUAL.graph().nodes().get(RESIDUAL.value(layer)).value();
                Shape s = layer.shape();
                float[] all = value.toFloats();
                if (layer.index() >= 2) {
                    all[all.length - 1] += (float) wrong;
                }
                if (layer.index() == 0) {
                    double[][] means = value.spatialMeans();
                    float[] pooled = new float[2 * s.channels()];
                    for (int i = 0; i < pooled.length; i++) {
                        pooled[i] = (float) means[i / s.channels()][i % s.channels()];
                    }
                    Files.write(folder.resolve(name + ".npy"), NpyBytes.of(pooled, 2, s.channels()));
                } else if (logits) {
                    Files.write(folder.resolve(name + ".npy"), NpyBytes.of(all, 2, s.channels()));
                } else {
                    Files.write(
                            folder.resolve(name + ".npy"), NpyBytes.of(all, 2, s.channels(), s.height(), s.width()));
                }
            }
        }
        return folder;
    }

    @Test
    void aReferenceThatAgreesIsListedLayerByLayer(@TempDir Path folder) throws IOException {
        Diagnosis diagnosis = residual().reference(reference(folder, 0)).examine();
        assertThat(diagnosis.firstDeparture()).isEmpty();
        assertThat(diagnosis.parity()).hasSize(RESIDUAL.layers().size());
        assertThat(diagnosis.parity()).allMatch(p -> p.relativeError() < 1e-6);
        assertThat(diagnosis.parity().get(0).pooled()).isTrue();
        assertThat(diagnosis.parity().get(3).layer()).isEqualTo("logits");
    }

    @Test
    void theFirstLayerThatDepartsIsNamed(@TempDir Path folder) throws IOException {
        Diagnosis diagnosis = residual().reference(reference(folder, 0.5)).examine();
        LayerParity first = diagnosis.firstDeparture().orElseThrow();
        assertThat(first).isEqualTo(diagnosis.parity().get(2));
        assertThat(first.image()).isEqualTo(1);
        assertThat(first.channel()).isEqualTo(7);
        Finding finding = diagnosis.findings().get(0);
        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
        assertThat(finding.line()).contains("first layer that departs", first.layer());
    }

    @Test
    void aReferenceThatIsNoneIsRefused(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> residual().reference(folder.resolve("absent")).examine())
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("input.npy");
        Files.write(folder.resolve("input.npy"), NpyBytes.of(new float[6], 2, 3));
        assertThatThrownBy(() -> residual().reference(folder).examine())
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("but its shape is [2, 3]");
    }

    private static NetworkGraph linear(float[] weights, float[] scale, Op... more) {
        NetworkGraph.Builder builder = NetworkGraph.builder("linear", "d", new Shape(3, 4, 4));
        int x = builder.add(
                "conv",
                "c",
                "",
                new Op.Conv(
                        new Op.Window(1, 1, 1, 1, 1, 1, Op.Padding.NONE, false),
                        1,
                        3,
                        2,
                        Weights.of(weights),
                        Optional.empty()),
                -1);
        x = builder.add("norm", "n", "", new Op.Affine(Weights.of(scale), Weights.of(new float[scale.length])), x);
        x = builder.add("pool", "p", "", new Op.GlobalAveragePool(), x);
        x = builder.add("flat", "f", "", new Op.Reshape(ImmutableIntArray.of(2)), x);
        x = builder.add("fc", "l", "", new Op.Dense(2, 2, Weights.of(1, -1, 0.5f, 2), Optional.empty()), x);
        for (Op op : more) {
            x = builder.add("last", "last", "", op, x);
        }
        return builder.build(x);
    }

    @Test
    void weightsThatAreNoNumbersAreErrorsAndTheModelIsNotRun() {
        Diagnosis diagnosis = doctor(linear(new float[] {1, Float.NaN, 1, 1, 1, 1}, new float[] {1, 1}), "n")
                .examine();
        Finding finding = diagnosis.findings().get(0);
        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
        assertThat(finding.line()).contains("Conv node 'conv', its weights", "1 of 6 values are NaN or infinite");
        assertThat(doctor(linear(new float[6], new float[] {1, Float.POSITIVE_INFINITY}), "n")
                        .look()
                        .findings()
                        .get(0)
                        .line())
                .contains("a variance below 0 does this");
    }

    @Test
    void oddWeightsAreWarnedOf() {
        Diagnosis diagnosis = doctor(linear(new float[] {1e-40f, 0, 0, 3e5f, 1, 1}, new float[] {1, 400}), "n")
                .look();
        assertThat(diagnosis.toString())
                .contains("above 1e+04, the largest 3.0e+05")
                .contains("below the smallest normal number")
                .contains("1 of 2 channels are multiplied by more than 300, channel 1 by 400");
    }

    @Test
    void channelsOfZerosAreCounted() {
        Diagnosis diagnosis = doctor(linear(new float[] {0, 0, 0, 1, 1, 1}, new float[] {1, 1}), "n")
                .examine();
        assertThat(diagnosis.toString())
                .contains("1 of 2 channels have weights of 0 only, the first is 0")
                .contains("channels, n: 1 of 2 channels are 0 for all 4 synthetic inputs: [0]");
    }

    @Test
    void aLastSoftmaxOrSigmoidIsCutAndExplained() {
        for (Op last : List.of(new Op.Softmax(), new Op.Elementwise(Op.Elementwise.Function.SIGMOID, 0, 0))) {
            NetworkGraph graph = linear(new float[] {1, 2, 3, 4, 5, 6}, new float[] {1, 1}, last);
            assertThat(doctor(graph, "n").look().toString())
                    .contains("the model ends in a " + last.kind())
                    .contains("'l', what the " + last.kind() + " reads, is taken as the logits");
            try (ReferenceProbe probe = ReferenceProbe.open(graph, LayerPlan.of("n"))) {
                assertThat(probe.logits().name()).isEqualTo("l");
            }
        }
    }

    @Test
    void probabilitiesThatNoOperatorConfessesAreNoticed() {
        // Two softmaxes: the last one is cut, the first remains.
        NetworkGraph graph = SmallGraphs.inception().graph();
        NetworkGraph.Builder builder = NetworkGraph.builder("twice", "d", new Shape(2, 1, 1));
        int x = builder.add("r", "r", "", new Op.Reshape(ImmutableIntArray.of(2)), -1);
        x = builder.add("one", "one", "", new Op.Softmax(), x);
        x = builder.add("scaled", "scaled", "", new Op.Affine(Weights.of(1), Weights.of(0)), x);
        assertThat(doctor(builder.build(x), "one").examine().toString()).contains("they are probabilities");
        assertThat(graph.output().op()).isNotNull();
    }

    @Test
    void anEngineWhoseGradientIsWrongIsFoundOut() {
        Diagnosis diagnosis = residual().engine(layers -> new Doubling(layers)).examine();
        assertThat(checks(diagnosis, Severity.ERROR)).containsExactly("gradients");
    }

    /** An engine that gives twice the gradient. */
    private static final class Doubling extends io.neurflow.core.graph.GraphProbe {
        private final ReferenceProbe probe;

        Doubling(GraphLayers layers) {
            super(layers, "wrong", io.neurflow.api.Precision.FLOAT64);
            probe = ReferenceProbe.open(layers);
        }

        @Override
        protected com.google.common.collect.ImmutableList<Tensor> run(
                int from, Tensor x, com.google.common.collect.ImmutableList<Integer> to) {
            return to.stream()
                    .map(value -> from == NetworkGraph.INPUT
                            ? probe.forward(x, layer(value))
                            : probe.forward(layer(from), x, layer(value)))
                    .collect(com.google.common.collect.ImmutableList.toImmutableList());
        }

        private Layer layer(int value) {
            return probe.layers().stream()
                    .filter(l -> graph().shape(value).equals(l.shape()))
                    .reduce((a, b) -> b)
                    .orElseThrow();
        }

        @Override
        protected Tensor runGradient(int from, Tensor x, int to, int channel) {
            double[] twice = new double[x.count()];
            java.util.Arrays.fill(twice, 2);
            return probe.gradient(layer(from), x, new Neuron(layer(to), channel))
                    .scaled(twice);
        }

        @Override
        protected void release() {
            probe.close();
        }
    }

    /** A model that is right about class 0 if, and only if, it gets the pixels that it was made for. */
    @Test
    void thePreprocessingThatTheModelWasMadeForComesFirst() {
        Random random = new Random(3);
        List<byte[]> crops = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] crop = new byte[4 * 4 * 3];
            for (int p = 0; p < 16; p++) {
                crop[3 * p] = (byte) (200 + random.nextInt(20)); // red
                crop[3 * p + 1] = (byte) (90 + random.nextInt(20));
                crop[3 * p + 2] = (byte) (20 + random.nextInt(20));
            }
            crops.add(crop);
        }
        ImageSource source = ImageSource.ofCrops(
                IntStream.range(0, 4).mapToObj(i -> "red " + i).toList(),
                crops,
                Preprocessing.imageNet().withSide(4));
        // Class 0: the first channel (blue first) is low and the last one high, in 0..255 less the means of Caffe.
        NetworkGraph graph = linear(new float[] {-0.1f, 0, 0.1f, 0.1f, 0, -0.1f}, new float[] {1, 1});
        Diagnosis diagnosis = doctor(graph, "n").images(source, 0).examine();
        assertThat(diagnosis.guesses()).hasSize(10);
        assertThat(diagnosis.guesses().get(0).preprocessing().order().name()).isEqualTo("BGR");
        assertThat(diagnosis.guesses().get(9).evidence()).startsWith("0 of 4");
        assertThat(checks(diagnosis, Severity.WARNING)).contains("preprocessing");
    }

    @Test
    void theImportersNotesAreFindings() {
        NetworkGraph graph = io.neurflow.core.onnx.OnnxImporter.read("m.onnx", SeedModels.manyOperators());
        assertThat(graph.notes()).isEmpty();
        NetworkGraph open = io.neurflow.core.onnx.OnnxImporter.read("m.onnx", SeedModels.twoOutputs());
        assertThat(open.notes()).containsExactly("of 2 outputs 'scores' is taken as class scores; left out: [aux]");
        assertThat(ModelDoctor.of(open).look().toString()).contains("left out: [aux]");
    }

    @Test
    void theJsonHoldsEverything(@TempDir Path folder) throws IOException {
        var json = new ObjectMapper()
                .readTree(residual().reference(reference(folder, 0.5)).examine().toJson());
        assertThat(json.get("worst").asText()).isEqualTo("ERROR");
        assertThat(json.get("findings").get(0).get("check").asText()).isEqualTo("reference");
        assertThat(json.get("parity")).hasSize(4);
        assertThat(json.get("suggestedLayers")).isNotEmpty();
    }
}
