package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;

/** Operators between constants: shapes that exporters compute at run time, and arithmetic on weights. */
final class Folding {
    private static final ImmutableSet<String> VIEWS =
            ImmutableSet.of("Constant", "Identity", "Dropout", "Squeeze", "Unsqueeze", "Flatten", "Reshape");

    /** Values that constant arithmetic may make altogether, beyond {@link #FACTOR} for each value of the file. */
    private static final long FREE = 1 << 22;

    private static final long FACTOR = 8;

    private final Tensors tensors;
    private long total;

    Folding(Tensors tensors) {
        this.tensors = tensors;
    }

    /** The constant that a node makes of constants. */
    Constant fold(OnnxNode node) {
        Constant made = make(node);
        if (!VIEWS.contains(node.op())) {
            // Many small nodes must not make more than one large one may.
            total += made.size();
            checkArgument(
                    total <= FREE + FACTOR * tensors.valuesRead(),
                    "constants of %s values in all are made of %s, which is too many; simplify the model",
                    total,
                    tensors.valuesRead());
        }
        return made;
    }

    private Constant make(OnnxNode node) {
        return switch (node.op()) {
            case "Constant" -> constant(node);
            case "ConstantOfShape" -> constantOfShape(node);
            case "Identity" -> node.constant(0);
            case "Dropout" -> {
                node.ignore("ratio");
                node.ignore("seed");
                node.inputCount();
                yield node.constant(0);
            }
            case "Cast" -> cast(node);
            case "Shape" ->
                shape(
                        node,
                        node.constant(0).dims().asList().stream()
                                .mapToLong(i -> i)
                                .toArray());
            case "Gather" -> gather(node);
            case "Squeeze", "Unsqueeze", "Flatten", "Reshape" -> reshape(node);
            case "Concat" -> concat(node);
            case "Slice" -> slice(node);
            case "Transpose" -> transpose(node);
            case "Add" -> arithmetic(node, Math::addExact, Double::sum);
            case "Sub" -> arithmetic(node, Math::subtractExact, (a, b) -> a - b);
            case "Mul" -> arithmetic(node, Math::multiplyExact, (a, b) -> a * b);
            case "Div" -> arithmetic(node, (a, b) -> a / b, (a, b) -> a / b);
            case "Pow" -> arithmetic(node, Folding::power, Math::pow);
            case "Sqrt" -> each(node, Math::sqrt);
            case "Reciprocal" -> each(node, x -> 1 / x);
            case "Neg" -> each(node, x -> -x);
            case "ReduceProd" -> product(node);
            default ->
                throw new IllegalArgumentException(
                        "this operator cannot be applied to constants; export the model with constant folding");
        };
    }

    private Constant constant(OnnxNode node) {
        if (node.has("value")) {
            Proto.Attribute value =
                    node.attribute("value", Proto.Attribute.TENSOR).orElseThrow();
            checkArgument(value.tensor().isPresent(), "attribute 'value' is empty, expected a tensor");
            return tensors.read(value.tensor().get()).named(node.output());
        }
        if (node.has("value_float")) {
            return Constant.of(
                    node.output(), ImmutableIntArray.of(), new float[] {(float) node.real("value_float", 0)});
        }
        if (node.has("value_int")) {
            return Constant.of(node.output(), ImmutableIntArray.of(), new long[] {node.integer("value_int", 0)});
        }
        if (node.has("value_ints")) {
            long[] values = node.integers("value_ints").orElseThrow().toArray();
            return Constant.of(node.output(), ImmutableIntArray.of(values.length), values);
        }
        Optional<Proto.Attribute> reals = node.attribute("value_floats", Proto.Attribute.REALS);
        checkArgument(reals.isPresent(), "it has no attribute 'value', 'value_float(s)' or 'value_int(s)'");
        ByteBuffer packed = reals.get().reals();
        float[] values = new float[packed.remaining() / 4];
        packed.asFloatBuffer().get(values);
        return Constant.of(node.output(), ImmutableIntArray.of(values.length), values);
    }

    private Constant constantOfShape(OnnxNode node) {
        ImmutableIntArray dims = extents(node.constant(0));
        Optional<Proto.Attribute> value = node.attribute("value", Proto.Attribute.TENSOR);
        Constant cell = value.isPresent() && value.get().tensor().isPresent()
                ? tensors.read(value.get().tensor().get()).named(node.output())
                : Constant.of(node.output(), ImmutableIntArray.of(1), new float[1]);
        checkArgument(cell.size() == 1, "attribute 'value' has %s values, expected one", cell.size());
        return cell.pick(dims, i -> 0);
    }

