package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Writes the way back: for each node, from the last to the first, what its output's gradient says of its inputs. Gradients
 * of weights are not computed.
 */
final class BackwardSheet {
    private final Sheet sheet;
    private final NetworkGraph graph;
    private final ForwardSheet forward;
    private final Map<Integer, SDVariable> gradients = new HashMap<>();

    BackwardSheet(Sheet sheet, NetworkGraph graph, ForwardSheet forward) {
        this.sheet = sheet;
        this.graph = graph;
        this.forward = forward;
    }

    SDVariable gradient(int index) {
        SDVariable gradient = gradients.get(index);
        if (gradient == null) {
            throw new IllegalStateException("the gradient of value " + index + " is read before it is computed");
        }
        return gradient;
    }

    /** Adds a share to a value's gradient. */
    void add(int index, SDVariable share) {
        gradients.merge(index, share, SDVariable::add);
    }

    void write(Node node) {
        SDVariable gy = gradient(node.index());
        Op op = node.op();
        if (op instanceof Op.Mul) {
            mul(node, gy);
        } else if (op instanceof Op.Concat) {
            int at = 0;
            for (int value : node.inputs()) {
                int channels = graph.dimensions(value).get(0);
                add(value, sheet.channels(gy, node.dimensions(), at, channels));
                at += channels;
            }
        } else if (op instanceof Op.Add) {
            node.inputs().forEach(value -> add(value, gy));
        } else {
            int value = node.inputs().get(0);
            add(value, single(node, graph.dimensions(value), gy));
        }
    }

    private SDVariable single(Node node, ImmutableIntArray in, SDVariable gy) {
        Op op = node.op();
        ImmutableIntArray out = node.dimensions();
        SDVariable x = forward.inputs(node).get(0);
        SDVariable y = forward.value(node.index());
        if (op instanceof Op.Conv conv) {
            return new Convolutions(sheet, conv).backward(x, in, gy, out);
        } else if (op instanceof Op.Affine affine) {
            return gy.mul(sheet.perChannel(affine, "scale", affine.scale(), out));
        } else if (op instanceof Op.Elementwise function) {
            return gy.mul(new Curves(sheet.sd, function).derivative(x, y));
        } else if (op instanceof Op.MaxPool pool) {
            return Poolings.max(sheet, pool, in, out).backward(x, gy);
        } else if (op instanceof Op.AveragePool pool) {
            return Poolings.mean(sheet, pool, in, out).backward(x, gy);
        } else if (op instanceof Op.GlobalAveragePool) {
            int positions = in.get(1) * in.get(2);
            float[] share = new float[positions];
            Arrays.fill(share, 1f / positions);
            return gy.mul(sheet.constant(op, "share of " + in, () -> Sheet.array(share, 1, 1, in.get(1), in.get(2))));
        } else if (op instanceof Op.GlobalMaxPool) {
            return globalMax(x, in, gy);
        } else if (op instanceof Op.Dense dense) {
            SDVariable weights = sheet.constant(
                    dense, "weights", () -> Sheet.array(dense.weights().toFloats(), dense.out(), dense.in()));
            return sheet.sd.mmul(gy, weights);
        } else if (op instanceof Op.Pad pad) {
            return sheet.crop(gy, in.get(0), pad.padding().top(), pad.padding().left(), in.get(1), in.get(2));
        } else if (op instanceof Op.SelectChannels select) {
            return scatter(select, in, gy);
        } else if (op instanceof Op.Reshape) {
            return sheet.reshape(gy, in);
        } else if (op instanceof Op.Lrn lrn) {
            return new Normalisation(sheet, lrn, in, Layout.CHANNELS_FIRST).backward(x, gy);
        } else if (op instanceof Op.Softmax) {
            return y.mul(gy.sub(sheet.sd.sum(y.mul(gy), true, 1)));
        }
        throw new IllegalStateException("there is no translation of the gradient of " + op.kind());
    }

    /** The first of equal maxima takes it all. */
    private SDVariable globalMax(SDVariable x, ImmutableIntArray in, SDVariable gy) {
        int positions = in.get(1) * in.get(2);
        SDVariable flat = sheet.sd.reshape(x, -1, in.get(0), positions);
        SDVariable first = sheet.sd.argmax(flat, 2);
        SDVariable mask = sheet.sd.oneHot(first, positions, 2, 1, 0, DataType.FLOAT);
        return sheet.reshape(mask, in).mul(gy);
    }

    /** Each selected channel's gradient goes to where it came from: a 1x1 convolution with zeros and ones. */
    private SDVariable scatter(Op.SelectChannels select, ImmutableIntArray in, SDVariable gy) {
        int selected = select.channels().length();
        int channels = in.get(0);
        SDVariable places = sheet.constant(select, "places among " + channels, () -> {
            float[] ones = new float[selected * channels];
            for (int i = 0; i < selected; i++) {
                ones[i * channels + select.channels().get(i)] = 1;
            }
            return Sheet.array(ones, 1, 1, selected, channels);
        });
        int perChannel = in.subArray(1, in.length()).stream().reduce(1, Math::multiplyExact);
        SDVariable columns = sheet.sd.reshape(gy, -1, selected, perChannel, 1);
        return sheet.reshape(Normalisation.pointwise(sheet, columns, places, Layout.CHANNELS_FIRST), in);
    }

    private void mul(Node node, SDVariable gy) {
        List<SDVariable> in = forward.inputs(node);
        for (int i = 0; i < 2; i++) {
            int value = node.inputs().get(i);
            add(value, summed(gy.mul(in.get(1 - i)), node.dimensions(), graph.dimensions(value)));
        }
    }

    /** The sum over what was repeated. */
    private SDVariable summed(SDVariable g, ImmutableIntArray out, ImmutableIntArray in) {
        ImmutableIntArray.Builder repeated = ImmutableIntArray.builder();
        for (int d = 0; d < out.length(); d++) {
            if (in.get(d) != out.get(d)) {
                repeated.add(d + 1);
            }
        }
        int[] axes = repeated.build().toArray();
        return axes.length == 0 ? g : sheet.sd.sum(g, true, axes);
    }
}
