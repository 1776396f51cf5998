package io.neurflow.core.samediff;

import static com.google.common.base.Preconditions.checkArgument;
import static io.neurflow.core.samediff.Translation.FLAT;
import static io.neurflow.core.samediff.Translation.MAP;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.graph.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The operators of SameDiff that convolutional networks are made of, one method each, and their arithmetic. */
final class Translators {
    private final Translation to;
    private final WindowTranslators windows;

    Translators(Translation to) {
        this.to = to;
        this.windows = new WindowTranslators(to);
    }

    Term translate(Call call) {
        return switch (call.op()) {
            case "conv2d" -> windows.conv(call);
            case "depthwise_conv2d" -> windows.depthwise(call);
            case "maxpool2d" -> windows.maxPool(call);
            case "avgpool2d" -> windows.averagePool(call);
            case "pad" -> windows.pad(call);
            case "batchnorm" -> batchNorm(call);
            case "relu" -> cutAt(call, 0, elementwise(Function.RELU, 0, 0));
            case "relu6" -> cutAt(call, 0, elementwise(Function.CLIP, 0, 6));
            case "leakyrelu" -> unary(call, elementwise(Function.LEAKY_RELU, call.scalar(), 0));
            case "sigmoid" -> unary(call, elementwise(Function.SIGMOID, 0, 0));
            case "tanh" -> unary(call, elementwise(Function.TANH, 0, 0));
            case "elu" -> unary(call, elementwise(Function.ELU, 1, 0));
            case "swish" -> unary(call, elementwise(Function.SILU, 0, 0));
            case "hard_sigmoid" -> unary(call, elementwise(Function.HARD_SIGMOID, 0.2, 0.5));
            case "hardtanh" -> unary(call, elementwise(Function.CLIP, -1, 1));
            case "ClipByValue" -> unary(call, elementwise(Function.CLIP, call.real(0), call.real(1)));
            case "identity" -> call.seen(0);
            case "neg" -> affine(call, call.seen(0), Weights.of(-1), Weights.of(0));
            case "add_scalar" -> affine(call, call.seen(0), Weights.of(1), Weights.of((float) call.scalar()));
            case "sub_scalar" -> affine(call, call.seen(0), Weights.of(1), Weights.of((float) -call.scalar()));
            case "rsub_scalar" -> affine(call, call.seen(0), Weights.of(-1), Weights.of((float) call.scalar()));
            case "mul_scalar" -> affine(call, call.seen(0), Weights.of((float) call.scalar()), Weights.of(0));
            case "div_scalar" -> affine(call, call.seen(0), Weights.of((float) (1 / call.scalar())), Weights.of(0));
            case "add", "subtract", "multiply", "divide" -> arithmetic(call);
            case "biasadd" -> bias(call);
            case "concat" -> concat(call);
            case "reduce_mean" -> global(call, new Op.GlobalAveragePool());
            case "reduce_max" -> global(call, new Op.GlobalMaxPool());
            case "matmul" -> dense(call, Optional.empty());
            case "xw_plus_b" -> dense(call, call.optional(2));
            case "reshape" -> reshape(call);
            case "permute", "transpose" -> permute(call);
            case "squeeze" -> flattened(call, "squeezed");
            case "softmax" -> softmax(call);
            default ->
                throw new IllegalArgumentException("operator '" + call.op() + "' is not one that can be imported");
        };
    }

    private static Op elementwise(Function function, double a, double b) {
        return new Op.Elementwise(function, a, b);
    }

    private Term unary(Call call, Op op) {
        SeenTerm x = call.seen(0);
        return new SeenTerm(to.add(call, op, x.index()), x.order());
    }

    private Term cutAt(Call call, double expected, Op op) {
        double cutoff = call.isScalar() ? call.scalar() : expected;
        checkArgument(cutoff == expected, "its cutoff is %s, expected %s", cutoff, expected);
        return unary(call, op);
    }

    private Term affine(Call call, SeenTerm x, Weights scale, Weights shift) {
        return new SeenTerm(to.add(call, new Op.Affine(scale, shift), x.index()), x.order());
    }

