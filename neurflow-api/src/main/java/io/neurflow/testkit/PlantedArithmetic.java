package io.neurflow.testkit;

import io.neurflow.api.Shape;
import java.util.List;

/** Every step of a {@link PlantedNet}, forwards and backwards, in the plainest loops. */
final class PlantedArithmetic {
    private PlantedArithmetic() {}

    static Shape shape(PlantedOp op, List<Shape> in) {
        Shape x = in.get(0);
        if (op instanceof PlantedOp.Convolution conv) {
            return new Shape(conv.out(), x.height(), x.width());
        } else if (op instanceof PlantedOp.Concatenation) {
            return new Shape(in.stream().mapToInt(Shape::channels).sum(), x.height(), x.width());
        } else if (op instanceof PlantedOp.MaxPool pool) {
            return new Shape(x.channels(), x.height() / pool.size(), x.width() / pool.size());
        } else if (op instanceof PlantedOp.GlobalAverage) {
            return Shape.units(x.channels());
        }
        return x;
    }

    static double[] forward(PlantedOp op, List<Shape> shapes, List<double[]> inputs, Shape out) {
        double[] x = inputs.get(0);
        double[] y = new double[out.size()];
        if (op instanceof PlantedOp.Convolution conv) {
            for (int o = 0; o < conv.out(); o++) {
                java.util.Arrays.fill(
                        y,
                        o * out.positions(),
                        (o + 1) * out.positions(),
                        conv.bias().get(o));
            }
            taps(conv, out, (weight, from, to) -> y[to] += weight * x[from]);
        } else if (op instanceof PlantedOp.Rectifier) {
            for (int i = 0; i < y.length; i++) {
                y[i] = Math.max(x[i], 0);
            }
        } else if (op instanceof PlantedOp.Sum) {
            for (int i = 0; i < y.length; i++) {
                y[i] = x[i] + inputs.get(1)[i];
            }
        } else if (op instanceof PlantedOp.Concatenation) {
            int at = 0;
            for (double[] part : inputs) {
                System.arraycopy(part, 0, y, at, part.length);
                at += part.length;
            }
        } else if (op instanceof PlantedOp.MaxPool pool) {
            for (int i = 0; i < y.length; i++) {
                y[i] = x[largest(pool.size(), shapes.get(0), x, out, i)];
            }
        } else {
            int positions = shapes.get(0).positions();
            for (int i = 0; i < x.length; i++) {
                y[i / positions] += x[i] / positions;
            }
        }
        return y;
    }

    /** Adds to the gradients of the inputs what comes from the gradient of the output. */
    static void backward(
            PlantedOp op, List<Shape> shapes, List<double[]> inputs, Shape out, double[] dy, List<double[]> gradients) {
        double[] x = inputs.get(0);
        double[] dx = gradients.get(0);
        if (op instanceof PlantedOp.Convolution conv) {
            taps(conv, out, (weight, from, to) -> dx[from] += weight * dy[to]);
        } else if (op instanceof PlantedOp.Rectifier) {
            for (int i = 0; i < dy.length; i++) {
                dx[i] += x[i] > 0 ? dy[i] : 0;
            }
        } else if (op instanceof PlantedOp.Sum) {
            for (double[] gradient : gradients) {
                for (int i = 0; i < dy.length; i++) {
                    gradient[i] += dy[i];
                }
            }
        } else if (op instanceof PlantedOp.Concatenation) {
            int at = 0;
            for (double[] gradient : gradients) {
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] += dy[at++];
                }
            }
        } else if (op instanceof PlantedOp.MaxPool pool) {
            for (int i = 0; i < dy.length; i++) {
                dx[largest(pool.size(), shapes.get(0), x, out, i)] += dy[i];
            }
        } else {
            int positions = shapes.get(0).positions();
            for (int i = 0; i < dx.length; i++) {
                dx[i] += dy[i / positions] / positions;
            }
        }
    }

    private interface Tap {
        void at(double weight, int from, int to);
    }

    /** Every pair of an input and an output position that a weight joins; weights of zero join nothing. */
    private static void taps(PlantedOp.Convolution conv, Shape out, Tap tap) {
        int rows = out.height();
        int columns = out.width();
        int half = conv.size() / 2;
        for (int o = 0; o < conv.out(); o++) {
            for (int i = 0; i < conv.in(); i++) {
                for (int ky = 0; ky < conv.size(); ky++) {
                    for (int kx = 0; kx < conv.size(); kx++) {
                        double weight = conv.weight(o, i, ky, kx);
                        if (weight == 0) {
                            continue;
                        }
                        for (int y = Math.max(0, half - ky); y < Math.min(rows, rows + half - ky); y++) {
                            for (int x = Math.max(0, half - kx); x < Math.min(columns, columns + half - kx); x++) {
                                int from = (i * rows + y + ky - half) * columns + x + kx - half;
                                tap.at(weight, from, (o * rows + y) * columns + x);
                            }
                        }
                    }
                }
            }
        }
    }

    private static int largest(int size, Shape in, double[] x, Shape out, int i) {
        int column = i % out.width();
        int row = i / out.width() % out.height();
        int channel = i / out.positions();
        int best = -1;
        for (int y = row * size; y < (row + 1) * size; y++) {
            for (int c = column * size; c < (column + 1) * size; c++) {
                int at = (channel * in.height() + y) * in.width() + c;
                if (best < 0 || x[at] > x[best]) {
                    best = at;
                }
            }
        }
        return best;
    }
}
