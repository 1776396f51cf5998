package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Padding;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.DepthwiseConv2DBp;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.DeConv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;

/**
 * Convolutions and their input gradients. Weights are stored [row, column, in, out], the only layout that both directions of
 * the engine take. The input gradient is the transposed convolution with the very same weights; the engine's own derivative
 * would compute that of the weights too, and nobody needs it.
 */
final class Convolutions {
    private final Sheet sheet;
    private final Op.Conv conv;
    private final Op.Window k;
    private final int inPerGroup;
    private final int outPerGroup;

    Convolutions(Sheet sheet, Op.Conv conv) {
        this.sheet = sheet;
        this.conv = conv;
        this.k = conv.window();
        this.inPerGroup = conv.inChannels() / conv.groups();
        this.outPerGroup = conv.outChannels() / conv.groups();
    }

    SDVariable forward(SDVariable input, ImmutableIntArray in, ImmutableIntArray out) {
        Padding outside = isSymmetric() && !Undilated.isDilated(k) ? Padding.NONE : k.padding();
        ImmutableIntArray padded = padded(in, outside);
        SDVariable x = sheet.pad(input, outside, 0);
        if (Undilated.isDilated(k)) {
            Undilated plain = new Undilated(sheet, k, padded, out);
            return engine(plain.spread(x), plain.dimensions(), out, plain.window(), Padding.NONE);
        }
        return engine(x, padded, out, k, inside(outside));
    }

    /** Whether {@link #forwardLast} knows it. */
    boolean hasLast() {
        return isSymmetric() && !Undilated.isDilated(k) && (conv.groups() == 1 || isDepthwise());
    }

    /** With the channels last. */
    SDVariable forwardLast(SDVariable x, ImmutableIntArray out) {
        return one(x, 0, out, config(k, k.padding(), Layout.CHANNELS_LAST), Layout.CHANNELS_LAST);
    }

    SDVariable backward(SDVariable input, ImmutableIntArray in, SDVariable gy, ImmutableIntArray out) {
        boolean inside = isSymmetric() && !Undilated.isDilated(k) && !hasRest(in);
        Padding outside = inside ? Padding.NONE : k.padding();
        ImmutableIntArray padded = padded(in, outside);
        SDVariable x = sheet.pad(input, outside, 0);
        SDVariable gx;
        if (Undilated.isDilated(k)) {
            Undilated plain = new Undilated(sheet, k, padded, out);
            ImmutableIntArray spread = plain.dimensions();
            gx = plain.gathered(engineBack(plain.spread(x), spread, gy, out, plain.window(), Padding.NONE));
        } else {
            gx = engineBack(x, padded, gy, out, k, inside(outside));
        }
        return outside.equals(Padding.NONE)
                ? gx
                : sheet.crop(gx, conv.inChannels(), outside.top(), outside.left(), in.get(1), in.get(2));
    }

    private SDVariable engine(
            SDVariable x, ImmutableIntArray in, ImmutableIntArray out, Op.Window window, Padding inside) {
        Conv2DConfig config = config(window, inside, Layout.CHANNELS_FIRST);
        if (isDepthwise()) {
            return one(x, 0, out, config, Layout.CHANNELS_FIRST);
        }
        List<SDVariable> parts = new ArrayList<>();
        for (int g = 0; g < conv.groups(); g++) {
            SDVariable part = sheet.channels(x, in, g * inPerGroup, inPerGroup);
            parts.add(one(part, g, out, config, Layout.CHANNELS_FIRST));
        }
        return sheet.concat(parts);
    }

    /** One group, or all of a depthwise convolution. */
    private SDVariable one(SDVariable x, int group, ImmutableIntArray out, Conv2DConfig config, Layout layout) {
        if (isDepthwise()) {
            SDVariable y = sheet.sd.cnn().depthWiseConv2d(x, weights(0), config);
            return conv.bias()
                    .map(b -> y.add(sheet.perChannel(conv, "map bias", b, out, layout)))
                    .orElse(y);
        }
        if (conv.bias().isEmpty()) {
            return sheet.sd.cnn().conv2d(x, weights(group), config);
        }
        SDVariable bias = sheet.constant(conv, "bias " + group, () -> bias(group));
        return sheet.sd.cnn().conv2d(x, weights(group), bias, config);
    }

