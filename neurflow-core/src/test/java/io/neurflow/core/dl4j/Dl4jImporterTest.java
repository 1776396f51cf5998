package io.neurflow.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.reference.ReferenceProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks that Deeplearning4j writes, against its own outputs. */
class Dl4jImporterTest {
    private static final long SEED = 20;

    @TempDir
    private Path folder;

    private Path save(Model model) throws IOException {
        Random random = new Random(SEED);
        // Fresh networks have normalisations that do nothing.
        model.paramTable().forEach((name, values) -> {
            for (long i = 0; i < values.length(); i++) {
                double value = random.nextGaussian() * 0.4;
                double spread = name.endsWith("log10stdev") ? value / 3 : Math.abs(value) + 0.5;
                boolean isSpread = name.endsWith("log10stdev") || name.endsWith("_var");
                values.putScalar(i, isSpread ? spread : name.endsWith("gamma") ? 1 + value : value);
            }
        });
        Path file = folder.resolve("model.zip");
        ModelSerializer.writeModel(model, file.toFile(), true);
        return file;
    }

    private static float[] image(Shape shape) {
        Random random = new Random(SEED + 1);
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static void same(NetworkGraph graph, Map<String, INDArray> expected) {
        Tensor x = Tensor.ofFloats(1, graph.input(), image(graph.input()));
        LayerNames names = LayerNames.of(graph);
        int compared = 0;
        for (Map.Entry<String, INDArray> entry : expected.entrySet()) {
            String name = entry.getKey();
            if (names.all().stream().noneMatch(cut -> cut.name().equals(name))) {
                continue;
            }
            try (ReferenceProbe probe = ReferenceProbe.open(graph, LayerPlan.of(name))) {
                double[] actual = probe.forward(x, probe.layer(name)).toDoubles();
                double[] wanted = entry.getValue().dup('c').data().asDouble();
                double scale = Arrays.stream(wanted).map(Math::abs).max().orElse(1);
                assertThat(actual).hasSameSizeAs(wanted);
                for (int i = 0; i < wanted.length; i++) {
                    assertThat(Math.abs(actual[i] - wanted[i])).as(name).isLessThanOrEqualTo(1e-5 * scale);
                }
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(3);
    }

    private static double[] softmax(double[] logits) {
        double most = Arrays.stream(logits).max().orElse(0);
        double sum = Arrays.stream(logits).map(z -> Math.exp(z - most)).sum();
        return Arrays.stream(logits).map(z -> Math.exp(z - most) / sum).toArray();
    }

    private static void sameProbabilities(NetworkGraph graph, INDArray expected) {
        try (ReferenceProbe probe = ReferenceProbe.open(graph, LayerPlan.suggested(1))) {
            double[] logits = probe.forward(Tensor.ofFloats(1, graph.input(), image(graph.input())), probe.logits())
                    .toDoubles();
            double[] wanted = expected.data().asDouble();
            double[] actual = softmax(logits);
            for (int i = 0; i < wanted.length; i++) {
                assertThat(Math.abs(actual[i] - wanted[i])).isLessThanOrEqualTo(1e-5);
            }
        }
    }

    private static INDArray batch(Shape shape) {
        return Nd4j.create(image(shape), new int[] {1, shape.channels(), shape.height(), shape.width()}, 'c');
    }

    @Test
    void aMultiLayerNetworkIsWhatDeeplearning4jSays() throws IOException {
        Shape shape = new Shape(3, 11, 8);
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .name("first")
                        .nOut(4)
                        .stride(2, 2)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.RELU)
                        .build())
                .layer(new BatchNormalization.Builder().eps(1e-3).build())
                .layer(new LocalResponseNormalization.Builder().build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(3, 2)
                        .stride(2, 1)
                        .padding(1, 0)
                        .build())
                .layer(new ConvolutionLayer.Builder(2, 2)
                        .nOut(5)
                        .hasBias(false)
                        .dilation(2, 1)
                        .activation(Activation.LEAKYRELU)
                        .convolutionMode(ConvolutionMode.Same)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(7)
                        .activation(Activation.TANH)
                        .dropOut(0.5)
                        .build())
                .layer(new DropoutLayer(0.5))
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(shape.height(), shape.width(), shape.channels()))
                .build());
        network.init();
        NetworkGraph graph = Dl4jImporter.read(save(network), shape);
        var activations = network.feedForward(batch(shape), false);
        same(
                graph,
                Map.of(
                        "first", activations.get(1),
                        "layer1", activations.get(2),
                        "layer2", activations.get(3),
                        "layer3", activations.get(4),
                        "layer4", activations.get(5),
                        "layer5", activations.get(6)));
        sameProbabilities(graph, network.output(batch(shape)));
        assertThat(LayerNames.of(graph).logits().name()).isEqualTo("layer7");
    }

    @Test
    void aComputationGraphIsWhatDeeplearning4jSays() throws IOException {
        Shape shape = new Shape(3, 9, 10);
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .graphBuilder()
                .addInputs("images")
                .addLayer("pad", new ZeroPaddingLayer.Builder(2, 1, 0, 3).build(), "images")
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(4)
                                .padding(1, 1)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "pad")
                .addLayer(
                        "bn", new BatchNormalization.Builder().useLogStd(false).build(), "conv")
                .addLayer(
                        "relu",
                        new ActivationLayer.Builder()
                                .activation(Activation.RELU)
                                .build(),
                        "bn")
                .addLayer(
                        "separable",
                        new SeparableConvolution2D.Builder(3, 3)
                                .nOut(4)
                                .depthMultiplier(2)
                                .convolutionMode(ConvolutionMode.Same)
                                .activation(Activation.ELU)
                                .build(),
                        "relu")
                .addLayer(
                        "depthwise",
                        new DepthwiseConvolution2D.Builder(3, 3)
                                .depthMultiplier(2)
                                .convolutionMode(ConvolutionMode.Same)
                                .activation(Activation.HARDSIGMOID)
                                .build(),
                        "relu")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "relu", "separable")
                .addVertex("scaled", new ScaleVertex(0.5), "add")
                .addVertex("mean", new ElementWiseVertex(ElementWiseVertex.Op.Average), "relu", "scaled")
                .addVertex("cat", new MergeVertex(), "mean", "depthwise")
                .addLayer(
                        "average",
                        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                                .kernelSize(3, 3)
                                .stride(2, 2)
                                .convolutionMode(ConvolutionMode.Same)
                                .build(),
                        "cat")
                .addLayer("gap", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "average")
                .addLayer(
                        "output",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(4)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "gap")
                .setOutputs("output")
                .setInputTypes(InputType.convolutional(shape.height(), shape.width(), shape.channels()))
                .build());
        network.init();
        Path file = save(network);
        NetworkGraph graph = Dl4jImporter.read(file, shape);
        Map<String, INDArray> expected = network.feedForward(batch(shape), false);
        expected.remove("output");
        // Overwritten by the activation above it, which works in place.
        expected.remove("bn");
        same(graph, expected);
        sameProbabilities(graph, network.outputSingle(batch(shape)));
        assertThat(LayerNames.of(graph).suggested(1)).containsExactly("output", "cat");
        assertThat(graph.digest()).hasSize(64);

        assertThatThrownBy(() -> Dl4jImporter.read(file))
                .isInstanceOf(NeurflowException.class)
                .hasMessage("model.zip: it does not say how many rows and columns its images have; say them:"
                        + " Dl4jImporter.read(file, new Shape(3, 224, 224))");
        assertThatThrownBy(() -> Dl4jImporter.read(file, new Shape(1, 9, 10)))
                .isInstanceOf(NeurflowException.class)
                .hasMessage(
                        "model.zip: ConvolutionLayer 'conv': option 'nin' is 3, but it reads 1 channels or features");
    }

    @Test
    void whatIsNotKnownIsNamedWithItsLayer() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new Upsampling2D.Builder(2).name("larger").build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(4, 4, 1))
                .build());
        network.init();
        Path file = save(network);
        assertThatThrownBy(() -> Dl4jImporter.read(file, new Shape(1, 4, 4)))
                .isInstanceOf(NeurflowException.class)
                .hasMessage(
                        "model.zip: Upsampling2D 'larger': layers of this class cannot be imported exactly; save the"
                                + " model without it, or implement ModelProbe on the engine that runs it");
    }

    @Test
    void brokenFilesAreRefusedInOneLine() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(2).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(3).build())
                .setInputType(InputType.convolutional(4, 4, 1))
                .build());
        network.init();
        byte[] bytes = Files.readAllBytes(save(network));
        Shape shape = new Shape(1, 4, 4);
        assertThat(Dl4jImporter.read(save(network), shape).nodes()).isNotEmpty();
        Random random = new Random(SEED + 2);
        Path broken = folder.resolve("broken.zip");
        for (int i = 0; i < 300; i++) {
            byte[] copy = i % 3 == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes.clone();
            for (int k = 0; k < 1 + i % 5 && copy.length > 0; k++) {
                copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
            }
            Files.write(broken, copy);
            try {
                Dl4jImporter.read(broken, shape);
            } catch (NeurflowException e) {
                assertThat(e.getMessage()).doesNotContain("\n").startsWith("broken.zip");
            }
        }
    }
}
