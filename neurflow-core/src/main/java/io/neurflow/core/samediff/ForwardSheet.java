package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/** Writes nodes of a network graph as SameDiff operators: [n, channels, rows, columns] or [n, features]. */
final class ForwardSheet {
    private final Sheet sheet;
    private final NetworkGraph graph;
    private final Map<Integer, SDVariable> values = new HashMap<>();

    ForwardSheet(Sheet sheet, NetworkGraph graph) {
        this.sheet = sheet;
        this.graph = graph;
    }

    /** A value that is known. */
    void put(int index, SDVariable value) {
        values.put(index, value);
    }

    SDVariable value(int index) {
        SDVariable value = values.get(index);
        if (value == null) {
            throw new IllegalStateException("value " + index + " is read before it is computed");
        }
        return value;
    }

    List<SDVariable> inputs(Node node) {
        return node.inputs().stream().map(this::value).toList();
    }

    void write(Node node) {
        values.put(node.index(), value(node));
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
            return x.mul(sheet.perChannel(affine, "scale " + to.length(), affine.scale(), to))
                    .add(sheet.perChannel(affine, "shift " + to.length(), affine.shift(), to));
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
            return new Normalisation(sheet, lrn, from).forward(x);
        } else if (op instanceof Op.Softmax) {
            return sheet.sd.nn().softmax(x, 1);
        }
        throw new IllegalStateException("there is no translation of " + op.kind());
    }
}
