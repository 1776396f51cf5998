package io.neurflow.core.reference;

import io.neurflow.core.graph.Op;
import java.util.List;

/**
 * The vector-Jacobian product of each operator: given gy = &part;s/&part;y, adds &part;s/&part;x to gx, for every input x.
 * Where an operator reads one value twice, both shares are added.
 */
final class Backward {
    private Backward() {}

    static void of(Op op, List<Grid> in, Grid y, Grid gy, List<Grid> gradients) {
        Grid x = in.get(0);
        Grid gx = gradients.get(0);
        if (op instanceof Op.Conv conv) {
            new Convolution(conv).backward(gx, gy);
        } else if (op instanceof Op.MaxPool pool) {
            new Pooling(pool.window()).maxBackward(x, gx, gy);
        } else if (op instanceof Op.AveragePool pool) {
            new Pooling(pool.window()).meanBackward(gx, gy, pool.countPadding());
        } else if (op instanceof Op.Concat) {
            concat(gradients, gy);
        } else if (op instanceof Op.Reshape) {
            add(gx, gy.v);
        } else if (op instanceof Op.Softmax) {
            softmax(y, gx, gy);
        } else if (op instanceof Op.Dense dense) {
            dense(dense, gx, gy);
        } else if (op instanceof Op.Add) {
            add(gx, gy.v);
            add(gradients.get(1), gy.v);
        } else if (op instanceof Op.Mul) {
            mul(in, y, gradients, gy);
        } else if (op instanceof Op.GlobalMaxPool) {
            for (int c = 0; c < x.channels(); c++) {
                gx.v[Forward.argmax(x, c)] += gy.v[c];
            }
        } else if (op instanceof Op.SelectChannels select) {
            int plane = y.perChannel();
            for (int i = 0; i < gy.v.length; i++) {
                gx.v[select.channels().get(i / plane) * plane + i % plane] += gy.v[i];
            }
        } else if (op instanceof Op.Lrn lrn) {
            lrn(lrn, x, gx, gy);
        } else {
            for (int i = 0; i < gx.v.length; i++) {
                gx.v[i] += gradientAt(op, x, y, gy, i);
            }
        }
    }

    private static double gradientAt(Op op, Grid x, Grid y, Grid gy, int i) {
        if (op instanceof Op.Affine affine) {
            return gy.v[i] * affine.scale().get(affine.scale().length() == 1 ? 0 : i / x.perChannel());
        } else if (op instanceof Op.Elementwise function) {
            return gy.v[i] * Functions.derivative(function, x.v[i]);
        } else if (op instanceof Op.GlobalAveragePool) {
            return gy.v[i / x.perChannel()] / x.perChannel();
        } else if (op instanceof Op.Pad pad) {
            return gy.v[Forward.padded(pad, x, y, i)];
        }
        throw new IllegalStateException("there is no definition of the gradient of " + op.kind());
    }

    private static void add(Grid gx, double[] share) {
        for (int i = 0; i < gx.v.length; i++) {
            gx.v[i] += share[i];
        }
    }

    private static void concat(List<Grid> gradients, Grid gy) {
        int at = 0;
        for (Grid gx : gradients) {
            for (int i = 0; i < gx.v.length; i++) {
                gx.v[i] += gy.v[at++];
            }
        }
    }

    private static void softmax(Grid y, Grid gx, Grid gy) {
        double mean = 0;
        for (int i = 0; i < y.v.length; i++) {
            mean += y.v[i] * gy.v[i];
        }
        for (int i = 0; i < y.v.length; i++) {
            gx.v[i] += y.v[i] * (gy.v[i] - mean);
        }
    }

    private static void dense(Op.Dense dense, Grid gx, Grid gy) {
        for (int o = 0; o < dense.out(); o++) {
            for (int i = 0; i < dense.in(); i++) {
                gx.v[i] += dense.weights().get(o * dense.in() + i) * gy.v[o];
            }
        }
    }

    private static void mul(List<Grid> in, Grid y, List<Grid> gradients, Grid gy) {
        Grid a = in.get(0);
        Grid b = in.get(1);
        for (int i = 0; i < gy.v.length; i++) {
            int atA = Forward.repeated(a, y, i);
            int atB = Forward.repeated(b, y, i);
            gradients.get(0).v[atA] += b.v[atB] * gy.v[i];
            gradients.get(1).v[atB] += a.v[atA] * gy.v[i];
        }
    }

    /** y_i = x_i s_i^-beta with s_i = bias + alpha / size sum of x_k^2, so dy_i / dx_k has a share of every window. */
    private static void lrn(Op.Lrn lrn, Grid x, Grid gx, Grid gy) {
        int plane = x.perChannel();
        for (int i = 0; i < x.v.length; i++) {
            double base = Forward.lrnBase(lrn, x, i);
            gx.v[i] += gy.v[i] * Math.pow(base, -lrn.beta());
            double common = -2 * lrn.beta() * lrn.alpha() / lrn.size() * gy.v[i] * x.v[i];
            double factor = common * Math.pow(base, -lrn.beta() - 1);
            int c = i / plane;
            for (int k = c - (lrn.size() - 1) / 2; k <= c + lrn.size() / 2; k++) {
                if (k >= 0 && k < x.channels()) {
                    int at = k * plane + i % plane;
                    gx.v[at] += factor * x.v[at];
                }
            }
        }
    }
}
