package io.neurflow.cuda;

import io.neurflow.core.graph.Op;
import java.util.Optional;

/** Every kernel once more, in Java, written from what it is to do and not from its source: one call for each thread. */
final class HostKernels {
    private final Kernel kernel;
    private final Object[] arguments;
    private int next;

    private HostKernels(Kernel kernel, Object[] arguments) {
        this.kernel = kernel;
        this.arguments = arguments;
    }

    static void run(Kernel kernel, int threads, Object... arguments) {
        HostKernels host = new HostKernels(kernel, arguments);
        for (int i = 0; i < threads; i++) {
            host.next = 0;
            host.thread(i);
        }
        if (host.next != arguments.length) {
            throw new IllegalArgumentException(
                    kernel + " took " + host.next + " arguments, but there are " + arguments.length);
        }
    }

    private float[] m() {
        return (float[]) ((Memory) arguments[next++]).handle();
    }

    private int n() {
        return (Integer) arguments[next++];
    }

    private float f() {
        return (Float) arguments[next++];
    }

    private static int at(float[] ints, int i) {
        return Float.floatToRawIntBits(ints[i]);
    }

    private float value(double x) {
        return (float)
                kernel.function().map(f -> HostFunctions.value(f, x)).orElse(x).doubleValue();
    }

    private double slope(double x) {
        return kernel.function().map(f -> HostFunctions.slope(f, x)).orElse(1.0);
    }

    private boolean gated() {
        Optional<Op.Elementwise> function = kernel.function();
        return function.isPresent();
    }

    private void thread(int i) {
        switch (kernel.kind()) {
            case BIAS -> {
                float[] y = m();
                float[] b = m();
                int c = n();
                int p = n();
                y[i] = value(y[i] + b[i / p % c]);
            }
            case AFFINE -> {
                float[] y = m();
                float[] x = m();
                float[] s = m();
                float[] t = m();
                int c = n();
                int p = n();
                int at = c == 1 ? 0 : i / p % c;
                y[i] = value((double) x[i] * s[at] + t[at]);
            }
            case FUNCTION -> {
                float[] y = m();
                y[i] = value(m()[i]);
            }
            case ADD -> {
                float[] y = m();
                y[i] = value((double) m()[i] + m()[i]);
            }
            case SUM -> m()[i] += m()[i];
            case FILL -> m()[i] = f();
            case MUL -> mul(i);
            case MUL_BACK -> mulBack(i);
            case MAX -> max(i);
            case MAX_BACK -> maxBack(i);
            case MEAN -> mean(i);
            case MEAN_BACK -> meanBack(i);
            case COPY -> {
                float[] y = m();
                float[] x = m();
                int e = n();
                int to = i / e * n() + n();
                int from = i / e * n() + n();
                y[to + i % e] = x[from + i % e];
            }
            case PAD -> pad(i);
            case SELECT -> {
                float[] y = m();
                float[] x = m();
                float[] index = m();
                int c = n();
                int oc = n();
                int p = n();
                y[i] = x[(i / (oc * p) * c + at(index, i / p % oc)) * p + i % p];
            }
            case SELECT_BACK -> {
                float[] gx = m();
                float[] g = m();
                float[] index = m();
                int c = n();
                int oc = n();
                int p = n();
                gx[i] = 0;
                for (int o = 0; o < oc; o++) {
                    if (at(index, o) == i / p % c) {
                        gx[i] += g[(i / (c * p) * oc + o) * p + i % p];
                    }
                }
            }
            case LRN -> lrn(i);
            case LRN_BACK -> lrnBack(i);
            case SOFTMAX -> softmax(i);
            case SOFTMAX_BACK -> {
                float[] gx = m();
                float[] g = m();
                float[] y = m();
                int row = row(i, m(), n());
                int c = n();
                double mean = 0;
                for (int k = 0; k < c; k++) {
                    mean += (double) y[row * c + k] * g[i * c + k];
                }
                for (int k = 0; k < c; k++) {
                    gx[i * c + k] = (float) (y[row * c + k] * (g[i * c + k] - mean));
                }
            }
            default -> ray(i);
        }
    }