    private Term batchNorm(Call call) {
        SeenTerm x = call.seen(0);
        int rank = x.order().length() + 1;
        int axis = call.integers().length() > 2 ? call.integer(2, 0) : rank - 1;
        int chosen = axis < 0 ? rank + axis : axis;
        checkArgument(
                chosen > 0
                        && chosen < rank
                        && x.order().get(chosen - 1) == 0
                        && call.integers().length() <= 3,
                "it normalises over axis %s of %s, expected the channels",
                axis,
                rank);
        boolean hasGamma = call.integer(0, 0) != 0;
        boolean hasBeta = call.integer(1, 0) != 0;
        float[] mean = Translation.floats(call.known(1));
        float[] variance = Translation.floats(call.known(2));
        float[] gamma = hasGamma ? Translation.floats(call.known(3)) : ones(mean.length);
        float[] beta = hasBeta ? Translation.floats(call.known(hasGamma ? 4 : 3)) : new float[mean.length];
        float[] scale = new float[mean.length];
        float[] shift = new float[mean.length];
        for (int c = 0; c < scale.length; c++) {
            double s = gamma[c] / Math.sqrt(variance[c] + call.real(0));
            scale[c] = (float) s;
            shift[c] = (float) (beta[c] - s * mean[c]);
        }
        return affine(call, x, Weights.of(scale), Weights.of(shift));
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private Term arithmetic(Call call) {
        boolean first = call.input(0) instanceof SeenTerm;
        if (first && call.input(1) instanceof SeenTerm b) {
            return pair(call, call.seen(0), b);
        }
        SeenTerm x = call.seen(first ? 0 : 1);
        float[] c = perChannel(call.known(first ? 1 : 0), x);
        float[] scale = ones(c.length);
        float[] shift = new float[c.length];
        for (int i = 0; i < c.length; i++) {
            switch (call.op()) {
                case "add" -> shift[i] = c[i];
                case "subtract" -> {
                    scale[i] = first ? 1 : -1;
                    shift[i] = first ? -c[i] : c[i];
                }
                case "multiply" -> scale[i] = c[i];
                default -> {
                    checkArgument(first, "it divides a constant by something computed from the image");
                    scale[i] = 1 / c[i];
                }
            }
        }
        return affine(call, x, Weights.of(scale), Weights.of(shift));
    }

    private Term pair(Call call, SeenTerm a, SeenTerm b) {
        checkArgument(
                a.order().equals(b.order()),
                "its inputs have their axes in different orders, %s and %s",
                a.order(),
                b.order());
        Op op =
                switch (call.op()) {
                    case "add", "subtract" -> new Op.Add();
                    case "multiply" -> new Op.Mul();
                    default -> throw new IllegalArgumentException("it divides two values computed from the image");
                };
        int second = b.index();
        if (call.op().equals("subtract")) {
            second = to.step(call, "negated", new Op.Affine(Weights.of(-1), Weights.of(0)), second);
        }
        return new SeenTerm(to.add(call, op, a.index(), second), a.order());
    }

    private Term bias(Call call) {
        SeenTerm x = call.seen(0);
        float[] bias = Translation.floats(call.known(1));
        checkArgument(bias.length == to.dimensions(x).get(0), "it adds %s values, expected one a channel", bias.length);
        return affine(call, x, Weights.of(ones(bias.length)), Weights.of(bias));
    }

    /** A constant that is repeated over everything but the channels. */
    private float[] perChannel(INDArray array, SeenTerm x) {
        long[] shape = array.shape();
        int rank = x.order().length() + 1;
        boolean fits = shape.length <= rank;
        for (int i = 0; fits && i < shape.length; i++) {
            int axis = rank - shape.length + i;
            boolean channels = axis > 0 && x.order().get(axis - 1) == 0;
            fits = shape[i] == 1 || (channels && shape[i] == to.dimensions(x).get(0));
        }
        checkArgument(
                fits,
                "its constant has shape %s, expected one value, or one for each channel",
                ImmutableLongArray.copyOf(shape));
        return Translation.floats(array);
    }

    private Term concat(Call call) {
        List<SeenTerm> parts = new ArrayList<>();
        for (int i = 0; i < call.inputs(); i++) {
            if (i == call.inputs() - 1 && i > 0 && call.integers().length() == 0) {
                break; // the axis
            }
            parts.add(call.seen(i));
        }
        ImmutableIntArray order = parts.get(0).order();
        int axis = call.integers().length() > 0
                ? call.integer(0, 0)
                : Translation.integers(call.known(call.inputs() - 1)).get(0);
        int chosen = axis < 0 ? order.length() + 1 + axis : axis;
        checkArgument(
                chosen > 0 && chosen <= order.length() && order.get(chosen - 1) == 0,
                "it concatenates along axis %s, expected the channels",
                axis);
        checkArgument(
                parts.stream().allMatch(part -> part.order().equals(order)),
                "its inputs have their axes in different orders");
        return new SeenTerm(
                to.add(
                        call,
                        new Op.Concat(),
                        parts.stream().mapToInt(SeenTerm::index).toArray()),
                order);
    }

    private Term global(Call call, Op op) {
        SeenTerm x = call.seen(0);
        ImmutableIntArray axes = call.axes();
        TreeSet<Integer> reduced = new TreeSet<>();
        for (int axis : axes.toArray()) {
            int chosen = axis < 0 ? x.order().length() + 1 + axis : axis;
            reduced.add(chosen > 0 && chosen <= x.order().length() ? x.order().get(chosen - 1) : -1);
        }
        checkArgument(
                x.order().length() == 3 && reduced.equals(new TreeSet<>(List.of(1, 2))),
                "it reduces axes %s, expected rows and columns",
                axes);
        if (call.keepsDimensions()) {
            return new SeenTerm(to.add(call, op, x.index()), x.order());
        }
        int pooled = to.step(call, "pooled", op, x.index());
        int channels = to.dimensions(x).get(0);
        return new SeenTerm(to.add(call, new Op.Reshape(ImmutableIntArray.of(channels)), pooled), FLAT);
    }

    private Term dense(Call call, Optional<INDArray> bias) {
        SeenTerm x = call.seen(0);
        INDArray w = call.known(1);
        checkArgument(
                x.order().length() == 1,
                "it multiplies a value of %s axes, expected 2",
                x.order().length() + 1);
        checkArgument(
                call.integer(0, 0) == 0 && call.integer(2, 0) == 0,
                "it transposes its input or output, expected weights alone");
        checkArgument(w.rank() == 2, "its weights have %s axes, expected 2", w.rank());
        boolean turned = call.integer(1, 0) != 0;
        int in = Math.toIntExact(w.size(turned ? 1 : 0));
        int out = Math.toIntExact(w.size(turned ? 0 : 1));
        Weights weights = Translation.weights(turned ? w : w.permute(1, 0));
        return new SeenTerm(
                to.add(call, new Op.Dense(in, out, weights, bias.map(Translation::weights)), x.index()), FLAT);
    }

    private Term reshape(Call call) {
        SeenTerm x = call.seen(0);
        List<Integer> target = new ArrayList<>();
        if (call.inputs() > 1) {
            target.addAll(Translation.integers(call.known(1)));
        } else {
            call.integers().forEach(extent -> target.add(Math.toIntExact(extent)));
            if (!target.isEmpty() && target.get(0) < -1) {
                checkArgument(target.get(0) == -99, "it reads its input column by column, expected row by row");
                target.remove(0);
            }
        }
        ImmutableIntArray dims = to.dimensions(x);
        int size = dims.stream().reduce(1, Math::multiplyExact);
        checkArgument(target.size() == 2 || target.size() == 4, "it makes %s axes, expected 2 or 4", target.size());
        int known = 1;
        int open = 0;
        for (int extent : target.subList(1, target.size())) {
            known *= extent > 0 ? extent : 1;
            open += extent > 0 ? 0 : 1;
        }
        checkArgument(
                open <= 1 && known > 0 && (open == 1 ? size % known == 0 : size == known),
                "it makes %s of %s, expected the batch to stay in front",
                target,
                dims);
        int rest = size / known;
        ImmutableIntArray.Builder made = ImmutableIntArray.builder();
        target.subList(1, target.size()).forEach(extent -> made.add(extent > 0 ? extent : rest));
        return reshaped(call, x, made.build());
    }

    private Term reshaped(Call call, SeenTerm x, ImmutableIntArray target) {
        ImmutableIntArray dims = to.dimensions(x);
        if (target.length() == 3) {
            ImmutableIntArray.Builder now = ImmutableIntArray.builder();
            x.order().forEach(axis -> now.add(dims.get(axis)));
            if (now.build().equals(target)) {
                return x;
            }
            checkArgument(dims.length() == 1, "it makes %s of a value of three axes, expected two axes", target);
            checkArgument(
                    target.get(1) == 1 && (target.get(0) == 1 || target.get(2) == 1),
                    "it makes %s, expected a flat value or one position",
                    target);
            boolean last = target.get(0) == 1 && target.get(2) != 1;
            int index = to.add(call, new Op.Reshape(ImmutableIntArray.of(dims.get(0), 1, 1)), x.index());
            return new SeenTerm(index, last ? ImmutableIntArray.of(1, 2, 0) : MAP);
        }
        return flattened(call, "flat");
    }

    /** All values in the order in which the variable has them, which need not be that of the network graph. */
    private Term flattened(Call call, String step) {
        SeenTerm x = call.seen(0);
        ImmutableIntArray dims = to.dimensions(x);
        if (dims.length() == 1) {
            return x;
        }
        checkArgument(
                !call.op().equals("squeeze") || (dims.get(1) == 1 && dims.get(2) == 1),
                "it squeezes %s, expected one position a channel",
                dims);
        int size = dims.stream().reduce(1, Math::multiplyExact);
        Op flat = new Op.Reshape(ImmutableIntArray.of(size));
        int positions = dims.get(1) * dims.get(2);
        if (x.order().equals(MAP) || positions == 1) {
            return new SeenTerm(to.add(call, flat, x.index()), FLAT);
        }
        int[] strides = {positions, dims.get(2), 1};
        int[] places = new int[size];
        int at = 0;
        for (int a = 0; a < dims.get(x.order().get(0)); a++) {
            for (int b = 0; b < dims.get(x.order().get(1)); b++) {
                for (int c = 0; c < dims.get(x.order().get(2)); c++) {
                    places[at++] = a * strides[x.order().get(0)]
                            + b * strides[x.order().get(1)]
                            + c * strides[x.order().get(2)];
                }
            }
        }
        int inOrder = to.step(call, step, flat, x.index());
        return new SeenTerm(to.add(call, new Op.SelectChannels(ImmutableIntArray.copyOf(places)), inOrder), FLAT);
    }

    private Term permute(Call call) {
        SeenTerm x = call.seen(0);
        List<Integer> axes = new ArrayList<>();
        if (call.inputs() > 1) {
            axes.addAll(Translation.integers(call.known(1)));
        } else {
            call.integers().forEach(axis -> axes.add(Math.toIntExact(axis)));
        }
        checkArgument(
                axes.size() == x.order().length() + 1 && axes.get(0) == 0 && new TreeSet<>(axes).size() == axes.size(),
                "it orders axes as %s, expected the batch to stay in front",
                axes);
        ImmutableIntArray.Builder order = ImmutableIntArray.builder();
        axes.subList(1, axes.size()).forEach(axis -> order.add(x.order().get(axis - 1)));
        return new SeenTerm(x.index(), order.build());
    }

    private Term softmax(Call call) {
        SeenTerm x = call.seen(0);
        int axis = call.integer(0, -1);
        checkArgument(
                x.order().length() == 1 && (axis == 1 || axis == -1),
                "it runs along axis %s, expected the classes",
                axis);
        return unary(call, new Op.Softmax());
    }
}
