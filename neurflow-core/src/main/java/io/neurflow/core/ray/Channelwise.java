package io.neurflow.core.ray;

import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.Arrays;

/** What pooling and zero padding make of the maps of one patch, channel by channel: the sources of {@link Route}. */
final class Channelwise {
    private final NetworkGraph graph;
    private final Node node;

    /** The operator of a value that is a source. */
    Channelwise(NetworkGraph graph, Node node) {
        this.graph = graph;
        this.node = node;
    }

    private int extent(int value, int axis) {
        return graph.dimensions(value).length() > axis ? graph.dimensions(value).get(axis) : 1;
    }

    /** From the values of the operator's input to its own. */
    float[] of(float[] in) {
        int input = node.inputs().get(0);
        int channels = extent(input, 0);
        int rows = extent(input, 1);
        int columns = extent(input, 2);
        Op op = node.op();
        if (op instanceof Op.MaxPool pool) {
            return maxima(in, channels, rows, columns, pool.window());
        } else if (op instanceof Op.AveragePool pool) {
            return means(in, channels, rows, columns, pool);
        } else if (op instanceof Op.GlobalMaxPool) {
            return whole(in, channels, true);
        } else if (op instanceof Op.GlobalAveragePool) {
            return whole(in, channels, false);
        } else if (op instanceof Op.Pad pad) {
            return padded(in, channels, rows, columns, pad.padding());
        }
        return in;
    }

    private static float[] whole(float[] in, int channels, boolean maximum) {
        float[] out = new float[channels];
        int positions = in.length / channels;
        for (int c = 0; c < channels; c++) {
            out[c] = maximum ? maximum(in, c * positions, positions) : mean(in, c * positions, positions);
        }
        return out;
    }

    private static float maximum(float[] in, int first, int count) {
        float largest = in[first];
        for (int i = first + 1; i < first + count; i++) {
            largest = Math.max(largest, in[i]);
        }
        return largest;
    }

    /** Four sums at a time, which do not wait for each other. */
    static float mean(float[] in, int first, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = first;
        for (; i + 3 < first + count; i += 4) {
            a += in[i];
            b += in[i + 1];
            c += in[i + 2];
            d += in[i + 3];
        }
        for (; i < first + count; i++) {
            a += in[i];
        }
        return (float) ((a + b + (c + d)) / count);
    }

    private float[] padded(float[] in, int channels, int rows, int columns, Op.Padding padding) {
        int outRows = extent(node.index(), 1);
        int outColumns = extent(node.index(), 2);
        float[] out = new float[channels * outRows * outColumns];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < rows; y++) {
                int to = (c * outRows + y + padding.top()) * outColumns + padding.left();
                System.arraycopy(in, (c * rows + y) * columns, out, to, columns);
            }
        }
        return out;
    }

    /** Along the rows first, then down the columns. */
    private static float[] maxima(float[] in, int channels, int rows, int columns, Op.Window k) {
        int outRows = k.outputHeight(rows);
        int outColumns = k.outputWidth(columns);
        Range across = new Range(
                outColumns, k.width(), k.strideX(), k.dilationX(), k.padding().left(), columns);
        Range down = new Range(
                outRows, k.height(), k.strideY(), k.dilationY(), k.padding().top(), rows);
        float[] wide = new float[rows * outColumns];
        float[] out = new float[channels * outRows * outColumns];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < rows; y++) {
                int from = (c * rows + y) * columns;
                for (int x = 0; x < outColumns; x++) {
                    float largest = in[from + across.first[x]];
                    for (int i = across.first[x] + k.dilationX(); i <= across.last[x]; i += k.dilationX()) {
                        largest = Math.max(largest, in[from + i]);
                    }
                    wide[y * outColumns + x] = largest;
                }
            }
            for (int y = 0; y < outRows; y++) {
                int to = (c * outRows + y) * outColumns;
                System.arraycopy(wide, down.first[y] * outColumns, out, to, outColumns);
                for (int i = down.first[y] + k.dilationY(); i <= down.last[y]; i += k.dilationY()) {
                    for (int x = 0; x < outColumns; x++) {
                        out[to + x] = Math.max(out[to + x], wide[i * outColumns + x]);
                    }
                }
            }
        }
        return out;
    }

    private static float[] means(float[] in, int channels, int rows, int columns, Op.AveragePool pool) {
        Op.Window k = pool.window();
        int outRows = k.outputHeight(rows);
        int outColumns = k.outputWidth(columns);
        Range across =
                new Range(outColumns, k.width(), k.strideX(), 1, k.padding().left(), columns);
        Range down = new Range(outRows, k.height(), k.strideY(), 1, k.padding().top(), rows);
        double[] wide = new double[rows * outColumns];
        float[] out = new float[channels * outRows * outColumns];
        for (int c = 0; c < channels; c++) {
            Arrays.fill(wide, 0);
            for (int y = 0; y < rows; y++) {
                for (int x = 0; x < outColumns; x++) {
                    for (int i = across.first[x]; i <= across.last[x]; i++) {
                        wide[y * outColumns + x] += in[(c * rows + y) * columns + i];
                    }
                }
            }
            for (int y = 0; y < outRows; y++) {
                for (int x = 0; x < outColumns; x++) {
                    double sum = 0;
                    for (int i = down.first[y]; i <= down.last[y]; i++) {
                        sum += wide[i * outColumns + x];
                    }
                    int cells = pool.countPadding()
                            ? down.padded(y, k.padding().bottom())
                                    * across.padded(x, k.padding().right())
                            : (down.last[y] - down.first[y] + 1) * (across.last[x] - across.first[x] + 1);
                    out[(c * outRows + y) * outColumns + x] = (float) (sum / cells);
                }
            }
        }
        return out;
    }

    /** Which cells inside the input each window touches along one axis. */
    private static final class Range {
        final int[] first;
        final int[] last;
        private final int size;
        private final int stride;
        private final int padding;
        private final int cells;

        Range(int count, int size, int stride, int dilation, int padding, int cells) {
            this.size = size;
            this.stride = stride;
            this.padding = padding;
            this.cells = cells;
            first = new int[count];
            last = new int[count];
            for (int i = 0; i < count; i++) {
                int from = i * stride - padding;
                first[i] = from < 0 ? from + (-from + dilation - 1) / dilation * dilation : from;
                last[i] = Math.min(from + (size - 1) * dilation, cells - 1);
            }
        }

        /** Cells of a window, those of the padding too, but not those of an overhang. */
        int padded(int window, int behind) {
            int from = window * stride - padding;
            return Math.min(from + size, cells + behind) - from;
        }
    }
}
