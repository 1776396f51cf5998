package io.neurflow.examples.embedded;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * The embedded network as a SameDiff graph, to be trained: softmax cross entropy, Adam, a learning rate that falls by the
 * same factor at each step, to {@value #LAST_RATE} of the first one (SameDiff 1.0.0-M2.1's PolySchedule does not fall). Weights
 * start uniform in plus or minus sqrt(6 / inputs of a neuron) (He et al. 2015), biases at zero.
 *
 * <p>Convolution weights are held as [rows, columns, in, out], because SameDiff 1.0.0-M2.1 differentiates convolutions rightly
 * in that layout and refuses in ONNX's.
 */
final class SameDiffNetwork implements Architecture.Builder<SDVariable> {
    private static final String INPUT = "image";
    private static final String LABELS = "labels";
    private static final String LOSS = "loss";
    /** Last learning rate over the first one. */
    private static final double LAST_RATE = 0.02;

    private static final String LOGITS = "logits";

    private final SameDiff graph = SameDiff.create();
    private final Dice dice;
    private final List<String> weights = new ArrayList<>();

    private SameDiffNetwork(long seed) {
        this.dice = new Dice(seed);
    }

    /** An untrained network. */
    static SameDiffNetwork untrained(long seed, double learningRate, int iterations) {
        SameDiffNetwork network = new SameDiffNetwork(seed);
        SameDiff graph = network.graph;
        double decay = Math.pow(LAST_RATE, 1.0 / iterations);
        int side = DrawnPicture.CROP;
        SDVariable input = graph.placeHolder(INPUT, DataType.FLOAT, -1, 3, side, side);
        SDVariable labels = graph.placeHolder(LABELS, DataType.FLOAT, -1, Thing.values().length);
        SDVariable logits = Architecture.build(network, input);
        logits.rename(LOGITS);
        graph.loss().softmaxCrossEntropy(LOSS, labels, logits, null);
        graph.setLossVariables(LOSS);
        graph.setTrainingConfig(TrainingConfig.builder()
                .updater(new Adam(new ExponentialSchedule(ScheduleType.ITERATION, learningRate, decay)))
                .dataSetFeatureMapping(INPUT)
                .dataSetLabelMapping(LABELS)
                .build());
        return network;
    }

    /** One step of training. */
    void fit(List<DrawnPicture> batch) {
        try (INDArray images = inputs(batch);
                INDArray labels = Nd4j.zeros(DataType.FLOAT, batch.size(), Thing.values().length)) {
            for (int i = 0; i < batch.size(); i++) {
                labels.putScalar(i, batch.get(i).thing().index(), 1);
            }
            graph.fit(new DataSet(images, labels));
        }
    }

    /** The logits of each picture. */
    float[][] logits(List<DrawnPicture> pictures) {
        try (INDArray images = inputs(pictures);
                INDArray logits = graph.outputSingle(Map.of(INPUT, images), LOGITS)) {
            return logits.toFloatMatrix();
        }
    }

    /** The weights as they are now, in ONNX's layout. */
    TrainedWeights weights() {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (String name : weights) {
            INDArray array = graph.getVariable(name).getArr();
            try (INDArray ordered = ordered(array)) {
                values.put(name, ordered.data().asFloat());
            }
        }
        return new TrainedWeights(values);
    }

    @Override
    public SDVariable conv(String name, SDVariable input, int in, int out, int kernel, int stride) {
        int inputs = in * kernel * kernel;
        SDVariable weight = weight(name + ".weight", inputs, kernel, kernel, in, out);
        SDVariable bias = weight(name + ".bias", 0, out);
        Conv2DConfig config = Conv2DConfig.builder()
                .kH(kernel)
                .kW(kernel)
                .sH(stride)
                .sW(stride)
                .pH((kernel - 1) / 2)
                .pW((kernel - 1) / 2)
                .paddingMode(PaddingMode.VALID)
                .dataFormat("NCHW")
                .weightsFormat(WeightsFormat.YXIO)
                .build();
        return graph.cnn().conv2d(input, weight, bias, config);
    }

    @Override
    public SDVariable relu(String name, SDVariable input) {
        return graph.nn().relu(input, 0);
    }

    @Override
    public SDVariable add(String name, SDVariable first, SDVariable second) {
        return first.add(second);
    }

    @Override
    public SDVariable concat(String name, SDVariable first, SDVariable second) {
        return graph.concat(1, first, second);
    }

    @Override
    public SDVariable mean(String name, SDVariable input) {
        return input.mean(2, 3);
    }

    @Override
    public SDVariable dense(String name, SDVariable input, int in, int out) {
        SDVariable weight = weight(name + ".weight", in, in, out);
        return graph.nn().linear(input, weight, weight(name + ".bias", 0, out));
    }

    /** A variable with random values; zeros if {@code inputs} is 0. */
    private SDVariable weight(String name, int inputs, long... dimensions) {
        double bound = inputs == 0 ? 0 : Math.sqrt(6.0 / inputs);
        float[] values = new float[Math.toIntExact(Arrays.stream(dimensions).reduce(1, (a, b) -> a * b))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) dice.between(-bound, bound);
        }
        weights.add(name);
        return graph.var(name, Nd4j.create(values, dimensions, 'c'));
    }

    private static INDArray ordered(INDArray array) {
        return switch (array.rank()) {
            case 4 -> array.permute(3, 2, 0, 1).dup('c');
            case 2 -> array.transpose().dup('c');
            default -> array.dup('c');
        };
    }

    private static INDArray inputs(List<DrawnPicture> pictures) {
        int length = 3 * DrawnPicture.CROP * DrawnPicture.CROP;
        float[] values = new float[length * pictures.size()];
        for (int i = 0; i < pictures.size(); i++) {
            System.arraycopy(EmbeddedModel.normalised(pictures.get(i)), 0, values, i * length, length);
        }
        return Nd4j.create(values, new long[] {pictures.size(), 3, DrawnPicture.CROP, DrawnPicture.CROP}, 'c');
    }
}