    private static ImmutableIntArray extents(Constant shape) {
        ImmutableIntArray.Builder dims = ImmutableIntArray.builder();
        for (long extent : shape.integers()) {
            checkArgument(
                    extent >= 0 && extent <= Integer.MAX_VALUE,
                    "extent %s is not known at import, expected a fixed one",
                    extent == Constant.BATCH ? "'batch'" : Long.toString(extent));
            dims.add((int) extent);
        }
        return dims.build();
    }

    private static Constant cast(OnnxNode node) {
        long to = node.integer("to", 0);
        node.ignore("saturate");
        if (to == Proto.FLOAT || to == Proto.DOUBLE || to == Proto.FLOAT16 || to == Proto.BFLOAT16) {
            checkArgument(
                    node.constant(0).isReal() || (to != Proto.FLOAT16 && to != Proto.BFLOAT16),
                    "attribute 'to' is %s, expected float",
                    to);
            return node.constant(0).toReals();
        }
        checkArgument(
                to == Proto.INT64 || to == Proto.INT32,
                "attribute 'to' is %s, expected float (1), int32 (6) or int64 (7)",
                to);
        return node.constant(0).toIntegers();
    }

    /** The extents of a value, or part of them. */
    static Constant shape(OnnxNode node, long[] extents) {
        long start = node.integer("start", 0);
        long end = node.integer("end", Long.MAX_VALUE);
        ImmutableIntArray taken = Axes.slice(start, end, 1, extents.length);
        long[] part = taken.stream().mapToLong(i -> extents[i]).toArray();
        return Constant.of(node.output(), ImmutableIntArray.of(part.length), part);
    }

    private static Constant gather(OnnxNode node) {
        Constant data = node.constant(0);
        Constant indices = node.constant(1);
        int axis = Axes.axis(node.integer("axis", 0), data.rank());
        int extent = data.dims().get(axis);
        int[] at = new int[indices.size()];
        for (int i = 0; i < at.length; i++) {
            at[i] = Axes.axis(indices.integer(i), extent);
        }
        int inner = Axes.strides(data.dims())[axis];
        ImmutableIntArray dims = ImmutableIntArray.builder()
                .addAll(data.dims().subArray(0, axis))
                .addAll(indices.dims())
                .addAll(data.dims().subArray(axis + 1, data.rank()))
                .build();
        return data.pick(dims, i -> (i / inner / at.length * extent + at[i / inner % at.length]) * inner + i % inner);
    }

    private static Constant reshape(OnnxNode node) {
        Constant data = node.constant(0);
        ImmutableIntArray dims = data.dims();
        switch (node.op()) {
            case "Squeeze" -> {
                Optional<ImmutableLongArray> axes = node.integersOrInput("axes", 1);
                SortedSet<Integer> gone = new TreeSet<>();
                if (axes.isPresent()) {
                    gone = Axes.axes(axes.get(), dims.length());
                } else {
                    for (int i = 0; i < dims.length(); i++) {
                        if (dims.get(i) == 1) {
                            gone.add(i);
                        }
                    }
                }
                return data.reshaped(Axes.squeezed(dims, gone));
            }
            case "Unsqueeze" -> {
                ImmutableLongArray axes = node.integersOrInput("axes", 1)
                        .orElseThrow(() -> new IllegalArgumentException("attribute 'axes' is missing"));
                return data.reshaped(Axes.unsqueezed(dims, Axes.axes(axes, dims.length() + axes.length())));
            }
            case "Flatten" -> {
                long at = node.integer("axis", 1);
                int axis = at == dims.length() ? dims.length() : Axes.axis(at, dims.length());
                int rows = Constant.size(dims.subArray(0, axis));
                return data.reshaped(ImmutableIntArray.of(rows, Constant.size(dims.subArray(axis, dims.length()))));
            }
            default -> {
                node.only("allowzero", 0, 0);
                return data.reshaped(extents(dims, node.constant(1).integers()));
            }
        }
    }

