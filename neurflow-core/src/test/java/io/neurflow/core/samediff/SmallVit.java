package io.neurflow.core.samediff;

import java.nio.file.Path;
import java.util.Random;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A vision transformer, small: 8x8 pixels, 2x2 patches and a class token, 8 hidden units, 2 heads, 2 blocks, 4 classes.
 * Weights are random.
 */
final class SmallVit {
    static final int TOKENS = 5;
    static final int HIDDEN = 8;
    static final int HEADS = 2;
    private static final int SIZE = HIDDEN / HEADS;

    private final SameDiff sd = SameDiff.create();
    private final Random random;
    private final double epsilon;

    private SmallVit(long seed, double epsilon) {
        this.random = new Random(seed);
        this.epsilon = epsilon;
    }

    /** Variables: embedded, block0.heads, block0.mid, block0.gelu, block0, block1..., normed, logits, probabilities. */
    static Path save(Path folder, double epsilon) {
        SameDiff sd = build(epsilon);
        Path file = folder.resolve("vit.fb");
        sd.save(file.toFile(), false);
        return file;
    }

    /** With epsilon 0 by SameDiff's own layer normalisation, which has none, else written out. */
    static SameDiff build(double epsilon) {
        SmallVit vit = new SmallVit(2025, epsilon);
        SDVariable x = vit.embedding();
        for (int i = 0; i < 2; i++) {
            x = vit.block("block" + i, x);
        }
        SDVariable normed = vit.norm("norm", x).rename("normed");
        SDVariable token = normed.get(SDIndex.all(), SDIndex.point(0), SDIndex.all());
        SDVariable flat = vit.sd.reshape(token, -1, HIDDEN);
        SDVariable logits =
                vit.sd.mmul(flat, vit.weights("head.weight", HIDDEN, 4)).add("logits", vit.weights("head.bias", 1, 4));
        vit.sd.nn().softmax("probabilities", logits, 1);
        return vit.sd;
    }

    private SDVariable embedding() {
        SDVariable image = sd.placeHolder("image", DataType.FLOAT, -1, 3, 8, 8);
        Conv2DConfig patches = Conv2DConfig.builder()
                .kH(4)
                .kW(4)
                .sH(4)
                .sW(4)
                .paddingMode(PaddingMode.VALID)
                .dataFormat("NCHW")
                .build();
        SDVariable maps = sd.cnn().conv2d("patches", image, weights("patch.weight", 4, 4, 3, HIDDEN), patches);
        SDVariable tokens = sd.permute(sd.reshape(maps, -1, HIDDEN, TOKENS - 1), 0, 2, 1);
        SDVariable none =
                tokens.get(SDIndex.all(), SDIndex.interval(0, 1), SDIndex.all()).mul(0);
        SDVariable all = sd.concat(1, none.add(weights("class.token", 1, 1, HIDDEN)), tokens);
        return all.add("embedded", weights("positions", 1, TOKENS, HIDDEN));
    }

    private SDVariable block(String name, SDVariable x) {
        SDVariable normed = norm(name + ".norm1", x);
        SDVariable queries = heads(name + ".q", normed);
        SDVariable keys = heads(name + ".k", normed);
        SDVariable values = heads(name + ".v", normed);
        SDVariable scores = sd.mmul(queries, sd.permute(keys, 0, 1, 3, 2)).mul(1 / Math.sqrt(SIZE));
        SDVariable context = sd.mmul(name + ".heads", sd.nn().softmax(scores, 3), values);
        SDVariable flat = sd.reshape(sd.permute(context, 0, 2, 1, 3), -1, HIDDEN);
        SDVariable attended = sd.reshape(sd.mmul(flat, weights(name + ".o", HIDDEN, HIDDEN)), -1, TOKENS, HIDDEN);
        SDVariable mid = x.add(name + ".mid", attended);
        SDVariable hidden = sd.mmul(
                        sd.reshape(norm(name + ".norm2", mid), -1, HIDDEN), weights(name + ".fc1", HIDDEN, 2 * HIDDEN))
                .add(weights(name + ".fc1.bias", 1, 2 * HIDDEN));
        SDVariable gelu = sd.nn().gelu(name + ".gelu", sd.reshape(hidden, -1, TOKENS, 2 * HIDDEN));
        SDVariable out = sd.mmul(sd.reshape(gelu, -1, 2 * HIDDEN), weights(name + ".fc2", 2 * HIDDEN, HIDDEN));
        return mid.add(name, sd.reshape(out, -1, TOKENS, HIDDEN));
    }

    private SDVariable heads(String name, SDVariable x) {
        SDVariable flat = sd.mmul(sd.reshape(x, -1, HIDDEN), weights(name, HIDDEN, HIDDEN));
        return sd.permute(sd.reshape(flat, -1, TOKENS, HEADS, SIZE), 0, 2, 1, 3);
    }

    private SDVariable norm(String name, SDVariable x) {
        SDVariable gain =
                sd.var(name + ".gain", Nd4j.ones(DataType.FLOAT, HIDDEN).addi(0.1));
        SDVariable bias = weights(name + ".bias", HIDDEN);
        if (epsilon == 0) {
            return sd.nn().layerNorm(x, gain, bias, false, 2);
        }
        SDVariable centred = x.sub(sd.mean(x, true, 2));
        SDVariable variance = sd.mean(sd.math().square(centred), true, 2).add(epsilon);
        return centred.div(sd.math().sqrt(variance)).mul(gain).add(bias);
    }

    private SDVariable weights(String name, long... shape) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, 0.4 * random.nextGaussian());
        }
        return sd.var(name, array);
    }
}