    private void ray(int i) {
        switch (kernel.kind()) {
            case RAY -> {
                float[] y = m();
                float[] zero = m();
                float[] end = m();
                float[] alpha = m();
                int s = n();
                int e = n();
                double z = zero[i % e];
                y[i] = value(z + alpha[i / e % s] * (end[i / e / s * e + i % e] - z));
            }
            case GATE -> {
                float[] gx = m();
                float[] g = m();
                float[] x = m();
                float[] map = m();
                int s = n();
                int e = n();
                gx[i] = (float) (g[i] * slope(x[row(i / e, map, s) * e + i % e]));
            }
            case SCALE -> {
                float[] gx = m();
                float[] g = m();
                float[] s = m();
                int c = n();
                int p = n();
                gx[i] = g[i] * s[c == 1 ? 0 : i / p % c];
            }
            case EXPAND -> {
                float[] gx = m();
                float[] g = m();
                float[] chan = m();
                int s = n();
                int c = n();
                int p = n();
                int item = i / (c * p);
                gx[i] = i / p % c == at(chan, item / s) ? g[item * p + i % p] : 0;
            }
            case GATE_ONE -> {
                float[] gx = m();
                float[] g = m();
                float[] x = m();
                float[] map = m();
                float[] chan = m();
                int s = n();
                int c = n();
                int p = n();
                int item = i / p;
                gx[i] = (float) (g[i] * slope(x[(row(item, map, s) * c + at(chan, item / s)) * p + i % p]));
            }
            case SCALE_ONE -> {
                float[] gx = m();
                float[] g = m();
                float[] scale = m();
                float[] chan = m();
                int s = n();
                int c = n();
                int p = n();
                gx[i] = g[i] * scale[c == 1 ? 0 : at(chan, i / p / s)];
            }
            case ROW -> row(i);
            case ROW_WINDOW -> rowWindow(i);
            case ACCUMULATE -> {
                float[] sum = m();
                float[] g = m();
                float[] x = m();
                float[] map = m();
                float[] weight = m();
                int s = n();
                int e = n();
                double total = 0;
                for (int n = 0; n < s; n++) {
                    double slope = gated() ? slope(x[(at(map, i / e) * s + n) * e + i % e]) : 1;
                    total += weight[n] * slope * g[(i / e * s + n) * e + i % e];
                }
                sum[i] += (float) total;
            }
            case SCORES -> {
                float[] t = m();
                float[] x = m();
                float[] gx = m();
                float[] map = m();
                int c = n();
                int p = n();
                double total = 0;
                for (int k = 0; k < p; k++) {
                    total += (double) x[(at(map, i / c) * c + i % c) * p + k] * gx[i * p + k];
                }
                t[i] = (float) total;
            }
            default -> throw new IllegalArgumentException("no twin of " + kernel);
        }
    }

    private static int row(int item, float[] map, int s) {
        return at(map, item / s) * s + item % s;
    }

    private static int repeated(int[] extents, int item, int c, int h, int w) {
        int at = item;
        int[] place = {c, h, w};
        for (int d = 0; d < 3; d++) {
            at = at * extents[d] + (extents[d] == 1 ? 0 : place[d]);
        }
        return at;
    }

    private int[] three() {
        return new int[] {n(), n(), n()};
    }

    private void mul(int i) {
        float[] y = m();
        float[] a = m();
        float[] b = m();
        int[] e = three();
        int w = i % e[2];
        int h = i / e[2] % e[1];
        int c = i / (e[1] * e[2]) % e[0];
        int item = i / (e[0] * e[1] * e[2]);
        y[i] = a[repeated(three(), item, c, h, w)] * b[repeated(three(), item, c, h, w)];
    }

    private void mulBack(int i) {
        float[] ga = m();
        float[] g = m();
        float[] b = m();
        float[] map = m();
        int s = n();
        int[] e = three();
        int[] mine = three();
        int[] others = three();
        double sum = 0;
        int item = i / (mine[0] * mine[1] * mine[2]);
        for (int k = 0; k < e[0] * e[1] * e[2]; k++) {
            int w = k % e[2];
            int h = k / e[2] % e[1];
            int c = k / (e[1] * e[2]);
            if (repeated(mine, item, c, h, w) == i) {
                sum += (double) g[item * e[0] * e[1] * e[2] + k] * b[repeated(others, row(item, map, s), c, h, w)];
            }
        }
        ga[i] = (float) sum;
    }

