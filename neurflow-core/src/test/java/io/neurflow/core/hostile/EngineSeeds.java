package io.neurflow.core.hostile;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small valid files of the engines that write models: Deeplearning4j and SameDiff. */
final class EngineSeeds {
    /** Images of all these models. */
    static final Shape SHAPE = new Shape(2, 6, 6);

    private static final long SEED = 21;

    private EngineSeeds() {}

    static ImmutableList<byte[]> dl4j() {
        MultiLayerNetwork list = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(3)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.RELU)
                        .build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build())
                .layer(output())
                .setInputType(InputType.convolutional(SHAPE.height(), SHAPE.width(), SHAPE.channels()))
                .build());
        list.init();
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .graphBuilder()
                .addInputs("images")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(3).build(), "images")
                .addLayer("bn", new BatchNormalization.Builder().build(), "conv")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "conv", "bn")
                .addVertex("cat", new MergeVertex(), "add", "bn")
                .addLayer("gap", new GlobalPoolingLayer.Builder().build(), "cat")
                .addLayer("output", output(), "gap")
                .setOutputs("output")
                .setInputTypes(InputType.convolutional(SHAPE.height(), SHAPE.width(), SHAPE.channels()))
                .build());
        graph.init();
        return ImmutableList.of(zip(list), zip(graph));
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static byte[] zip(Model model) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ModelSerializer.writeModel(model, out, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static ImmutableList<byte[]> sameDiff() {
        Nd4j.getRandom().setSeed(SEED);
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("image", DataType.FLOAT, -1, 2, 6, 6);
        Conv2DConfig window = Conv2DConfig.builder()
                .kH(3)
                .kW(3)
                .sH(1)
                .sW(1)
                .paddingMode(PaddingMode.SAME)
                .build();
        SDVariable scaled = x.mul(sd.constant(Nd4j.rand(DataType.FLOAT, 1, 2, 1, 1)));
        SDVariable conv = sd.cnn()
                .conv2d(
                        scaled,
                        sd.var("w", Nd4j.rand(DataType.FLOAT, 3, 3, 2, 3)),
                        sd.var("b", Nd4j.rand(DataType.FLOAT, 3)),
                        window);
        SDVariable relu = sd.nn().relu("relu", conv, 0);
        SDVariable pooled = sd.cnn()
                .maxPooling2d(
                        relu,
                        Pooling2DConfig.builder()
                                .kH(2)
                                .kW(2)
                                .sH(2)
                                .sW(2)
                                .paddingMode(PaddingMode.VALID)
                                .build());
        SDVariable half = sd.constant(Nd4j.rand(DataType.FLOAT, 3, 4)).mul(sd.constant(0.5f));
        SDVariable logits = sd.mmul("logits", sd.mean(pooled, 2, 3), half);
        sd.nn().softmax("probabilities", logits, 1);
        ByteBuffer graph = sd.asFlatBuffers(false);
        byte[] bytes = new byte[graph.remaining()];
        graph.get(bytes);
        return ImmutableList.of(bytes);
    }
}
