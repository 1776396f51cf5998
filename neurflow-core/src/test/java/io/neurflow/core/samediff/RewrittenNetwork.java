package io.neurflow.core.samediff;

import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig;
import org.nd4j.linalg.factory.Nd4j;

/** A residual network written the way people write SameDiff: channels first with OIYX weights, or last with YXIO. */
final class RewrittenNetwork {
    private final SameDiff sd = SameDiff.create();
    private final Map<Integer, SDVariable> values = new HashMap<>();
    private final boolean last;

    private RewrittenNetwork(boolean last) {
        this.last = last;
    }

    static SameDiff of(NetworkGraph graph, boolean last) {
        RewrittenNetwork written = new RewrittenNetwork(last);
        int c = graph.input().channels();
        int h = graph.input().height();
        int w = graph.input().width();
        written.values.put(
                NetworkGraph.INPUT,
                last
                        ? written.sd.placeHolder("image", DataType.FLOAT, -1, h, w, c)
                        : written.sd.placeHolder("image", DataType.FLOAT, -1, c, h, w));
        for (Node node : graph.nodes()) {
            written.values.put(node.index(), written.write(node).rename(name(node)));
        }
        return written.sd;
    }

    /** Value names of ONNX have slashes and dots; these are plain. */
    static String name(Node node) {
        return "v" + node.index();
    }

    private SDVariable write(Node node) {
        SDVariable x = values.get(node.inputs().get(0));
        Op op = node.op();
        if (op instanceof Op.Conv conv) {
            return conv(conv, x);
        } else if (op instanceof Op.Affine affine) {
            return x.mul(channels(affine.scale())).add(channels(affine.shift()));
        } else if (op instanceof Op.Elementwise) {
            return sd.nn().relu(x, 0);
        } else if (op instanceof Op.MaxPool pool) {
            Op.Window k = pool.window();
            return sd.cnn()
                    .maxPooling2d(
                            x,
                            Pooling2DConfig.builder()
                                    .kH(k.height())
                                    .kW(k.width())
                                    .sH(k.strideY())
                                    .sW(k.strideX())
                                    .pH(k.padding().top())
                                    .pW(k.padding().left())
                                    .isNHWC(last)
                                    .build());
        } else if (op instanceof Op.Add) {
            return x.add(values.get(node.inputs().get(1)));
        } else if (op instanceof Op.GlobalAveragePool) {
            return sd.mean(x, true, last ? 1 : 2, last ? 2 : 3);
        } else if (op instanceof Op.Reshape reshape) {
            return sd.reshape(x, -1, reshape.dimensions().get(0));
        } else if (op instanceof Op.Dense dense) {
            INDArray w = Nd4j.create(dense.weights().toFloats(), new long[] {dense.out(), dense.in()}, 'c');
            INDArray b = Nd4j.create(dense.bias().orElseThrow().toFloats(), new long[] {dense.out()}, 'c');
            return sd.nn().linear(x, sd.constant(w.transpose().dup('c')), sd.constant(b));
        }
        throw new IllegalArgumentException("the test does not write " + op.kind());
    }

    private SDVariable conv(Op.Conv conv, SDVariable x) {
        Op.Window k = conv.window();
        INDArray oiyx = Nd4j.create(
                conv.weights().toFloats(),
                new long[] {conv.outChannels(), conv.inChannels(), k.height(), k.width()},
                'c');
        INDArray stored = last ? oiyx.permute(2, 3, 1, 0).dup('c') : oiyx;
        Conv2DConfig config = Conv2DConfig.builder()
                .kH(k.height())
                .kW(k.width())
                .sH(k.strideY())
                .sW(k.strideX())
                .pH(k.padding().top())
                .pW(k.padding().left())
                .paddingMode(PaddingMode.VALID)
                .dataFormat(last ? "NHWC" : "NCHW")
                .weightsFormat(last ? WeightsFormat.YXIO : WeightsFormat.OIYX)
                .build();
        SDVariable w = sd.constant(stored);
        return conv.bias()
                .map(b -> sd.cnn().conv2d(x, w, sd.constant(Nd4j.createFromArray(b.toFloats())), config))
                .orElseGet(() -> sd.cnn().conv2d(x, w, config));
    }

    private SDVariable channels(Weights weights) {
        long[] shape = last ? new long[] {1, 1, 1, weights.length()} : new long[] {1, weights.length(), 1, 1};
        return sd.constant(Nd4j.create(weights.toFloats(), shape, 'c'));
    }
}
