package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.graph.Weights;
import java.util.List;
import java.util.Optional;

/** Each ONNX operator on values of an image, as operators of the network graph. */
final class Operators {
    private final GraphWriter graph;
    private final Windows windows;
    private final Shapes shapes;

    Operators(GraphWriter graph, Optional<Integer> batch) {
        this.graph = graph;
        windows = new Windows(graph);
        shapes = new Shapes(graph, batch);
    }

    /** What a node makes; several values for a Split alone. */
    List<Value> convert(OnnxNode node) {
        return node.op().equals("Split") ? shapes.split(node) : List.of(one(node));
    }

    private Value one(OnnxNode node) {
        return switch (node.op()) {
            case "Conv" -> windows.conv(node);
            case "MaxPool" -> windows.maxPool(node);
            case "AveragePool" -> windows.averagePool(node);
            case "GlobalAveragePool" -> windows.globalPool(node, new Op.GlobalAveragePool());
            case "GlobalMaxPool" -> windows.globalPool(node, new Op.GlobalMaxPool());
            case "ReduceMean" -> windows.reduce(node, new Op.GlobalAveragePool());
            case "ReduceMax" -> windows.reduce(node, new Op.GlobalMaxPool());
            case "Pad" -> windows.pad(node);
            case "BatchNormalization" -> batchNormalization(node);
            case "Gemm" -> gemm(node);
            case "MatMul" -> matMul(node);
            case "Add", "Sub", "Mul", "Div" -> arithmetic(node);
            case "Neg" ->
                affine(node, node.computed(0), Constant.of("", ImmutableIntArray.of(), new float[] {-1}), true);
            case "Sum" -> sum(node);
            case "Concat" -> shapes.concat(node);
            case "Shape" -> shapes.shape(node);
            case "Flatten" -> shapes.flatten(node);
            case "Reshape" -> shapes.reshape(node);
            case "Squeeze" -> shapes.squeeze(node);
            case "Unsqueeze" -> shapes.unsqueeze(node);
            case "Transpose" -> shapes.transpose(node);
            case "Gather" -> shapes.gather(node);
            case "Slice" -> shapes.slice(node);
            case "Identity" -> node.input(0);
            case "Cast" -> cast(node);
            case "Dropout" -> dropout(node);
            case "LRN" -> lrn(node);
            case "Softmax" -> softmax(node);
            default -> elementwise(node);
        };
    }

    private Value elementwise(OnnxNode node) {
        return switch (node.op()) {
            case "Relu" -> each(node, Function.RELU, 0, 0);
            case "LeakyRelu" -> each(node, Function.LEAKY_RELU, node.real("alpha", 0.01f), 0);
            case "PRelu" -> each(node, Function.LEAKY_RELU, slope(node), 0);
            case "Clip" -> clip(node);
            case "Sigmoid" -> each(node, Function.SIGMOID, 0, 0);
            case "Tanh" -> each(node, Function.TANH, 0, 0);
            case "HardSigmoid" -> each(node, Function.HARD_SIGMOID, node.real("alpha", 0.2f), node.real("beta", 0.5f));
            case "HardSwish" -> each(node, Function.HARD_SWISH, 0, 0);
            case "Elu" -> each(node, Function.ELU, node.real("alpha", 1), 0);
            case "Gelu" -> {
                String approximate = node.string("approximate", "none");
                checkArgument(
                        approximate.equals("none"), "attribute 'approximate' is '%s', expected 'none'", approximate);
                yield each(node, Function.GELU, 0, 0);
            }
            default ->
                throw new IllegalArgumentException("this operator cannot be imported exactly; export the model"
                        + " without it, or implement ModelProbe on the engine that runs it");
        };
    }

    private Value each(OnnxNode node, Function function, double a, double b) {
        return graph.add(node, new Op.Elementwise(function, a, b), node.computed(0));
    }

    private static double slope(OnnxNode node) {
        Constant slope = node.constant(1);
        for (int i = 1; i < slope.size(); i++) {
            checkArgument(
                    slope.real(i) == slope.real(0),
                    "its slopes '%s' differ from channel to channel, expected one for all",
                    slope.source());
        }
        checkArgument(slope.size() > 0 && Double.isFinite(slope.real(0)), "'%s' is no slope", slope.source());
        return slope.real(0);
    }

