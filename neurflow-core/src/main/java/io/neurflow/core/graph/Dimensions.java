package io.neurflow.core.graph;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** Works out the dimensions of a value from those that its operator reads, and refuses what does not fit. */
final class Dimensions {
    private final String node;
    private final List<ImmutableIntArray> in;

    private Dimensions(String node, List<ImmutableIntArray> in) {
        this.node = node;
        this.in = in;
    }

    static ImmutableIntArray of(Op op, List<ImmutableIntArray> in, String node) {
        return new Dimensions(node, in).of(op);
    }

    private ImmutableIntArray of(Op op) {
        if (op instanceof Op.Add) {
            inputs(2);
            require(in.get(0).equals(in.get(1)), "two values of the same dimensions");
            return in.get(0);
        }
        if (op instanceof Op.Mul) {
            return repeated();
        }
        if (op instanceof Op.Concat) {
            return concat();
        }
        inputs(1);
        ImmutableIntArray x = in.get(0);
        if (op instanceof Op.Conv conv) {
            ImmutableIntArray map = map(conv.inChannels());
            return windowed(conv.window(), conv.outChannels(), map);
        }
        if (op instanceof Op.MaxPool pool) {
            return windowed(pool.window(), map().get(0), x);
        }
        if (op instanceof Op.AveragePool pool) {
            return windowed(pool.window(), map().get(0), x);
        }
        if (op instanceof Op.GlobalAveragePool || op instanceof Op.GlobalMaxPool) {
            return ImmutableIntArray.of(map().get(0), 1, 1);
        }
        if (op instanceof Op.Affine affine) {
            int length = affine.scale().length();
            require(length == 1 || (x.length() > 0 && x.get(0) == length), "a value with " + length + " channels");
            return x;
        }
        if (op instanceof Op.Dense dense) {
            require(x.length() == 1 && x.get(0) == dense.in(), "a flat value of " + dense.in() + " features");
            return ImmutableIntArray.of(dense.out());
        }
        if (op instanceof Op.Pad pad) {
            map();
            Op.Padding p = pad.padding();
            require(
                    p.top() >= 0 && p.left() >= 0 && p.bottom() >= 0 && p.right() >= 0,
                    "padding that is not negative (it is " + p + ")");
            return ImmutableIntArray.of(
                    x.get(0), sum(x.get(1), p.top(), p.bottom()), sum(x.get(2), p.left(), p.right()));
        }
        if (op instanceof Op.SelectChannels select) {
            require(
                    x.length() > 0 && select.channels().stream().allMatch(c -> c >= 0 && c < x.get(0)),
                    "channels among " + select.channels());
            return ImmutableIntArray.builder()
                    .add(select.channels().length())
                    .addAll(x.subArray(1, x.length()))
                    .build();
        }
        if (op instanceof Op.Reshape reshape) {
            require(product(x) == product(reshape.dimensions()), "as many values as in " + reshape.dimensions());
            return reshape.dimensions();
        }
        if (op instanceof Op.Lrn) {
            return map();
        }
        if (op instanceof Op.Softmax) {
            require(x.length() == 1, "a flat value");
            return x;
        }
        return x; // element by element
    }

    private static int sum(int extent, int before, int after) {
        return Math.addExact(extent, Math.addExact(before, after));
    }

    private void inputs(int count) {
        checkArgument(in.size() == count, "node '%s' needs %s inputs, but it has %s", node, count, in.size());
    }

    private void require(boolean holds, String expected) {
        checkArgument(holds, "node '%s' needs %s, but it reads %s", node, expected, in);
    }

    private ImmutableIntArray map() {
        require(in.get(0).length() == 3, "a value of channels x rows x columns");
        return in.get(0);
    }

    private ImmutableIntArray map(int channels) {
        require(map().get(0) == channels, "a value of " + channels + " channels x rows x columns");
        return in.get(0);
    }

    private ImmutableIntArray windowed(Op.Window window, int channels, ImmutableIntArray map) {
        int height = window.outputHeight(map.get(1));
        int width = window.outputWidth(map.get(2));
        require(height > 0 && width > 0, "a value that its window fits into (" + window + ")");
        return ImmutableIntArray.of(channels, height, width);
    }

    private ImmutableIntArray repeated() {
        inputs(2);
        ImmutableIntArray a = in.get(0);
        ImmutableIntArray b = in.get(1);
        require(a.length() == b.length(), "two values with the same number of dimensions");
        ImmutableIntArray.Builder result = ImmutableIntArray.builder(a.length());
        for (int i = 0; i < a.length(); i++) {
            require(a.get(i) == b.get(i) || a.get(i) == 1 || b.get(i) == 1, "two values whose extents agree or are 1");
            result.add(Math.max(a.get(i), b.get(i)));
        }
        return result.build();
    }

    private ImmutableIntArray concat() {
        checkArgument(!in.isEmpty(), "node '%s' needs at least one input", node);
        ImmutableIntArray first = in.get(0);
        int channels = 0;
        for (ImmutableIntArray each : in) {
            require(
                    each.length() > 0
                            && each.length() == first.length()
                            && each.subArray(1, each.length()).equals(first.subArray(1, first.length())),
                    "values that differ in the number of channels only");
            channels = Math.addExact(channels, each.get(0));
        }
        return ImmutableIntArray.builder()
                .add(channels)
                .addAll(first.subArray(1, first.length()))
                .build();
    }

    private static long product(ImmutableIntArray extents) {
        return extents.stream().asLongStream().reduce(1, Math::multiplyExact);
    }
}