    /** Extents of a map and the windows over it, in the kernels' order. */
    private record Windows(
            int c, int h, int w, int oh, int ow, int kh, int kw, int sy, int sx, int dy, int dx, int pt, int pl) {
        /** Place in the plane, negative outside. */
        int cell(int out, int ky, int kx) {
            int r = out / ow % oh * sy - pt + ky * dy;
            int k = out % ow * sx - pl + kx * dx;
            return r >= 0 && r < h && k >= 0 && k < w ? r * w + k : -1;
        }

        /** The output whose window has this place of the plane at a tap, negative if there is none. */
        int output(int place, int ky, int kx) {
            int r = place / w + pt - ky * dy;
            int k = place % w + pl - kx * dx;
            boolean inside = r >= 0 && r % sy == 0 && r / sy < oh && k >= 0 && k % sx == 0 && k / sx < ow;
            return inside ? r / sy * ow + k / sx : -1;
        }
    }

    private Windows windows() {
        return new Windows(n(), n(), n(), n(), n(), n(), n(), n(), n(), n(), n(), n(), n());
    }

    private void max(int i) {
        float[] y = m();
        float[] arg = m();
        float[] x = m();
        Windows k = windows();
        int plane = i / (k.oh * k.ow) * k.h * k.w;
        int best = -1;
        for (int tap = 0; tap < k.kh * k.kw; tap++) {
            int at = k.cell(i, tap / k.kw, tap % k.kw);
            if (at >= 0 && (best < 0 || x[plane + at] > x[plane + best] || Float.isNaN(x[plane + at]))) {
                best = at;
            }
        }
        y[i] = best < 0 ? Float.NEGATIVE_INFINITY : x[plane + best];
        arg[i] = Float.intBitsToFloat(best);
    }

    private void maxBack(int i) {
        float[] gx = m();
        float[] g = m();
        float[] arg = m();
        float[] map = m();
        int s = n();
        Windows k = windows();
        int plane = i / (k.h * k.w);
        int other = row(plane / k.c, map, s) * k.c + plane % k.c;
        gx[i] = 0;
        for (int tap = 0; tap < k.kh * k.kw; tap++) {
            int o = k.output(i % (k.h * k.w), tap / k.kw, tap % k.kw);
            if (o >= 0 && at(arg, other * k.oh * k.ow + o) == i % (k.h * k.w)) {
                gx[i] += g[plane * k.oh * k.ow + o];
            }
        }
    }

    private static double cells(Windows k, int out, int[] beyond) {
        int top = out / k.ow % k.oh * k.sy - k.pt;
        int left = out % k.ow * k.sx - k.pl;
        int rows = Math.min(top + k.kh, k.h + beyond[2]) - Math.max(top, -beyond[0]);
        int columns = Math.min(left + k.kw, k.w + beyond[3]) - Math.max(left, -beyond[1]);
        return Math.max(1, Math.max(0, rows) * Math.max(0, columns));
    }

    private void mean(int i) {
        float[] y = m();
        float[] x = m();
        Windows k = windows();
        int[] beyond = {n(), n(), n(), n()};
        int plane = i / (k.oh * k.ow) * k.h * k.w;
        double sum = 0;
        for (int tap = 0; tap < k.kh * k.kw; tap++) {
            int at = k.cell(i, tap / k.kw, tap % k.kw);
            sum += at < 0 ? 0 : x[plane + at];
        }
        y[i] = (float) (sum / cells(k, i, beyond));
    }

    private void meanBack(int i) {
        float[] gx = m();
        float[] g = m();
        Windows k = windows();
        int[] beyond = {n(), n(), n(), n()};
        int plane = i / (k.h * k.w);
        double sum = 0;
        for (int tap = 0; tap < k.kh * k.kw; tap++) {
            int o = k.output(i % (k.h * k.w), tap / k.kw, tap % k.kw);
            sum += o < 0 ? 0 : g[plane * k.oh * k.ow + o] / cells(k, o, beyond);
        }
        gx[i] = (float) sum;
    }

