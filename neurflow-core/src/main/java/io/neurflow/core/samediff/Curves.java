package io.neurflow.core.samediff;

import io.neurflow.core.graph.Op;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Functions of one value and their derivatives, with the same conventions at kinks as the reference probe. */
final class Curves {
    private final SameDiff sd;
    private final Op.Elementwise op;

    Curves(SameDiff sd, Op.Elementwise op) {
        this.sd = sd;
        this.op = op;
    }

    SDVariable value(SDVariable x) {
        double a = op.a();
        return switch (op.function()) {
            case RELU -> sd.nn().relu(x, 0);
            case LEAKY_RELU -> sd.nn().leakyRelu(x, a);
            case CLIP -> sd.math().clipByValue(x, a, op.b());
            case SIGMOID -> sd.nn().sigmoid(x);
            case TANH -> sd.math().tanh(x);
            case HARD_SIGMOID -> sd.math().clipByValue(x.mul(a).add(op.b()), 0, 1);
            case HARD_SWISH -> x.mul(sd.math().clipByValue(x.mul(1.0 / 6).add(0.5), 0, 1));
            case ELU -> sd.nn().relu(x, 0).add(expOfNegativePart(x).sub(1).mul(a));
            case SILU -> x.mul(sd.nn().sigmoid(x));
            case GELU -> x.mul(normal(x));
        };
    }

    /** f'(x), given x and y = f(x). */
    SDVariable derivative(SDVariable x, SDVariable y) {
        double a = op.a();
        return switch (op.function()) {
            case RELU -> above(y, 0);
            case LEAKY_RELU -> above(x, 0).mul(1 - a).add(a);
            case CLIP -> above(x, a).mul(below(x, op.b()));
            case SIGMOID -> y.mul(y.rsub(1));
            case TANH -> sd.math().square(y).rsub(1);
            case HARD_SIGMOID -> {
                SDVariable t = x.mul(a).add(op.b());
                yield above(t, 0).mul(below(t, 1)).mul(a);
            }
            case HARD_SWISH -> {
                SDVariable low = below(x, 3);
                yield above(x, -3).mul(low.mul(x.mul(1.0 / 3).add(0.5)).add(low.rsub(1)));
            }
            case ELU -> {
                SDVariable positive = above(x, 0);
                yield positive.add(positive.rsub(1).mul(expOfNegativePart(x)).mul(a));
            }
            case SILU -> {
                SDVariable s = sd.nn().sigmoid(x);
                yield s.mul(x.mul(s.rsub(1)).add(1));
            }
            case GELU -> {
                SDVariable density =
                        sd.math().exp(sd.math().square(x).mul(-0.5)).mul(1 / Math.sqrt(2 * Math.PI));
                yield normal(x).add(x.mul(density));
            }
        };
    }

    /** 1 where x is above the bound, else 0. */
    private SDVariable above(SDVariable x, double bound) {
        return sd.math().step(x, bound);
    }

    private SDVariable below(SDVariable x, double bound) {
        return sd.math().step(x.mul(-1), -bound);
    }

    /** e^min(x, 0): nothing overflows. */
    private SDVariable expOfNegativePart(SDVariable x) {
        return sd.math().exp(sd.nn().relu(x.mul(-1), 0).mul(-1));
    }

    private SDVariable normal(SDVariable x) {
        return sd.math().erf(x.mul(1 / Math.sqrt(2))).add(1).mul(0.5);
    }
}
