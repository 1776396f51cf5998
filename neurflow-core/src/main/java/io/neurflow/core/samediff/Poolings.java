package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Padding;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Pooling2D.Divisor;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Pooling2D.Pooling2DType;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Pooling2DDerivative;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig;

/**
 * Maximum and mean over windows. The engine knows neither a ceiling nor padding that is not symmetric, so that what it does
 * not know is padded beforehand: with minus infinity under a maximum; with zeros under a mean, which is then multiplied by
 * (cells of the window) / (cells that count).
 */
final class Poolings {
    private final Sheet sheet;
    private final Op op;
    private final Op.Window k;
    private final boolean mean;
    private final ImmutableIntArray in;
    private final ImmutableIntArray out;
    private final Padding outside;
    private final Padding inside;

    private Poolings(Sheet sheet, Op op, Op.Window k, boolean mean, ImmutableIntArray in, ImmutableIntArray out) {
        this.sheet = sheet;
        this.op = op;
        this.k = k;
        this.mean = mean;
        this.in = in;
        this.out = out;
        Padding p = k.padding();
        boolean known = !k.ceil() && !Undilated.isDilated(k) && p.top() == p.bottom() && p.left() == p.right();
        if (known && (!mean || p.equals(Padding.NONE))) {
            this.inside = p;
            this.outside = Padding.NONE;
        } else {
            this.inside = Padding.NONE;
            this.outside = new Padding(
                    p.top(),
                    p.left(),
                    missing(out.get(1), k.strideY(), k.dilationY() * (k.height() - 1) + 1, in.get(1) + p.top()),
                    missing(out.get(2), k.strideX(), k.dilationX() * (k.width() - 1) + 1, in.get(2) + p.left()));
        }
    }

    static Poolings max(Sheet sheet, Op.MaxPool op, ImmutableIntArray in, ImmutableIntArray out) {
        return new Poolings(sheet, op, op.window(), false, in, out);
    }

    static Poolings mean(Sheet sheet, Op.AveragePool op, ImmutableIntArray in, ImmutableIntArray out) {
        return new Poolings(sheet, op, op.window(), true, in, out);
    }

    private static int missing(int out, int stride, int size, int there) {
        return Math.max(0, (out - 1) * stride + size - there);
    }

    SDVariable forward(SDVariable input) {
        if (Undilated.isDilated(k)) {
            Undilated plain = undilated();
            SDVariable x = padded(input, Layout.CHANNELS_FIRST);
            return sheet.sd.cnn().maxPooling2d(plain.spread(x), config(plain.window(), Layout.CHANNELS_FIRST));
        }
        return forward(input, Layout.CHANNELS_FIRST);
    }

    /** Whether it can be done with the channels last. */
    boolean hasLast() {
        return !Undilated.isDilated(k);
    }

    /** Without dilation. */
    SDVariable forward(SDVariable input, Layout layout) {
        SDVariable x = padded(input, layout);
        return mean
                ? corrected(sheet.sd.cnn().avgPooling2d(x, config(k, layout)), layout)
                : sheet.sd.cnn().maxPooling2d(x, config(k, layout));
    }

    SDVariable backward(SDVariable input, SDVariable gy) {
        SDVariable g = mean ? corrected(gy, Layout.CHANNELS_FIRST) : gy;
        SDVariable x = padded(input, Layout.CHANNELS_FIRST);
        SDVariable gx;
        if (Undilated.isDilated(k)) {
            Undilated plain = undilated();
            gx = plain.gathered(engineBack(plain.spread(x), g, config(plain.window(), Layout.CHANNELS_FIRST)));
        } else {
            gx = engineBack(x, g, config(k, Layout.CHANNELS_FIRST));
        }
        return outside.equals(Padding.NONE)
                ? gx
                : sheet.crop(gx, in.get(0), outside.top(), outside.left(), in.get(1), in.get(2));
    }

    private SDVariable engineBack(SDVariable x, SDVariable gy, Pooling2DConfig config) {
        return new Pooling2DDerivative(sheet.sd, new SDVariable[] {x, gy}, config).outputVariable();
    }

    private Undilated undilated() {
        int height = in.get(1) + outside.top() + outside.bottom();
        int width = in.get(2) + outside.left() + outside.right();
        return new Undilated(sheet, k, ImmutableIntArray.of(in.get(0), height, width), out);
    }

    private SDVariable padded(SDVariable x, Layout layout) {
        return sheet.pad(x, outside, mean ? 0 : Double.NEGATIVE_INFINITY, layout);
    }

    private SDVariable corrected(SDVariable y, Layout layout) {
        if (k.padding().equals(Padding.NONE) && !k.ceil()) {
            return y;
        }
        return y.mul(sheet.constant(op, "share of cells that count in " + in + layout.format, () -> {
            float[] factors = new float[out.get(1) * out.get(2)];
            for (int r = 0; r < out.get(1); r++) {
                for (int c = 0; c < out.get(2); c++) {
                    factors[r * out.get(2) + c] = (float) (k.height() * k.width()) / (rows(r) * columns(c));
                }
            }
            return Sheet.array(factors, layout.perPosition(out.get(1), out.get(2)));
        }));
    }

    private boolean countPadding() {
        return op instanceof Op.AveragePool pool && pool.countPadding();
    }

    private int rows(int r) {
        Padding p = countPadding() ? k.padding() : Padding.NONE;
        int start = r * k.strideY() - k.padding().top();
        return Math.min(start + k.height(), in.get(1) + p.bottom()) - Math.max(start, -p.top());
    }

    private int columns(int c) {
        Padding p = countPadding() ? k.padding() : Padding.NONE;
        int start = c * k.strideX() - k.padding().left();
        return Math.min(start + k.width(), in.get(2) + p.right()) - Math.max(start, -p.left());
    }

    private Pooling2DConfig config(Op.Window k, Layout layout) {
        return Pooling2DConfig.builder()
                .kH(k.height())
                .kW(k.width())
                .sH(k.strideY())
                .sW(k.strideX())
                .pH(inside.top())
                .pW(inside.left())
                .dH(1)
                .dW(1)
                .type(mean ? Pooling2DType.AVG : Pooling2DType.MAX)
                .divisor(Divisor.EXCLUDE_PADDING)
                .isNHWC(layout == Layout.CHANNELS_LAST)
                .build();
    }
}
