package io.neurflow.core.reference;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import java.util.Arrays;
import java.util.List;

/** The value of each operator, by its definition. */
final class Forward {
    private Forward() {}

    static Grid of(Op op, List<Grid> in, ImmutableIntArray dimensions) {
        Grid x = in.get(0);
        Grid y = Grid.zeros(dimensions);
        if (op instanceof Op.Conv conv) {
            return new Convolution(conv).forward(x, y);
        } else if (op instanceof Op.MaxPool pool) {
            return new Pooling(pool.window()).max(x, y);
        } else if (op instanceof Op.AveragePool pool) {
            return new Pooling(pool.window()).mean(x, y, pool.countPadding());
        } else if (op instanceof Op.Concat) {
            return concat(in, y);
        } else if (op instanceof Op.Pad pad) {
            return pad(pad, x, y);
        } else if (op instanceof Op.Reshape) {
            return new Grid(dimensions, x.v);
        } else if (op instanceof Op.Softmax) {
            return softmax(x, y);
        }
        for (int i = 0; i < y.v.length; i++) {
            y.v[i] = valueAt(op, in, y, i);
        }
        return y;
    }

    private static double valueAt(Op op, List<Grid> in, Grid y, int i) {
        Grid x = in.get(0);
        if (op instanceof Op.Affine affine) {
            int c = affine.scale().length() == 1 ? 0 : i / y.perChannel();
            return affine.scale().get(c) * x.v[i] + affine.shift().get(c);
        } else if (op instanceof Op.Elementwise function) {
            return Functions.value(function, x.v[i]);
        } else if (op instanceof Op.GlobalAveragePool) {
            double sum = 0;
            for (int p = 0; p < x.perChannel(); p++) {
                sum += x.v[i * x.perChannel() + p];
            }
            return sum / x.perChannel();
        } else if (op instanceof Op.GlobalMaxPool) {
            return x.v[argmax(x, i)];
        } else if (op instanceof Op.Dense dense) {
            double sum = dense.bias().map(b -> (double) b.get(i)).orElse(0.0);
            for (int j = 0; j < dense.in(); j++) {
                sum += dense.weights().get(i * dense.in() + j) * x.v[j];
            }
            return sum;
        } else if (op instanceof Op.Add) {
            return x.v[i] + in.get(1).v[i];
        } else if (op instanceof Op.Mul) {
            return x.v[repeated(x, y, i)] * in.get(1).v[repeated(in.get(1), y, i)];
        } else if (op instanceof Op.SelectChannels select) {
            int plane = y.perChannel();
            return x.v[select.channels().get(i / plane) * plane + i % plane];
        } else if (op instanceof Op.Lrn lrn) {
            return x.v[i] * Math.pow(lrnBase(lrn, x, i), -lrn.beta());
        }
        throw new IllegalStateException("there is no definition of " + op.kind());
    }

    /** The first of the largest values of a channel. */
    static int argmax(Grid x, int channel) {
        int best = channel * x.perChannel();
        for (int p = best; p < (channel + 1) * x.perChannel(); p++) {
            if (x.v[p] > x.v[best] || Double.isNaN(x.v[p])) {
                best = p;
            }
        }
        return best;
    }

    /** Where in x, an extent of which may be 1 where that of y is not, stands what belongs to place i of y. */
    static int repeated(Grid x, Grid y, int i) {
        int rest = i;
        int at = 0;
        int step = 1;
        for (int d = y.dimensions.length() - 1; d >= 0; d--) {
            int extent = x.dimensions.get(d);
            at += extent == 1 ? 0 : rest % y.dimensions.get(d) * step;
            rest /= y.dimensions.get(d);
            step *= extent;
        }
        return at;
    }

    /** bias + alpha / size * sum of squares, over the window of channels around place i. */
    static double lrnBase(Op.Lrn lrn, Grid x, int i) {
        int plane = x.perChannel();
        int c = i / plane;
        double sum = 0;
        for (int k = c - (lrn.size() - 1) / 2; k <= c + lrn.size() / 2; k++) {
            if (k >= 0 && k < x.channels()) {
                double value = x.v[k * plane + i % plane];
                sum += value * value;
            }
        }
        return lrn.bias() + lrn.alpha() / lrn.size() * sum;
    }

    private static Grid concat(List<Grid> in, Grid y) {
        int at = 0;
        for (Grid each : in) {
            System.arraycopy(each.v, 0, y.v, at, each.v.length);
            at += each.v.length;
        }
        return y;
    }

    private static Grid pad(Op.Pad pad, Grid x, Grid y) {
        Arrays.fill(y.v, pad.value());
        for (int i = 0; i < x.v.length; i++) {
            y.v[padded(pad, x, y, i)] = x.v[i];
        }
        return y;
    }

    /** Where in the padded map y stands what is at place i of x. */
    static int padded(Op.Pad pad, Grid x, Grid y, int i) {
        int column = i % x.width() + pad.padding().left();
        int row = i / x.width() % x.height() + pad.padding().top();
        return (i / x.perChannel() * y.height() + row) * y.width() + column;
    }

    private static Grid softmax(Grid x, Grid y) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double value : x.v) {
            largest = Math.max(largest, value);
        }
        double sum = 0;
        for (int i = 0; i < y.v.length; i++) {
            y.v[i] = Math.exp(x.v[i] - largest);
            sum += y.v[i];
        }
        for (int i = 0; i < y.v.length; i++) {
            y.v[i] /= sum;
        }
        return y;
    }
}