    private Value clip(OnnxNode node) {
        double low = bound(node, "min", 1, Double.NEGATIVE_INFINITY);
        double high = bound(node, "max", 2, Double.POSITIVE_INFINITY);
        // The defaults of ONNX are the extremes of float: no bounds at all.
        low = low <= -Float.MAX_VALUE ? Double.NEGATIVE_INFINITY : low;
        high = high >= Float.MAX_VALUE ? Double.POSITIVE_INFINITY : high;
        checkArgument(low <= high, "it clips to %s and above, %s and below, expected some values between", low, high);
        if (high == Double.POSITIVE_INFINITY) {
            if (low == 0) {
                return each(node, Function.RELU, 0, 0);
            }
            if (low == Double.NEGATIVE_INFINITY) {
                return node.input(0);
            }
        }
        return each(node, Function.CLIP, low, high);
    }

    private static double bound(OnnxNode node, String name, int input, double otherwise) {
        return node.has(name)
                ? node.real(name, otherwise)
                : node.optionalConstant(input).map(OnnxNode::scalar).orElse(otherwise);
    }

    private static Value cast(OnnxNode node) {
        long to = node.integer("to", 0);
        node.ignore("saturate");
        checkArgument(
                to == Proto.FLOAT || to == Proto.DOUBLE || to == Proto.FLOAT16 || to == Proto.BFLOAT16,
                "attribute 'to' is %s, expected a type of real numbers (1, 10, 11 or 16)",
                to);
        return node.input(0);
    }

    private static Value dropout(OnnxNode node) {
        node.ignore("ratio");
        node.ignore("seed");
        node.optional(1);
        boolean training = node.optionalConstant(2).map(OnnxNode::scalar).orElse(0.0) != 0;
        checkArgument(!training, "it is in training mode; export the model in evaluation mode");
        return node.input(0);
    }

    private Value lrn(OnnxNode node) {
        long size = node.integer("size", 0);
        checkArgument(size > 0 && size <= 1 << 16, "attribute 'size' is %s, expected 1 to 65536", size);
        return graph.add(
                node,
                new Op.Lrn((int) size, node.real("alpha", 1e-4f), node.real("beta", 0.75f), node.real("bias", 1)),
                node.computed(0));
    }

    private Value softmax(OnnxNode node) {
        int x = node.computed(0);
        ImmutableIntArray dims = graph.dims(x);
        int axis = Axes.axis(node.integer("axis", node.opset() < 13 ? 1 : -1), dims.length() + 1);
        int features = Constant.size(dims);
        checkArgument(
                axis == 1 && (node.opset() < 13 || dims.get(0) == features),
                "it runs along axis %s of dimensions %s per image, expected one over all of them",
                axis,
                dims);
        if (dims.length() == 1) {
            return graph.add(node, new Op.Softmax(), x);
        }
        int flat = graph.step(node, "flat", new Op.Reshape(ImmutableIntArray.of(features)), x);
        return graph.reshape(node, graph.step(node, "probabilities", new Op.Softmax(), flat), dims);
    }

    private Value batchNormalization(OnnxNode node) {
        int x = node.computed(0);
        node.ignore("momentum");
        node.only("spatial", 1, 1);
        long training = node.integer("training_mode", 0);
        checkArgument(
                training == 0,
                "attribute 'training_mode' is %s, expected 0; export the model in evaluation mode",
                training);
        checkArgument(
                node.proto().outputs().stream().skip(1).allMatch(String::isEmpty),
                "it is in training mode (%s outputs); export the model in evaluation mode",
                node.proto().outputs().size());
        double epsilon = node.real("epsilon", 1e-5f);
        Weights gamma = OnnxNode.weights(node.constant(1));
        Weights beta = OnnxNode.weights(node.constant(2));
        Weights mean = OnnxNode.weights(node.constant(3));
        Weights variance = OnnxNode.weights(node.constant(4));
        int channels = graph.dims(x).get(0);
        float[] scale = new float[channels];
        float[] shift = new float[channels];
        for (Weights each : List.of(gamma, beta, mean, variance)) {
            checkArgument(each.length() == channels, "expected %s values, there are %s", channels, each.length());
        }
        for (int c = 0; c < channels; c++) {
            checkArgument(
                    variance.get(c) >= 0,
                    "the variance '%s' of channel %s is %s, expected none below 0; export the model again",
                    node.constant(4).source(),
                    c,
                    variance.get(c));
            double factor = gamma.get(c) / Math.sqrt(variance.get(c) + epsilon);
            scale[c] = (float) factor;
            shift[c] = (float) (beta.get(c) - mean.get(c) * factor);
        }
        String source = node.constant(4).source();
        return graph.add(node, new Op.Affine(OnnxNode.weights(source, scale), OnnxNode.weights(source, shift)), x);
    }

