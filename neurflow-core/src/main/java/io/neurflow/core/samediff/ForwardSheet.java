package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Writes nodes of a network graph as SameDiff operators. A value is [n, channels, rows, columns] or [n, features] to those who
 * ask for it; on the way, maps may have their channels last, see {@link Layout}.
 */
final class ForwardSheet {
    private final Sheet sheet;
    private final NetworkGraph graph;
    private final boolean mayTurn;
    private final Map<Integer, SDVariable> values = new HashMap<>();
    private final Map<Integer, SDVariable> turned = new HashMap<>();

    /** With {@code mayTurn} the channels come last where that is faster; not for values that the way back reads. */
    ForwardSheet(Sheet sheet, NetworkGraph graph, boolean mayTurn) {
        this.sheet = sheet;
        this.graph = graph;
        this.mayTurn = mayTurn;
    }

    /** A value that is known. */
    void put(int index, SDVariable value) {
        values.put(index, value);
    }

    SDVariable value(int index) {
        SDVariable value = values.get(index);
        if (value == null) {
            SDVariable last = turned.get(index);
            if (last == null) {
                throw new IllegalStateException("value " + index + " is read before it is computed");
            }
            value = sheet.sd.permute(last, 0, 3, 1, 2);
            values.put(index, value);
        }
        return value;
    }

    List<SDVariable> inputs(Node node) {
        return node.inputs().stream().map(this::value).toList();
    }

    void write(Node node) {
        if (mayTurn && turns(node)) {
            turned.put(node.index(), last(node));
        } else {
            values.put(node.index(), value(node));
        }
    }

    /** Whether an operator is to be done with the channels last. */
    private boolean turns(Node node) {
        boolean maps = node.dimensions().length() == 3
                && node.inputs().stream()
                        .allMatch(value -> graph.dimensions(value).length() == 3);
        if (!maps) {
            return false;
        }
        Op op = node.op();
        ImmutableIntArray in = graph.dimensions(node.inputs().get(0));
        if (op instanceof Op.Conv conv) {
            return new Convolutions(sheet, conv).hasLast();
        }
        boolean alreadyTurned = node.inputs().stream().anyMatch(turned::containsKey);
        if (op instanceof Op.MaxPool pool) {
            return alreadyTurned
                    && Poolings.max(sheet, pool, in, node.dimensions()).hasLast();
        }
        return alreadyTurned
                && (op instanceof Op.Affine
                        || op instanceof Op.Elementwise
                        || op instanceof Op.Add
                        || op instanceof Op.Mul
                        || op instanceof Op.Concat
                        || op instanceof Op.AveragePool
                        || op instanceof Op.GlobalAveragePool
                        || op instanceof Op.Lrn);
    }

    private SDVariable turned(int index) {
        return turned.computeIfAbsent(index, i -> sheet.sd.permute(value(i), 0, 2, 3, 1));
    }

    private SDVariable last(Node node) {
        Op op = node.op();
        List<SDVariable> in = node.inputs().stream().map(this::turned).toList();
        SDVariable x = in.get(0);
        ImmutableIntArray from = graph.dimensions(node.inputs().get(0));
        ImmutableIntArray to = node.dimensions();
        if (op instanceof Op.Conv conv) {
            return new Convolutions(sheet, conv).forwardLast(x, to);
        } else if (op instanceof Op.Affine affine) {
            return affine(affine, x, to, Layout.CHANNELS_LAST);
        } else if (op instanceof Op.Elementwise function) {
            return new Curves(sheet.sd, function).value(x);
        } else if (op instanceof Op.MaxPool pool) {
            return Poolings.max(sheet, pool, from, to).forward(x, Layout.CHANNELS_LAST);
        } else if (op instanceof Op.AveragePool pool) {
            return Poolings.mean(sheet, pool, from, to).forward(x, Layout.CHANNELS_LAST);
        } else if (op instanceof Op.GlobalAveragePool) {
            return sheet.sd.mean(x, true, 1, 2);
        } else if (op instanceof Op.Add) {
            return x.add(in.get(1));
        } else if (op instanceof Op.Mul) {
            return x.mul(in.get(1));
        } else if (op instanceof Op.Concat) {
            return sheet.concat(in, Layout.CHANNELS_LAST);
        } else if (op instanceof Op.Lrn lrn) {
            return new Normalisation(sheet, lrn, from, Layout.CHANNELS_LAST).forward(x);
        }
        throw new IllegalStateException("there is no translation of " + op.kind() + " with the channels last");
    }

    private SDVariable affine(Op.Affine affine, SDVariable x, ImmutableIntArray to, Layout layout) {
        return x.mul(sheet.perChannel(affine, "scale", affine.scale(), to, layout))
                .add(sheet.perChannel(affine, "shift", affine.shift(), to, layout));
    }

    /** The spatial mean of a value. */
    SDVariable mean(int index) {
        return turned.containsKey(index) ? sheet.sd.mean(turned(index), 1, 2) : sheet.sd.mean(value(index), 2, 3);
    }

    private SDVariable value(Node node) {
        Op op = node.op();
        List<SDVariable> in = inputs(node);
        SDVariable x = in.get(0);
        ImmutableIntArray from = graph.dimensions(node.inputs().get(0));
        ImmutableIntArray to = node.dimensions();
        if (op instanceof Op.Conv conv) {
            return new Convolutions(sheet, conv).forward(x, from, to);
        } else if (op instanceof Op.Affine affine) {
            return affine(affine, x, to, Layout.CHANNELS_FIRST);
        } else if (op instanceof Op.Elementwise function) {
            return new Curves(sheet.sd, function).value(x);
        } else if (op instanceof Op.MaxPool pool) {
            return Poolings.max(sheet, pool, from, to).forward(x);
        } else if (op instanceof Op.AveragePool pool) {
            return Poolings.mean(sheet, pool, from, to).forward(x);
        } else if (op instanceof Op.GlobalAveragePool) {
            return sheet.sd.mean(x, true, 2, 3);
        } else if (op instanceof Op.GlobalMaxPool) {
            return sheet.sd.max(x, true, 2, 3);
        } else if (op instanceof Op.Dense dense) {
            SDVariable weights = sheet.constant(
                    dense, "weights", () -> Sheet.array(dense.weights().toFloats(), dense.out(), dense.in()));
            SDVariable y = sheet.sd.mmul(x, weights, false, true, false);
            return dense.bias()
                    .map(b -> y.add(sheet.perChannel(dense, "bias", b, to)))
                    .orElse(y);
        } else if (op instanceof Op.Add) {
            return x.add(in.get(1));
        } else if (op instanceof Op.Mul) {
            return x.mul(in.get(1));
        } else if (op instanceof Op.Concat) {
            return sheet.concat(in);
        } else if (op instanceof Op.Pad pad) {
            return sheet.pad(x, pad.padding(), pad.value());
        } else if (op instanceof Op.SelectChannels select) {
            return sheet.sd.gather(x, select.channels().toArray(), 1);
        } else if (op instanceof Op.Reshape) {
            return sheet.reshape(x, to);
        } else if (op instanceof Op.Lrn lrn) {
            return new Normalisation(sheet, lrn, from, Layout.CHANNELS_FIRST).forward(x);
        } else if (op instanceof Op.Softmax) {
            return sheet.sd.nn().softmax(x, 1);
        }
        throw new IllegalStateException("there is no translation of " + op.kind());
    }
}