    /** Extents asked of a reshape, with 0 (as before) and -1 (the rest) worked out. */
    static ImmutableIntArray extents(ImmutableIntArray from, long[] asked) {
        long size = Constant.size(from);
        long known = 1;
        int open = -1;
        int[] dims = new int[asked.length];
        for (int i = 0; i < dims.length; i++) {
            if (asked[i] == -1) {
                checkArgument(open < 0, "two extents of the new shape are -1");
                open = i;
                continue;
            }
            long extent = asked[i];
            if (extent == 0) {
                checkArgument(i < from.length(), "extent %s of the new shape is 0, but there is none to keep", i);
                extent = from.get(i);
            }
            checkArgument(
                    extent >= 0 && extent <= Integer.MAX_VALUE,
                    "extent %s of the new shape is %s",
                    i,
                    asked[i] == Constant.BATCH ? "the batch, which has to stay in front" : Long.toString(asked[i]));
            dims[i] = (int) extent;
            known = Math.multiplyExact(known, extent);
        }
        if (open >= 0) {
            checkArgument(
                    known > 0 && size % known == 0,
                    "%s values do not fit into shape %s",
                    size,
                    ImmutableLongArray.copyOf(asked));
            dims[open] = (int) (size / known);
            known = size;
        }
        checkArgument(known == size, "%s values do not fit into shape %s", size, ImmutableLongArray.copyOf(asked));
        return ImmutableIntArray.copyOf(dims);
    }

    private static Constant concat(OnnxNode node) {
        List<Constant> parts = new ArrayList<>();
        for (int i = 0; i < node.inputCount(); i++) {
            parts.add(node.constant(i));
        }
        Constant first = parts.get(0);
        int axis = Axes.axis(node.integer("axis", 1), first.rank());
        boolean real = first.isReal();
        int outer = Constant.size(first.dims().subArray(0, axis));
        int extent = 0;
        int most = 0;
        for (Constant part : parts) {
            checkArgument(
                    part.rank() == first.rank()
                            && Axes.with(part.dims(), axis, 0).equals(Axes.with(first.dims(), axis, 0))
                            && part.isReal() == real,
                    "its inputs have dimensions %s and %s, expected the same but on axis %s",
                    first.dims(),
                    part.dims(),
                    axis);
            extent = Math.addExact(extent, part.dims().get(axis));
            most = Math.max(most, part.size());
        }
        ImmutableIntArray dims = Axes.with(first.dims(), axis, extent);
        int size = Constant.sizeToMake(dims, most);
        float[] reals = new float[real ? size : 0];
        long[] integers = new long[real ? 0 : size];
        int to = 0;
        for (int i = 0; i < outer; i++) {
            for (Constant part : parts) {
                int run = part.size() / outer;
                System.arraycopy(real ? part.reals() : part.integers(), i * run, real ? reals : integers, to, run);
                to += run;
            }
        }
        return real ? Constant.of(first.source(), dims, reals) : Constant.of(first.source(), dims, integers);
    }

    private static Constant slice(OnnxNode node) {
        Constant data = node.constant(0);
        for (Slice slice : Slice.of(node, data.rank())) {
            int axis = slice.axis();
            int extent = data.dims().get(axis);
            ImmutableIntArray taken = slice.positions(extent);
            int inner = Axes.strides(data.dims())[axis];
            int length = taken.length();
            data = data.pick(
                    Axes.with(data.dims(), axis, length),
                    i -> (i / inner / length * extent + taken.get(i / inner % length)) * inner + i % inner);
        }
        return data;
    }

