package io.neurflow.core.reference;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * A linear operator y = W x + b taken apart by sign: W<sup>+</sup>, W<sup>-</sup> and b<sup>+</sup>.
 *
 * @param positive with max(w, 0) and no bias
 * @param negative with min(w, 0) and no bias; none where no weight is negative
 * @param bias b where it is positive: the operator's answer to 0, cut off at 0
 */
record LinearParts(Op positive, Optional<Op> negative, Optional<Op> bias) {
    static LinearParts of(Op op) {
        if (op instanceof Op.Conv conv) {
            return new LinearParts(
                    conv(conv, w -> Math.max(w, 0)), Optional.of(conv(conv, w -> Math.min(w, 0))), Optional.of(op));
        } else if (op instanceof Op.Dense dense) {
            return new LinearParts(
                    dense(dense, w -> Math.max(w, 0)), Optional.of(dense(dense, w -> Math.min(w, 0))), Optional.of(op));
        } else if (op instanceof Op.Affine affine) {
            return new LinearParts(
                    affine(affine, w -> Math.max(w, 0)),
                    Optional.of(affine(affine, w -> Math.min(w, 0))),
                    Optional.of(op));
        }
        return new LinearParts(op, Optional.empty(), Optional.empty());
    }

    private static Op conv(Op.Conv conv, DoubleUnaryOperator part) {
        return new Op.Conv(
                conv.window(),
                conv.groups(),
                conv.inChannels(),
                conv.outChannels(),
                map(conv.weights(), part),
                Optional.empty());
    }

    private static Op dense(Op.Dense dense, DoubleUnaryOperator part) {
        return new Op.Dense(dense.in(), dense.out(), map(dense.weights(), part), Optional.empty());
    }

    private static Op affine(Op.Affine affine, DoubleUnaryOperator part) {
        return new Op.Affine(map(affine.scale(), part), map(affine.shift(), w -> 0));
    }

    private static Weights map(Weights weights, DoubleUnaryOperator part) {
        float[] values = weights.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) part.applyAsDouble(values[i]);
        }
        return Weights.of(values);
    }

    /** b<sup>+</sup> at every place of the output. */
    Grid positiveBias(List<Grid> in, ImmutableIntArray dimensions) {
        Grid y = Grid.zeros(dimensions);
        if (bias.isPresent()) {
            List<Grid> nothing = in.stream().map(x -> Grid.zeros(x.dimensions)).toList();
            double[] b = Forward.of(bias.get(), nothing, dimensions).v;
            for (int i = 0; i < b.length; i++) {
                y.v[i] = Math.max(b[i], 0);
            }
        }
        return y;
    }
}
