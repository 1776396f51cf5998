package io.neurflow.core.dl4j;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.Optional;

/** Each class of layer with one input, as operators of the network graph. */
final class Layers {
    private static final Op.Window ONE = new Op.Window(1, 1, 1, 1, 1, 1, Op.Padding.NONE, false);

    private final Coefficients coefficients;

    Layers(Coefficients coefficients) {
        this.coefficients = coefficients;
    }

    /**
     * What a layer does to its input.
     *
     * @param layer the layer
     * @param dims of its input
     * @return in order; empty if it hands on what it gets
     */
    ImmutableList<Op> convert(Dl4jLayer layer, ImmutableIntArray dims) {
        return switch (layer.kind()) {
            case "ConvolutionLayer", "Convolution2D" -> with(layer, conv(layer, map(layer, dims)));
            case "DepthwiseConvolution2D" -> with(layer, depthwise(layer, map(layer, dims)));
            case "SeparableConvolution2D" -> with(layer, separable(layer, map(layer, dims)));
            case "SubsamplingLayer" -> ImmutableList.of(pool(layer, map(layer, dims)));
            case "ZeroPaddingLayer" -> {
                ImmutableIntArray p = map(layer, dims).length() == 3 ? layer.integers("padding", 4, 0) : dims;
                yield ImmutableList.of(new Op.Pad(new Op.Padding(p.get(0), p.get(2), p.get(1), p.get(3)), 0));
            }
            case "BatchNormalization" -> {
                layer.option("activationFn"); // DL4J writes one, and ignores it
                yield ImmutableList.of(batchNormalization(layer, dims));
            }
            case "LocalResponseNormalization" -> ImmutableList.of(lrn(layer, map(layer, dims)));
            case "GlobalPoolingLayer" -> global(layer, map(layer, dims));
            case "ActivationLayer", "LossLayer" -> Activations.of(layer);
            case "DropoutLayer" -> {
                layer.option("activationFn"); // as above
                layer.option("nin");
                layer.option("nout");
                yield ImmutableList.of();
            }
            case "DenseLayer", "OutputLayer" -> with(layer, ImmutableList.of(dense(layer, dims)));
            default ->
                throw new IllegalArgumentException(
                        "layers of this class cannot be imported exactly; save the model without"
                                + " it, or implement ModelProbe on the engine that runs it");
        };
    }

    private static ImmutableList<Op> with(Dl4jLayer layer, ImmutableList<Op> ops) {
        return ImmutableList.<Op>builder()
                .addAll(ops)
                .addAll(Activations.of(layer))
                .build();
    }

    private static ImmutableIntArray map(Dl4jLayer layer, ImmutableIntArray dims) {
        for (String name : new String[] {"cnn2dDataFormat", "dataFormat", "cnn2DFormat"}) {
            layer.only(name, "NCHW");
        }
        checkArgument(
                dims.length() == 3,
                "it reads a value of %s axes per image, expected three: channels, rows and columns",
                dims.length());
        return dims;
    }

    private static int inputs(Dl4jLayer layer, ImmutableIntArray dims) {
        int in = layer.integer("nin");
        checkArgument(in == dims.get(0), "option 'nin' is %s, but it reads %s channels or features", in, dims.get(0));
        return in;
    }

    private ImmutableList<Op> conv(Dl4jLayer layer, ImmutableIntArray dims) {
        int in = inputs(layer, dims);
        int out = layer.integer("nout");
        Op.Window window = window(layer, dims);
        // The bias comes first, and weights are [out, in, rows, columns].
        Optional<Weights> bias = bias(layer, out);
        Weights weights = coefficients.weights((long) out * in * window.height() * window.width());
        return ImmutableList.of(new Op.Conv(window, 1, in, out, weights, bias));
    }

    private Optional<Weights> bias(Dl4jLayer layer, int out) {
        return layer.flag("hasBias", true) ? Optional.of(coefficients.weights(out)) : Optional.empty();
    }

    private ImmutableList<Op> depthwise(Dl4jLayer layer, ImmutableIntArray dims) {
        int in = inputs(layer, dims);
        int multiplier = layer.integer("depthMultiplier");
        int out = Math.multiplyExact(in, multiplier);
        checkArgument(layer.integer("nout") == out, "option 'nout' is %s, expected %s", layer.integer("nout"), out);
        Op.Window window = window(layer, dims);
        Optional<Weights> bias = bias(layer, out);
        int cells = window.height() * window.width();
        float[] from = coefficients.take((long) cells * out);
        float[] to = new float[from.length];
        // [rows, columns, in, multiplier]
        for (int i = 0; i < from.length; i++) {
            to[i % out * cells + i / out] = from[i];
        }
        return ImmutableList.of(new Op.Conv(window, in, in, out, Weights.of(to), bias));
    }

    private ImmutableList<Op> separable(Dl4jLayer layer, ImmutableIntArray dims) {
        int in = inputs(layer, dims);
        int multiplier = layer.integer("depthMultiplier");
        int between = Math.multiplyExact(in, multiplier);
        int out = layer.integer("nout");
        Op.Window window = window(layer, dims);
        Optional<Weights> bias = bias(layer, out);
        int cells = window.height() * window.width();
        float[] from = coefficients.take((long) cells * between);
        float[] to = new float[from.length];
        // [multiplier, in, rows, columns]; the channels of one input stand together in the output.
        for (int m = 0; m < multiplier; m++) {
            for (int c = 0; c < in; c++) {
                System.arraycopy(from, (m * in + c) * cells, to, (c * multiplier + m) * cells, cells);
            }
        }
        return ImmutableList.of(
                new Op.Conv(window, in, in, between, Weights.of(to), Optional.empty()),
                new Op.Conv(ONE, 1, between, out, coefficients.weights((long) between * out), bias));
    }