    private static Constant transpose(OnnxNode node) {
        Constant data = node.constant(0);
        int rank = data.rank();
        int[] order = order(node, rank);
        int[] from = Axes.strides(data.dims());
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = data.dims().get(order[i]);
        }
        ImmutableIntArray to = ImmutableIntArray.copyOf(dims);
        int[] strides = Axes.strides(to);
        return data.pick(to, i -> {
            int at = 0;
            for (int axis = 0; axis < rank; axis++) {
                at += i / strides[axis] % dims[axis] * from[order[axis]];
            }
            return at;
        });
    }

    /** The order of axes that a Transpose asks for. */
    static int[] order(OnnxNode node, int rank) {
        Optional<ImmutableLongArray> asked = node.integers("perm");
        int[] order = new int[rank];
        if (asked.isEmpty()) {
            for (int i = 0; i < rank; i++) {
                order[i] = rank - 1 - i;
            }
            return order;
        }
        checkArgument(
                asked.get().length() == rank && Axes.axes(asked.get(), rank).size() == rank,
                "attribute 'perm' is %s, expected the %s axes in some order",
                asked.get(),
                rank);
        for (int i = 0; i < rank; i++) {
            order[i] = Axes.axis(asked.get().get(i), rank);
        }
        return order;
    }

    private static Constant arithmetic(OnnxNode node, LongBinaryOperator whole, DoubleBinaryOperator real) {
        Constant a = node.constant(0);
        Constant b = node.constant(1);
        int rank = Math.max(a.rank(), b.rank());
        ImmutableIntArray left = padded(a.dims(), rank);
        ImmutableIntArray right = padded(b.dims(), rank);
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            int x = left.get(i);
            int y = right.get(i);
            checkArgument(x == y || x == 1 || y == 1, "dimensions %s and %s do not go together", a.dims(), b.dims());
            dims[i] = x == 1 ? y : x;
        }
        ImmutableIntArray to = ImmutableIntArray.copyOf(dims);
        int size = Constant.sizeToMake(to, Math.max(a.size(), b.size()));
        int[] strides = Axes.strides(to);
        int[] leftStrides = Axes.strides(left);
        int[] rightStrides = Axes.strides(right);
        boolean isReal = a.isReal() || b.isReal();
        float[] reals = new float[isReal ? size : 0];
        long[] integers = new long[isReal ? 0 : size];
        for (int i = 0; i < size; i++) {
            int x = 0;
            int y = 0;
            for (int axis = 0; axis < rank; axis++) {
                int at = i / strides[axis] % dims[axis];
                x += left.get(axis) == 1 ? 0 : at * leftStrides[axis];
                y += right.get(axis) == 1 ? 0 : at * rightStrides[axis];
            }
            if (isReal) {
                reals[i] = (float) real.applyAsDouble(known(a, a.real(x)), known(b, b.real(y)));
            } else {
                integers[i] = whole(node, whole, a.integer(x), b.integer(y));
            }
        }
        return isReal ? Constant.of(a.source(), to, reals) : Constant.of(a.source(), to, integers);
    }

    private static double known(Constant constant, double value) {
        checkArgument(
                constant.isReal() || value != Constant.BATCH,
                "it computes with the number of images, which is not known");
        return value;
    }

    private static long whole(OnnxNode node, LongBinaryOperator operator, long a, long b) {
        if (a == Constant.BATCH
                && b == 1
                && (node.op().equals("Mul") || node.op().equals("Div"))) {
            return a;
        }
        if (b == Constant.BATCH && a == 1 && node.op().equals("Mul")) {
            return b;
        }
        checkArgument(
                a != Constant.BATCH && b != Constant.BATCH,
                "it computes with the number of images, which is not known at import");
        return operator.applyAsLong(a, b);
    }

    private static long power(long base, long exponent) {
        double power = Math.pow((double) base, (double) exponent);
        checkArgument(power == (long) power && Math.abs(power) < 1L << 53, "%s to the power %s", base, exponent);
        return (long) power;
    }

    private static ImmutableIntArray padded(ImmutableIntArray dims, int rank) {
        ImmutableIntArray.Builder result = ImmutableIntArray.builder();
        for (int i = dims.length(); i < rank; i++) {
            result.add(1);
        }
        return result.addAll(dims).build();
    }

    private static Constant each(OnnxNode node, DoubleUnaryOperator function) {
        Constant x = node.constant(0);
        checkArgument(x.isReal(), "it is applied to whole numbers, expected real ones");
        float[] values = new float[x.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) function.applyAsDouble(x.real(i));
        }
        return Constant.of(x.source(), x.dims(), values);
    }

    private static Constant product(OnnxNode node) {
        Constant x = node.constant(0);
        boolean keep = node.integer("keepdims", 1) == 1;
        node.only("noop_with_empty_axes", 0, 0);
        Optional<ImmutableLongArray> axes = node.integersOrInput("axes", 1);
        checkArgument(
                x.rank() == 1 && (axes.isEmpty() || Axes.axes(axes.get(), 1).size() == 1),
                "it multiplies along some axes of dimensions %s, expected a list",
                x.dims());
        long product = 1;
        for (long value : x.integers()) {
            checkArgument(
                    value != Constant.BATCH || x.size() == 1,
                    "it computes with the number of images, which is not known at import");
            product = value == Constant.BATCH ? value : Math.multiplyExact(product, value);
        }
        return Constant.of(x.source(), keep ? ImmutableIntArray.of(1) : ImmutableIntArray.of(), new long[] {product});
    }
}
