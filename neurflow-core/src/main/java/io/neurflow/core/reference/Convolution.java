package io.neurflow.core.reference;

import io.neurflow.core.graph.Op;

/** y[o, r, s] = b[o] + sum over i, ky, kx of w[o, i, ky, kx] x[i, r strideY - top + ky dilationY, ...]. */
final class Convolution {
    private final Op.Conv conv;
    private final float[] w;

    Convolution(Op.Conv conv) {
        this.conv = conv;
        this.w = conv.weights().toFloats();
    }

    /** A weight, and a row of outputs with the row of inputs that it links. */
    @FunctionalInterface
    private interface Row {
        void link(double weight, int out, int in, int inStep, int count);
    }

    Grid forward(Grid x, Grid y) {
        conv.bias().ifPresent(bias -> {
            for (int i = 0; i < y.v.length; i++) {
                y.v[i] = bias.get(i / y.perChannel());
            }
        });
        rows(x, y, (weight, out, in, inStep, count) -> {
            if (inStep == 1) {
                for (int i = 0; i < count; i++) {
                    y.v[out + i] += weight * x.v[in + i];
                }
            } else {
                for (int i = 0; i < count; i++) {
                    y.v[out + i] += weight * x.v[in + i * inStep];
                }
            }
        });
        return y;
    }

    /** Adds to gx what the cotangent gy of the output says of the input: the same sums, read the other way. */
    void backward(Grid gx, Grid gy) {
        rows(gx, gy, (weight, out, in, inStep, count) -> {
            if (inStep == 1) {
                for (int i = 0; i < count; i++) {
                    gx.v[in + i] += weight * gy.v[out + i];
                }
            } else {
                for (int i = 0; i < count; i++) {
                    gx.v[in + i * inStep] += weight * gy.v[out + i];
                }
            }
        });
    }

    private void rows(Grid x, Grid y, Row row) {
        int in = conv.inChannels() / conv.groups();
        int out = conv.outChannels() / conv.groups();
        int taps = conv.window().height() * conv.window().width();
        for (int o = 0; o < conv.outChannels(); o++) {
            for (int i = 0; i < in; i++) {
                int xPlane = (o / out * in + i) * x.perChannel();
                int yPlane = o * y.perChannel();
                if (isPointwise(conv.window())) {
                    row.link(w[o * in + i], yPlane, xPlane, 1, y.perChannel());
                } else {
                    plane(x, y, xPlane, yPlane, (o * in + i) * taps, row);
                }
            }
        }
    }

    /** A 1x1 kernel sees each position alone, so that the whole map is one long row. */
    private static boolean isPointwise(Op.Window window) {
        return window.height() == 1
                && window.width() == 1
                && window.strideY() == 1
                && window.strideX() == 1
                && window.padding().equals(Op.Padding.NONE);
    }

    private void plane(Grid x, Grid y, int xPlane, int yPlane, int weight, Row row) {
        Op.Window k = conv.window();
        for (int ky = 0; ky < k.height(); ky++) {
            for (int kx = 0; kx < k.width(); kx++) {
                int shift = kx * k.dilationX() - k.padding().left();
                int first = Math.max(0, -Math.floorDiv(shift, k.strideX()));
                int last = Math.min(y.width() - 1, Math.floorDiv(x.width() - 1 - shift, k.strideX()));
                if (last < first) {
                    continue;
                }
                for (int r = 0; r < y.height(); r++) {
                    int xr = r * k.strideY() - k.padding().top() + ky * k.dilationY();
                    if (xr >= 0 && xr < x.height()) {
                        int from = xPlane + xr * x.width() + first * k.strideX() + shift;
                        int to = yPlane + r * y.width() + first;
                        row.link(w[weight + ky * k.width() + kx], to, from, k.strideX(), last - first + 1);
                    }
                }
            }
        }
    }
}