    private static Op pool(Dl4jLayer layer, ImmutableIntArray dims) {
        Op.Window window = window(layer, dims);
        layer.option("eps");
        boolean countPadding = layer.flag("avgPoolIncludePadInDivisor", false);
        String type = layer.text("poolingType", "");
        return switch (type) {
            case "MAX" -> new Op.MaxPool(window);
            case "AVG" -> {
                checkArgument(
                        window.dilationY() == 1 && window.dilationX() == 1,
                        "option 'dilation' is %s x %s, expected 1",
                        window.dilationY(),
                        window.dilationX());
                yield new Op.AveragePool(window, countPadding);
            }
            default ->
                throw new IllegalArgumentException("option 'poolingType' is '" + type + "', expected MAX or AVG");
        };
    }

    private static ImmutableList<Op> global(Dl4jLayer layer, ImmutableIntArray dims) {
        String type = layer.text("poolingType", "");
        checkArgument(
                type.equals("AVG") || type.equals("MAX"), "option 'poolingType' is '%s', expected AVG or MAX", type);
        if (layer.has("poolingDimensions")) {
            ImmutableIntArray axes = layer.integers("poolingDimensions", 2, 0);
            checkArgument(
                    axes.equals(ImmutableIntArray.of(2, 3)), "option 'poolingDimensions' is %s, expected [2, 3]", axes);
        }
        Op pool = type.equals("AVG") ? new Op.GlobalAveragePool() : new Op.GlobalMaxPool();
        return layer.flag("collapseDimensions", true)
                ? ImmutableList.of(pool, new Op.Reshape(ImmutableIntArray.of(dims.get(0))))
                : ImmutableList.of(pool);
    }

    private Op batchNormalization(Dl4jLayer layer, ImmutableIntArray dims) {
        layer.only("cnn2DFormat", "NCHW");
        int channels = layer.integer("nout");
        checkArgument(channels == dims.get(0), "option 'nout' is %s, but it reads %s channels", channels, dims.get(0));
        layer.option("nin");
        double epsilon = layer.real("eps", 1e-5);
        boolean locked = layer.flag("lockGammaBeta", false);
        double constantScale = layer.real("gamma", 1);
        double constantShift = layer.real("beta", 0);
        boolean logarithm = layer.flag("useLogStd", false);
        float[] gamma = locked ? new float[0] : coefficients.take(channels);
        float[] beta = locked ? new float[0] : coefficients.take(channels);
        float[] mean = coefficients.take(channels);
        float[] spread = coefficients.take(channels);
        float[] scale = new float[channels];
        float[] shift = new float[channels];
        for (int c = 0; c < channels; c++) {
            // Held as a variance, or as the logarithm to base 10 of a standard deviation.
            double variance = logarithm ? Math.pow(10, 2.0 * spread[c]) : spread[c];
            double power = variance + epsilon;
            checkArgument(
                    power > 0 && Double.isFinite(power),
                    "its variances hold %s, expected finite ones, none below 0",
                    variance);
            double factor = (locked ? constantScale : gamma[c]) / Math.sqrt(power);
            scale[c] = (float) factor;
            shift[c] = (float) ((locked ? constantShift : beta[c]) - mean[c] * factor);
        }
        return new Op.Affine(Weights.of(scale), Weights.of(shift));
    }

    private static Op lrn(Dl4jLayer layer, ImmutableIntArray dims) {
        double n = layer.real("n", 5);
        checkArgument(
                n >= 1 && n <= dims.get(0) * 2.0 + 1 && n % 2 == 1,
                "option 'n' is %s, expected an odd number of channels",
                n);
        // DL4J does not divide by the number of channels.
        return new Op.Lrn((int) n, layer.real("alpha", 1e-4) * n, layer.real("beta", 0.75), layer.real("k", 2));
    }

    private Op dense(Dl4jLayer layer, ImmutableIntArray dims) {
        checkArgument(dims.length() == 1, "it reads a value of %s axes per image, expected a flat one", dims.length());
        layer.only("hasLayerNorm", "false");
        int in = inputs(layer, dims);
        int out = layer.integer("nout");
        // Column by column of [in, out], which is row by row of [out, in].
        Weights weights = coefficients.weights((long) in * out);
        return new Op.Dense(in, out, weights, bias(layer, out));
    }

    private static Op.Window window(Dl4jLayer layer, ImmutableIntArray dims) {
        ImmutableIntArray size = layer.integers("kernelSize", 2, 1);
        ImmutableIntArray stride = layer.integers("stride", 2, 1);
        ImmutableIntArray dilation =
                layer.has("dilation") ? layer.integers("dilation", 2, 1) : ImmutableIntArray.of(1, 1);
        ImmutableIntArray padding = layer.integers("padding", 2, 0);
        String mode = layer.text("convolutionMode", "Truncate");
        checkArgument(
                mode.equals("Truncate") || mode.equals("Strict") || mode.equals("Same"),
                "option 'convolutionMode' is '%s', expected Truncate, Strict or Same",
                mode);
        Op.Window window = new Op.Window(
                size.get(0),
                size.get(1),
                stride.get(0),
                stride.get(1),
                dilation.get(0),
                dilation.get(1),
                new Op.Padding(padding.get(0), padding.get(1), padding.get(0), padding.get(1)),
                false);
        return mode.equals("Same") ? window.samePadded(dims.get(1), dims.get(2)) : window;
    }
}