    private Value gemm(OnnxNode node) {
        int x = node.computed(0);
        node.only("transA", 0, 0);
        boolean transposed = node.integer("transB", 0) != 0;
        double alpha = node.real("alpha", 1);
        double beta = node.real("beta", 1);
        Constant b = node.constant(1);
        checkArgument(b.rank() == 2, "'%s' has dimensions %s, expected two", b.source(), b.dims());
        float[] weights = scaled(transposed ? b.reals() : transposed(b), alpha);
        int in = b.dims().get(transposed ? 1 : 0);
        int out = b.dims().get(transposed ? 0 : 1);
        Optional<Weights> bias = node.optionalConstant(2).map(c -> {
            checkArgument(
                    (c.size() == out || c.size() == 1)
                            && (c.rank() == 0 || c.dims().get(c.rank() - 1) == c.size()),
                    "'%s' has dimensions %s, expected %s values",
                    c.source(),
                    c.dims(),
                    out);
            float[] each = c.reals();
            float[] values = new float[out];
            for (int i = 0; i < out; i++) {
                values[i] = (float) (beta * each[each.length == 1 ? 0 : i]);
            }
            return OnnxNode.weights(c.source(), values);
        });
        return graph.add(node, new Op.Dense(in, out, OnnxNode.weights(b.source(), weights), bias), x);
    }

    private Value matMul(OnnxNode node) {
        int x = node.computed(0);
        Constant b = node.constant(1);
        Weights weights = OnnxNode.weights(b.source(), transposed(b));
        return graph.add(node, new Op.Dense(b.dims().get(0), b.dims().get(1), weights, Optional.empty()), x);
    }

    private static float[] scaled(float[] values, double factor) {
        if (factor == 1) {
            return values;
        }
        float[] result = new float[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) (factor * values[i]);
        }
        return result;
    }

    private static float[] transposed(Constant b) {
        checkArgument(b.rank() == 2, "'%s' has dimensions %s, expected two", b.source(), b.dims());
        int rows = b.dims().get(0);
        int columns = b.dims().get(1);
        float[] from = b.reals();
        float[] to = new float[from.length];
        // In tiles: the matrix of a VGG has 100 million values, and one of the two sides is read across its rows.
        int tile = 32;
        for (int top = 0; top < rows; top += tile) {
            for (int left = 0; left < columns; left += tile) {
                for (int i = top; i < Math.min(rows, top + tile); i++) {
                    for (int j = left; j < Math.min(columns, left + tile); j++) {
                        to[j * rows + i] = from[i * columns + j];
                    }
                }
            }
        }
        return to;
    }

    private Value sum(OnnxNode node) {
        checkArgument(node.inputCount() == 2, "it has %s inputs, expected 2", node.inputCount());
        return graph.add(node, new Op.Add(), node.computed(0), node.computed(1));
    }

    private Value arithmetic(OnnxNode node) {
        Value left = node.input(0);
        Value right = node.input(1);
        boolean product = node.op().equals("Mul") || node.op().equals("Div");
        if (left instanceof Value.Computed a && right instanceof Value.Computed b) {
            checkArgument(
                    node.op().equals("Add") || node.op().equals("Mul"),
                    "both its inputs are computed from the image, expected one to be constant");
            return graph.add(node, product ? new Op.Mul() : new Op.Add(), a.index(), b.index());
        }
        boolean constantFirst = left instanceof Constant;
        Constant constant = node.constant(constantFirst ? 0 : 1);
        int x = node.computed(constantFirst ? 1 : 0);
        checkArgument(
                !(node.op().equals("Div") && constantFirst),
                "it divides a constant by a value of the image, expected the other way round");
        return affine(node, x, constant, product);
    }

    /** Adds, subtracts, multiplies or divides by a constant: one for all, or one per channel. */
    private Value affine(OnnxNode node, int x, Constant constant, boolean product) {
        ImmutableIntArray dims = graph.dims(x);
        int rank = dims.length() + 1;
        int size = constant.size();
        int channelAxis = constant.rank() - dims.length();
        boolean perChannel =
                channelAxis >= 0 && size == dims.get(0) && constant.dims().get(channelAxis) == size;
        checkArgument(
                constant.rank() <= rank && (size == 1 || perChannel),
                "'%s' has dimensions %s, expected one value or one for each of %s channels",
                constant.source(),
                constant.dims(),
                dims.get(0));
        float[] values = constant.reals();
        float[] scale = new float[size];
        float[] shift = new float[size];
        boolean reversed = node.op().equals("Sub") && node.input(0) instanceof Constant;
        for (int i = 0; i < size; i++) {
            double value = values[i];
            scale[i] = (float) (product ? node.op().equals("Div") ? 1 / value : value : reversed ? -1 : 1);
            shift[i] = (float) (product ? 0 : node.op().equals("Sub") && !reversed ? -value : value);
        }
        return graph.add(
                node,
                new Op.Affine(OnnxNode.weights(constant.source(), scale), OnnxNode.weights(constant.source(), shift)),
                x);
    }
}
