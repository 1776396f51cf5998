package io.neurflow.core.samediff;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Convolutions, poolings and padding. */
final class WindowTranslators {
    private static final int CHANNELS_FIRST = 0;

    private final Translation to;

    WindowTranslators(Translation to) {
        this.to = to;
    }

    Term conv(Call call) {
        SeenTerm x = map(call, call.integer(9, CHANNELS_FIRST) == CHANNELS_FIRST);
        INDArray stored = weights(call);
        INDArray w =
                switch (call.integer(10, 0)) {
                    case 0 -> stored.permute(3, 2, 0, 1);
                    case 1 -> stored;
                    case 2 -> stored.permute(0, 3, 1, 2);
                    default ->
                        throw new IllegalArgumentException("its weights have format " + call.integer(10, 0)
                                + ", expected 0 (YXIO), 1 (OIYX) or 2 (OYXI)");
                };
        int out = Math.toIntExact(w.size(0));
        int in = Math.toIntExact(w.size(1));
        Op.Window window = window(call, x, Math.toIntExact(w.size(2)), Math.toIntExact(w.size(3)));
        return made(
                call,
                x,
                new Op.Conv(
                        window,
                        1,
                        in,
                        out,
                        Translation.weights(w),
                        call.optional(2).map(Translation::weights)));
    }

    /** Channel i makes channels i times multiplier and following. */
    Term depthwise(Call call) {
        SeenTerm x = map(call, call.integer(9, CHANNELS_FIRST) == CHANNELS_FIRST);
        INDArray stored = weights(call);
        INDArray w =
                switch (call.integer(10, 0)) {
                    case 0 -> stored.permute(2, 3, 0, 1);
                    case 1 -> stored.permute(1, 0, 2, 3);
                    case 2 -> stored.permute(3, 0, 1, 2);
                    default ->
                        throw new IllegalArgumentException(
                                "its weights have format " + call.integer(10, 0) + ", expected 0, 1 or 2");
                };
        int in = Math.toIntExact(w.size(0));
        int out = Math.toIntExact(w.size(0) * w.size(1));
        Op.Window window = window(call, x, Math.toIntExact(w.size(2)), Math.toIntExact(w.size(3)));
        Weights weights = Translation.weights(w);
        return made(
                call,
                x,
                new Op.Conv(window, in, in, out, weights, call.optional(2).map(Translation::weights)));
    }

    private static INDArray weights(Call call) {
        INDArray weights = call.known(1);
        checkArgument(weights.rank() == 4, "its weights have %s axes, expected 4", weights.rank());
        return weights;
    }

    Term maxPool(Call call) {
        SeenTerm x = map(call, call.integer(10, CHANNELS_FIRST) == CHANNELS_FIRST);
        return made(call, x, new Op.MaxPool(window(call, x, call.integer(0, 0), call.integer(1, 0))));
    }

    Term averagePool(Call call) {
        SeenTerm x = map(call, call.integer(10, CHANNELS_FIRST) == CHANNELS_FIRST);
        Op.Window window = window(call, x, call.integer(0, 0), call.integer(1, 0));
        checkArgument(window.dilationY() == 1 && window.dilationX() == 1, "it has gaps in its window, expected none");
        return made(call, x, new Op.AveragePool(window, call.integer(9, 0) != 0));
    }

    Term pad(Call call) {
        SeenTerm x = call.seen(0);
        List<Integer> amounts = Translation.integers(call.known(1));
        checkArgument(call.integer(0, 0) == 0, "it pads with mode %s, expected 0, a constant", call.integer(0, 0));
        checkArgument(
                x.order().length() == 3 && amounts.size() == 8,
                "it pads a value of other than four axes, expected four");
        int[] before = new int[3];
        int[] after = new int[3];
        for (int i = 0; i < 3; i++) {
            before[x.order().get(i)] = amounts.get(2 * i + 2);
            after[x.order().get(i)] = amounts.get(2 * i + 3);
        }
        checkArgument(
                amounts.get(0) == 0 && amounts.get(1) == 0 && before[0] == 0 && after[0] == 0,
                "it pads by %s, expected rows and columns alone",
                amounts);
        double value = call.real(0);
        return made(call, x, new Op.Pad(new Op.Padding(before[1], before[2], after[1], after[2]), value));
    }

    private Term made(Call call, SeenTerm x, Op op) {
        return new SeenTerm(to.add(call, op, x.index()), x.order());
    }

    /** The input, whose channels stand where the operator thinks they do. */
    private SeenTerm map(Call call, boolean channelsFirst) {
        SeenTerm x = call.seen(0);
        ImmutableIntArray expected = channelsFirst ? Translation.MAP : ImmutableIntArray.of(1, 2, 0);
        checkArgument(
                x.order().equals(expected),
                "it reads %s, but its input has axes in the order %s (0 are channels, 1 rows, 2 columns)",
                channelsFirst ? "NCHW" : "NHWC",
                x.order());
        return x;
    }

    private Op.Window window(Call call, SeenTerm x, int height, int width) {
        int strideY = call.integer(2, 1);
        int strideX = call.integer(3, 1);
        int dilationY = Math.max(1, call.integer(6, 1));
        int dilationX = Math.max(1, call.integer(7, 1));
        int mode = call.integer(8, 0);
        checkArgument(mode == 0 || mode == 1, "its padding has mode %s, expected 0 (VALID) or 1 (SAME)", mode);
        checkArgument(height > 0 && width > 0 && strideY > 0 && strideX > 0, "its window is empty or does not move");
        ImmutableIntArray dims = to.dimensions(x);
        int padY = call.integer(4, 0);
        int padX = call.integer(5, 0);
        checkArgument(
                mode == 1 || (padY >= 0 && padX >= 0), "its padding is %s x %s, expected none below 0", padY, padX);
        Op.Padding padding = new Op.Padding(padY, padX, padY, padX);
        Op.Window window = new Op.Window(height, width, strideY, strideX, dilationY, dilationX, padding, false);
        return mode == 1 ? window.samePadded(dims.get(1), dims.get(2)) : window;
    }
}
