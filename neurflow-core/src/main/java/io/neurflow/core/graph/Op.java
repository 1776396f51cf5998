package io.neurflow.core.graph;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Optional;

/**
 * The operators that image classifiers are made of. All extents are per input: a value has dimensions [channels, rows,
 * columns] or [features] (or, between reshapes, any other), and the batch comes on top, in front. Where ONNX defines an
 * operator, the meaning is ONNX's.
 */
public sealed interface Op {

    /**
     * A name for people, the same as ONNX's where there is one.
     *
     * @return such as {@code Conv}
     */
    default String kind() {
        return getClass().getSimpleName();
    }

    /**
     * Padding of a two-dimensional window.
     *
     * @param top rows above
     * @param left columns to the left
     * @param bottom rows below
     * @param right columns to the right
     */
    record Padding(int top, int left, int bottom, int right) {
        /** No padding at all. */
        public static final Padding NONE = new Padding(0, 0, 0, 0);
    }

    /**
     * A window that slides over rows and columns.
     *
     * @param height rows of the window
     * @param width columns of the window
     * @param strideY step from row to row
     * @param strideX step from column to column
     * @param dilationY distance between rows of the window
     * @param dilationX distance between columns of the window
     * @param padding cells outside the input that the window may touch
     * @param ceil whether a last window that hangs over the padded input counts, if it starts inside the input or the
     *     padding before it
     */
    record Window(
            int height,
            int width,
            int strideY,
            int strideX,
            int dilationY,
            int dilationX,
            Padding padding,
            boolean ceil) {
        private static final int MOST_PADDING = 1 << 16;

        /** Checks the extents. */
        public Window {
            checkArgument(
                    height > 0 && width > 0 && strideY > 0 && strideX > 0 && dilationY > 0 && dilationX > 0,
                    "a window needs positive extents, strides and dilations, but it has %s x %s, %s x %s, %s x %s",
                    height,
                    width,
                    strideY,
                    strideX,
                    dilationY,
                    dilationX);
        }

        /**
         * This window with the padding that lets it begin once in every stride, as "same" in TensorFlow, Deeplearning4j and ONNX
         * (SAME_UPPER): the output has rows / strideY rows, rounded up, and the odd cell of padding comes after.
         *
         * @param rows rows of the input
         * @param columns columns of the input
         * @return a window with this padding instead of its own
         * @throws IllegalArgumentException if it takes 65536 cells or more
         */
        public Window samePadded(int rows, int columns) {
            int y = missing(rows, height, strideY, dilationY);
            int x = missing(columns, width, strideX, dilationX);
            Padding same = new Padding(y / 2, x / 2, y - y / 2, x - x / 2);
            return new Window(height, width, strideY, strideX, dilationY, dilationX, same, ceil);
        }

        private static int missing(int in, int size, int stride, int dilation) {
            long windows = ((long) in + stride - 1) / stride;
            long total = Math.max(0, (windows - 1) * stride + (long) dilation * (size - 1) + 1 - in);
            checkArgument(
                    total < MOST_PADDING,
                    "a window of %s cells, each %s from the next, needs %s cells of padding, expected fewer than %s",
                    size,
                    dilation,
                    total,
                    MOST_PADDING);
            return (int) total;
        }

        /**
         * Rows of the output.
         *
         * @param rows rows of the input
         * @return how many windows fit
         */
        public int outputHeight(int rows) {
            return extent(rows, height, strideY, dilationY, padding.top(), padding.bottom());
        }

        /**
         * Columns of the output.
         *
         * @param columns columns of the input
         * @return how many windows fit
         */
        public int outputWidth(int columns) {
            return extent(columns, width, strideX, dilationX, padding.left(), padding.right());
        }

        private int extent(int in, int size, int stride, int dilation, int before, int after) {
            // In long: windows and dilations of a file's choosing must not wrap around.
            long room = (long) in + before + after - ((long) dilation * (size - 1) + 1);
            if (room < 0) {
                return 0;
            }
            long out = (ceil ? (room + stride - 1) / stride : room / stride) + 1;
            return Math.toIntExact(ceil && (out - 1) * stride >= (long) in + before ? out - 1 : out);
        }
    }