    private void pad(int i) {
        float[] y = m();
        float[] x = m();
        int h = n();
        int w = n();
        int oh = n();
        int ow = n();
        int r = i / ow % oh - n();
        int c = i % ow - n();
        float fill = f();
        y[i] = r >= 0 && r < h && c >= 0 && c < w ? x[(i / (oh * ow) * h + r) * w + c] : fill;
    }

    private static double base(float[] x, int at, int c, int channels, int p, int lo, int hi, double scale, double k) {
        double sum = 0;
        for (int o = Math.max(0, c - lo); o <= Math.min(channels - 1, c + hi); o++) {
            double v = x[at + (o - c) * p];
            sum += v * v;
        }
        return k + scale * sum;
    }

    private void lrn(int i) {
        float[] y = m();
        float[] x = m();
        int c = n();
        int p = n();
        int lo = n();
        int hi = n();
        double scale = f();
        double beta = f();
        y[i] = (float) (x[i] * Math.pow(base(x, i, i / p % c, c, p, lo, hi, scale, f()), -beta));
    }

    /** From the side of the outputs, each of which gives to all of its window. */
    private void lrnBack(int i) {
        float[] gx = m();
        float[] g = m();
        float[] x = m();
        float[] map = m();
        int s = n();
        int c = n();
        int p = n();
        int lo = n();
        int hi = n();
        double scale = f();
        double beta = f();
        double k = f();
        int item = i / (c * p);
        int row = row(item, map, s);
        double sum = 0;
        for (int o = 0; o < c; o++) {
            int at = (row * c + o) * p + i % p;
            double base = base(x, at, o, c, p, lo, hi, scale, k);
            double gradient = g[(item * c + o) * p + i % p];
            int mine = i / p % c;
            if (mine == o) {
                sum += gradient * Math.pow(base, -beta);
            }
            if (mine >= o - lo && mine <= o + hi) {
                sum -= 2 * beta * scale * gradient * x[at] * x[at + (mine - o) * p] * Math.pow(base, -beta - 1);
            }
        }
        gx[i] = (float) sum;
    }

    private void softmax(int i) {
        float[] y = m();
        float[] x = m();
        int c = n();
        double top = Double.NEGATIVE_INFINITY;
        double sum = 0;
        for (int k = 0; k < c; k++) {
            top = Math.max(top, x[i * c + k]);
        }
        for (int k = 0; k < c; k++) {
            sum += Math.exp(x[i * c + k] - top);
        }
        for (int k = 0; k < c; k++) {
            y[i * c + k] = (float) (Math.exp(x[i * c + k] - top) / sum);
        }
    }

    private void row(int i) {
        float[] gx = m();
        float[] g = m();
        float[] w = m();
        float[] chan = m();
        float[] x = m();
        float[] map = m();
        int s = n();
        int c = n();
        int p = n();
        int in = n();
        int out = n();
        int item = i / (c * p);
        int k = i / p % c;
        int o = at(chan, item / s);
        double v = k / in == o / out ? (double) w[o * in + k % in] * g[item * p + i % p] : 0;
        gx[i] = (float) (gated() ? v * slope(x[row(item, map, s) * c * p + i % (c * p)]) : v);
    }

    private void rowWindow(int i) {
        float[] gx = m();
        float[] g = m();
        float[] w = m();
        float[] chan = m();
        float[] x = m();
        float[] map = m();
        int s = n();
        int in = n();
        int out = n();
        Windows k = windows();
        int e = k.c * k.h * k.w;
        int item = i / e;
        int channel = i / (k.h * k.w) % k.c;
        int o = at(chan, item / s);
        double v = 0;
        for (int tap = 0; tap < k.kh * k.kw && channel / in == o / out; tap++) {
            int at = k.output(i % (k.h * k.w), tap / k.kw, tap % k.kw);
            if (at >= 0) {
                v += (double) w[(o * in + channel % in) * k.kh * k.kw + tap] * g[item * k.oh * k.ow + at];
            }
        }
        gx[i] = (float) (gated() ? v * slope(x[row(item, map, s) * e + i % e]) : v);
    }
}
