package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;

/**
 * Local response normalisation y = x s<sup>-&beta;</sup> with s = bias + &alpha; / size B x&sup2;, B the band matrix of
 * channels that are in each other's window, as a 1x1 convolution: the engine's own operator knows odd windows only.
 */
final class Normalisation {
    private final Sheet sheet;
    private final Op.Lrn lrn;
    private final int channels;
    private final Layout layout;

    Normalisation(Sheet sheet, Op.Lrn lrn, ImmutableIntArray dimensions, Layout layout) {
        this.sheet = sheet;
        this.lrn = lrn;
        this.channels = dimensions.get(0);
        this.layout = layout;
    }

    SDVariable forward(SDVariable x) {
        return x.mul(power(base(x), -lrn.beta()));
    }

    /** gx = gy s^-beta - 2 beta alpha / size x B'(gy x s^(-beta - 1)). */
    SDVariable backward(SDVariable x, SDVariable gy) {
        SDVariable s = base(x);
        SDVariable power = power(s, -lrn.beta());
        SDVariable direct = gy.mul(power);
        SDVariable shares = window(direct.mul(x).div(s), true);
        return direct.sub(x.mul(shares).mul(2 * lrn.beta() * lrn.alpha() / lrn.size()));
    }

    private SDVariable base(SDVariable x) {
        return window(sheet.sd.math().square(x), false)
                .mul(lrn.alpha() / lrn.size())
                .add(lrn.bias());
    }

    private SDVariable power(SDVariable x, double exponent) {
        return sheet.sd.math().pow(x, exponent);
    }

    private SDVariable window(SDVariable x, boolean transposed) {
        SDVariable band = sheet.constant(lrn, "band of " + channels + (transposed ? " transposed" : ""), () -> {
            float[] values = new float[channels * channels];
            for (int c = 0; c < channels; c++) {
                int last = Math.min(channels - 1, c + lrn.size() / 2);
                for (int k = Math.max(0, c - (lrn.size() - 1) / 2); k <= last; k++) {
                    values[transposed ? c * channels + k : k * channels + c] = 1;
                }
            }
            return Sheet.array(values, 1, 1, channels, channels);
        });
        return pointwise(sheet, x, band, layout);
    }

    /** A 1x1 convolution with weights [1, 1, in, out]. */
    static SDVariable pointwise(Sheet sheet, SDVariable x, SDVariable weights, Layout layout) {
        Conv2DConfig config = Conv2DConfig.builder()
                .kH(1)
                .kW(1)
                .sH(1)
                .sW(1)
                .pH(0)
                .pW(0)
                .dH(1)
                .dW(1)
                .paddingMode(PaddingMode.VALID)
                .dataFormat(layout.format)
                .weightsFormat(WeightsFormat.YXIO)
                .build();
        return sheet.sd.cnn().conv2d(x, weights, config);
    }
}