    private SDVariable engineBack(
            SDVariable x,
            ImmutableIntArray in,
            SDVariable gy,
            ImmutableIntArray out,
            Op.Window window,
            Padding inside) {
        if (isDepthwise()) {
            return new DepthwiseConv2DBp(sheet.sd, x, weights(0), gy, config(window, inside, Layout.CHANNELS_FIRST))
                    .outputVariables()[0];
        }
        List<SDVariable> parts = new ArrayList<>();
        for (int g = 0; g < conv.groups(); g++) {
            SDVariable part = sheet.channels(gy, out, g * outPerGroup, outPerGroup);
            parts.add(sheet.sd.cnn().deconv2d(part, weights(g), transposedConfig(window, inside)));
        }
        // The transposed convolution stops at the last row and column that a window touched; beyond them all is zero.
        int rows = window.strideY() * (out.get(1) - 1) + window.height() - 2 * inside.top();
        int columns = window.strideX() * (out.get(2) - 1) + window.width() - 2 * inside.left();
        return sheet.pad(sheet.concat(parts), new Padding(0, 0, in.get(1) - rows, in.get(2) - columns), 0);
    }

    private boolean isSymmetric() {
        Padding p = k.padding();
        return p.top() == p.bottom() && p.left() == p.right();
    }

    /**
     * Whether the last window ends before the padding does. The engine's backward operators take as much off the far side
     * as off the near one, which is then too much.
     */
    private boolean hasRest(ImmutableIntArray in) {
        Padding p = k.padding();
        return !p.equals(Padding.NONE)
                && ((in.get(1) + 2 * p.top() - k.height()) % k.strideY() != 0
                        || (in.get(2) + 2 * p.left() - k.width()) % k.strideX() != 0);
    }

    /** What is left for the engine to pad. */
    private Padding inside(Padding outside) {
        return outside.equals(Padding.NONE) ? k.padding() : Padding.NONE;
    }

    private boolean isDepthwise() {
        return conv.groups() > 1 && inPerGroup == 1;
    }

    private static ImmutableIntArray padded(ImmutableIntArray d, Padding outside) {
        return ImmutableIntArray.of(
                d.get(0), d.get(1) + outside.top() + outside.bottom(), d.get(2) + outside.left() + outside.right());
    }

    private SDVariable weights(int group) {
        return sheet.constant(conv, "weights " + group, () -> isDepthwise() ? depthwise() : rowColumnInOut(group));
    }

    private INDArray rowColumnInOut(int group) {
        float[] from = conv.weights().toFloats();
        int taps = k.height() * k.width();
        float[] to = new float[taps * inPerGroup * outPerGroup];
        for (int o = 0; o < outPerGroup; o++) {
            for (int i = 0; i < inPerGroup; i++) {
                int at = ((group * outPerGroup + o) * inPerGroup + i) * taps;
                for (int t = 0; t < taps; t++) {
                    to[(t * inPerGroup + i) * outPerGroup + o] = from[at + t];
                }
            }
        }
        return Sheet.array(to, k.height(), k.width(), inPerGroup, outPerGroup);
    }

    private INDArray depthwise() {
        float[] from = conv.weights().toFloats();
        int taps = k.height() * k.width();
        float[] to = new float[from.length];
        for (int o = 0; o < conv.outChannels(); o++) {
            for (int t = 0; t < taps; t++) {
                to[t * conv.outChannels() + o] = from[o * taps + t];
            }
        }
        return Sheet.array(to, k.height(), k.width(), conv.inChannels(), outPerGroup);
    }

    private INDArray bias(int group) {
        float[] bias = new float[outPerGroup];
        for (int o = 0; o < outPerGroup; o++) {
            bias[o] = conv.bias().orElseThrow().get(group * outPerGroup + o);
        }
        return Sheet.array(bias, outPerGroup);
    }

    private static Conv2DConfig config(Op.Window k, Padding inside, Layout layout) {
        return Conv2DConfig.builder()
                .kH(k.height())
                .kW(k.width())
                .sH(k.strideY())
                .sW(k.strideX())
                .pH(inside.top())
                .pW(inside.left())
                .dH(1)
                .dW(1)
                .paddingMode(PaddingMode.VALID)
                .dataFormat(layout.format)
                .weightsFormat(WeightsFormat.YXIO)
                .build();
    }

    private static DeConv2DConfig transposedConfig(Op.Window k, Padding inside) {
        return DeConv2DConfig.builder()
                .kH(k.height())
                .kW(k.width())
                .sH(k.strideY())
                .sW(k.strideX())
                .pH(inside.top())
                .pW(inside.left())
                .dH(1)
                .dW(1)
                .isSameMode(false)
                .dataFormat("NCHW")
                .build();
    }
}