    /**
     * Two-dimensional convolution (cross-correlation).
     *
     * @param window height and width are those of the kernel; never with {@code ceil}
     * @param groups channel groups; {@code inChannels} for a depthwise convolution
     * @param inChannels channels of the input
     * @param outChannels channels of the output
     * @param weights [outChannels, inChannels / groups, height, width], row-major
     * @param bias [outChannels]
     */
    record Conv(Window window, int groups, int inChannels, int outChannels, Weights weights, Optional<Weights> bias)
            implements Op {
        /** Checks the number of weights. */
        public Conv {
            checkArgument(
                    groups > 0 && inChannels % groups == 0 && outChannels % groups == 0,
                    "%s groups do not divide %s input and %s output channels",
                    groups,
                    inChannels,
                    outChannels);
            weights.checkLength((long) outChannels * (inChannels / groups) * window.height() * window.width());
            bias.ifPresent(b -> b.checkLength(outChannels));
        }
    }

    /**
     * y = scale * x + shift, per channel: batch normalisation at inference, or arithmetic with constants.
     *
     * @param scale one for each channel, or one for all
     * @param shift as many as {@code scale}
     */
    record Affine(Weights scale, Weights shift) implements Op {
        /** Checks the lengths. */
        public Affine {
            shift.checkLength(scale.length());
        }
    }

    /**
     * A function of each value alone.
     *
     * @param function which one
     * @param a its first parameter, see {@link Function}
     * @param b its second parameter
     */
    record Elementwise(Function function, double a, double b) implements Op {
        /** Functions of one value. */
        public enum Function {
            /** max(x, 0). */
            RELU,
            /** x if positive, else a x. */
            LEAKY_RELU,
            /** min(max(x, a), b). */
            CLIP,
            /** 1 / (1 + e^-x). */
            SIGMOID,
            /** tanh x. */
            TANH,
            /** min(max(a x + b, 0), 1). */
            HARD_SIGMOID,
            /** x min(max(x / 6 + 1/2, 0), 1). */
            HARD_SWISH,
            /** x if positive, else a (e^x - 1). */
            ELU,
            /** x / (1 + e^-x). */
            SILU,
            /** x (1 + erf(x / sqrt 2)) / 2. */
            GELU
        }

        @Override
        public String kind() {
            return switch (function) {
                case RELU -> "Relu";
                case LEAKY_RELU -> "LeakyRelu";
                case CLIP -> "Clip";
                case SIGMOID -> "Sigmoid";
                case TANH -> "Tanh";
                case HARD_SIGMOID -> "HardSigmoid";
                case HARD_SWISH -> "HardSwish";
                case ELU -> "Elu";
                case SILU -> "Silu";
                case GELU -> "Gelu";
            };
        }
    }

    /**
     * The maximum over a window; cells outside the input do not count.
     *
     * @param window the window
     */
    record MaxPool(Window window) implements Op {}

    /**
     * The mean over a window.
     *
     * @param window the window, without dilation
     * @param countPadding whether padded cells count as zeros; cells of a {@code ceil} overhang never count
     */
    record AveragePool(Window window, boolean countPadding) implements Op {}

    /** The mean over all positions of each channel, to [channels, 1, 1]. */
    record GlobalAveragePool() implements Op {}

    /** The maximum over all positions of each channel, to [channels, 1, 1]. */
    record GlobalMaxPool() implements Op {}

    /**
     * y = W x + b on a flat value.
     *
     * @param in features in
     * @param out features out
     * @param weights [out, in], row-major
     * @param bias [out]
     */
    record Dense(int in, int out, Weights weights, Optional<Weights> bias) implements Op {
        /** Checks the number of weights. */
        public Dense {
            weights.checkLength((long) in * out);
            bias.ifPresent(b -> b.checkLength(out));
        }
    }

    /** The sum of two values of the same dimensions. */
    record Add() implements Op {}

    /** The product of two values; an extent of 1 is repeated (a gate per channel, say). */
    record Mul() implements Op {}

    /** Values one after the other along the channels. */
    record Concat() implements Op {}

    /**
     * Constant cells around rows and columns.
     *
     * @param padding how many, none negative
     * @param value what they hold
     */
    record Pad(Padding padding, double value) implements Op {}

    /**
     * Some channels, in the order given.
     *
     * @param channels indices into the input's channels
     */
    record SelectChannels(ImmutableIntArray channels) implements Op {}

    /**
     * The same values in other dimensions, row-major; flattening is a case of it.
     *
     * @param dimensions per input, without the batch
     */
    record Reshape(ImmutableIntArray dimensions) implements Op {}

    /**
     * Local response normalisation across channels: x / (bias + alpha / size * sum of squares over the window)^beta; the
     * window reaches floor((size - 1) / 2) channels down and ceil((size - 1) / 2) up.
     *
     * @param size channels in the window
     * @param alpha factor
     * @param beta exponent
     * @param bias k
     */
    record Lrn(int size, double alpha, double beta, double bias) implements Op {}

    /** Softmax over the features of a flat value. */
    record Softmax() implements Op {}
}
