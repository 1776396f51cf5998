package io.neurflow.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NamedCut;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.samediff.SameDiffProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Whole architectures in Deeplearning4j's own words, random weights from a visible seed, against its own outputs. */
class Dl4jResNetTest {
    private static final long SEED = 50;
    private static final double TOLERANCE = 1e-4;
    private static final Shape IMAGE = new Shape(3, 64, 64);
    /** Blocks of each stage: ResNet-50 where there is time for it. */
    private static final List<Integer> BLOCKS =
            System.getenv("NEURFLOW_DATA") == null ? List.of(1, 2, 1, 1) : List.of(3, 4, 6, 3);

    @TempDir
    private Path folder;

    private static ConvolutionLayer conv(int size, int stride, int padding, int out) {
        return new ConvolutionLayer.Builder(size, size)
                .stride(stride, stride)
                .padding(padding, padding)
                .nOut(out)
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static BatchNormalization norm() {
        return new BatchNormalization.Builder().eps(1e-5).build();
    }

    private static ActivationLayer relu() {
        return new ActivationLayer.Builder().activation(Activation.RELU).build();
    }

    private static void unit(GraphBuilder graph, String name, ConvolutionLayer conv, String input) {
        graph.addLayer(name + "_conv", conv, input).addLayer(name + "_bn", norm(), name + "_conv");
    }

    private static void bottleneck(GraphBuilder graph, String name, int width, int stride, boolean first, String in) {
        unit(graph, name + "_1", conv(1, 1, 0, width), in);
        graph.addLayer(name + "_1_relu", relu(), name + "_1_bn");
        unit(graph, name + "_2", conv(3, stride, 1, width), name + "_1_relu");
        graph.addLayer(name + "_2_relu", relu(), name + "_2_bn");
        unit(graph, name + "_3", conv(1, 1, 0, 4 * width), name + "_2_relu");
        String shortcut = in;
        if (first) {
            unit(graph, name + "_0", conv(1, stride, 0, 4 * width), in);
            shortcut = name + "_0_bn";
        }
        graph.addVertex(name + "_add", new ElementWiseVertex(ElementWiseVertex.Op.Add), shortcut, name + "_3_bn");
        graph.addLayer(name + "_out", relu(), name + "_add");
    }

    private static ComputationGraph resNet() {
        GraphBuilder graph =
                new NeuralNetConfiguration.Builder().seed(SEED).graphBuilder().addInputs("images");
        graph.addLayer("pad", new ZeroPaddingLayer.Builder(3, 3).build(), "images");
        unit(graph, "conv1", conv(7, 2, 0, 64), "pad");
        graph.addLayer("conv1_relu", relu(), "conv1_bn");
        graph.addLayer(
                "pool1",
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(3, 3)
                        .stride(2, 2)
                        .padding(1, 1)
                        .build(),
                "conv1_relu");
        String last = "pool1";
        for (int stage = 0; stage < BLOCKS.size(); stage++) {
            for (int block = 0; block < BLOCKS.get(stage); block++) {
                String name = "stage" + (stage + 2) + "_block" + (block + 1);
                bottleneck(graph, name, 64 << stage, stage > 0 && block == 0 ? 2 : 1, block == 0, last);
                last = name + "_out";
            }
        }
        graph.addLayer("gap", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last)
                .addLayer("output", output(1000), "gap")
                .setOutputs("output")
                .setInputTypes(InputType.convolutional(IMAGE.height(), IMAGE.width(), IMAGE.channels()));
        ComputationGraph network = new ComputationGraph(graph.build());
        network.init();
        return network;
    }

    private static OutputLayer output(int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .build();
    }

    /** Normalisations that do something, and values that neither vanish nor grow. */
    private static void randomise(Model model) {
        Random random = new Random(SEED);
        model.paramTable().forEach((name, values) -> {
            float[] all = new float[Math.toIntExact(values.length())];
            double fan = values.rank() == 4 ? all.length / (double) values.size(0) : values.size(0);
            for (int i = 0; i < all.length; i++) {
                double value = random.nextGaussian();
                all[i] = (float)
                        (name.endsWith("log10stdev")
                                        || name.endsWith("mean")
                                        || name.endsWith("beta")
                                        || name.endsWith("b")
                                ? 0.1 * value
                                : name.endsWith("gamma") ? 0.6 + 0.1 * value : value * Math.sqrt(2 / fan));
            }
            values.assign(Nd4j.create(all, values.shape(), 'c'));
        });
    }

    private static float[] image() {
        Random random = new Random(SEED + 1);
        float[] values = new float[IMAGE.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static INDArray batch() {
        return Nd4j.create(image(), new int[] {1, IMAGE.channels(), IMAGE.height(), IMAGE.width()}, 'c');
    }

    /** Means over the positions, relative to the largest of the layer. */
    private static void close(String layer, Tensor found, INDArray expected) {
        int positions = found.shape().positions();
        double[] actual = found.toDoubles();
        double[] wanted = expected.dup('c').data().asDouble();
        assertThat(actual).as(layer).hasSameSizeAs(wanted);
        double largest = 0;
        double difference = 0;
        for (int c = 0; c < wanted.length / positions; c++) {
            double one = 0;
            double other = 0;
            for (int i = c * positions; i < (c + 1) * positions; i++) {
                one += actual[i] / positions;
                other += wanted[i] / positions;
            }
            largest = Math.max(largest, Math.abs(other));
            difference = Math.max(difference, Math.abs(one - other));
        }
        assertThat(largest).as(layer).isBetween(1e-3, 1e3);
        assertThat(difference / largest).as(layer).isLessThan(TOLERANCE);
    }

    private static int compared(NetworkGraph graph, Map<String, INDArray> expected) {
        LayerNames names = LayerNames.of(graph);
        List<String> known = names.all().stream()
                .map(NamedCut::name)
                .filter(expected::containsKey)
                .toList();
        Tensor x = Tensor.ofFloats(1, IMAGE, image());
        try (SameDiffProbe probe = SameDiffProbe.open(graph, LayerPlan.of(known))) {
            for (String name : known) {
                close(name, probe.forward(x, probe.layer(name)), expected.get(name));
            }
            // Deeplearning4j keeps no logits: log p is them, but for a constant.
            INDArray logs = expected.get("logits of probabilities");
            double[] logits = probe.forward(x, probe.logits()).toDoubles();
            double shift = logits[0] - logs.getDouble(0);
            for (int i = 0; i < logits.length; i++) {
                assertThat(Math.abs(logits[i] - shift - logs.getDouble(i))).isLessThan(TOLERANCE * Math.abs(shift));
            }
        }
        return known.size();
    }

    private static INDArray logarithms(INDArray probabilities) {
        return Transforms.log(probabilities.castTo(DataType.DOUBLE));
    }

    @Test
    void aResNetIsWhatDeeplearning4jSays() throws IOException {
        ComputationGraph network = resNet();
        randomise(network);
        Path file = folder.resolve("resnet.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        NetworkGraph graph = Dl4jImporter.read(file, IMAGE);
        Map<String, INDArray> expected = new TreeMap<>(network.feedForward(batch(), false));
        INDArray probabilities = expected.remove("output");
        // Values that an activation above works on in place.
        expected.keySet().removeIf(name -> name.endsWith("_bn") || name.endsWith("_add"));
        expected.put("logits of probabilities", logarithms(probabilities));
        assertThat(compared(graph, expected))
                .isGreaterThan(BLOCKS.stream().mapToInt(b -> b).sum());
        assertThat(LayerNames.of(graph).suggested(2))
                .containsExactly(
                        "output",
                        "stage5_block" + BLOCKS.get(3) + "_out",
                        BLOCKS.get(3) > 1 ? "stage5_block2_out" : "stage4_block1_out");
    }

    @Test
    void aVggIsWhatDeeplearning4jSays() throws IOException {
        NeuralNetConfiguration.ListBuilder list =
                new NeuralNetConfiguration.Builder().seed(SEED).list();
        for (int stage = 1; stage <= 5; stage++) {
            int width = Math.min(64, 8 << stage);
            for (int i = 1; i <= 2; i++) {
                list.layer(new ConvolutionLayer.Builder(3, 3)
                        .name("conv" + stage + "_" + i)
                        .nOut(width)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.RELU)
                        .build());
            }
            list.layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                    .kernelSize(2, 2)
                    .stride(2, 2)
                    .build());
        }
        for (int i = 0; i < 2; i++) {
            list.layer(new DenseLayer.Builder()
                    .nOut(96)
                    .activation(Activation.RELU)
                    .build());
        }
        list.layer(output(100)).setInputType(InputType.convolutional(IMAGE.height(), IMAGE.width(), IMAGE.channels()));
        MultiLayerNetwork network = new MultiLayerNetwork(list.build());
        network.init();
        randomise(network);
        Path file = folder.resolve("vgg.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        NetworkGraph graph = Dl4jImporter.read(file, IMAGE);
        List<INDArray> activations = network.feedForward(batch(), false);
        Map<String, INDArray> expected = new TreeMap<>();
        for (int i = 0; i < activations.size() - 2; i++) {
            String name =
                    network.getLayerWiseConfigurations().getConf(i).getLayer().getLayerName();
            expected.put(name == null ? "layer" + i : name, activations.get(i + 1));
        }
        expected.put("logits of probabilities", logarithms(activations.get(activations.size() - 1)));
        assertThat(compared(graph, expected)).isGreaterThan(10);
    }
}
