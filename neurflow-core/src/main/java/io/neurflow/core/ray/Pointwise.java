package io.neurflow.core.ray;

import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What lies between a source and a gate where that mixes channels and not positions: a 1x1 convolution, a dense operator, or
 * nothing. Done in Java, since most values of a source are 0, and nothing has to be copied to an engine.
 */
final class Pointwise {
    /** Weights that are worth a transposed copy. */
    private static final int MOST_WEIGHTS = 1 << 22;

    /** [channel of the source][channel of u]; empty if u is the source. */
    private final float[][] byChannel;

    private final int outs;

    private Pointwise(float[][] byChannel, int outs) {
        this.byChannel = byChannel;
        this.outs = outs;
    }

    /** The one between two values; empty if it is something else. */
    static Optional<Pointwise> of(NetworkGraph graph, int source, int u) {
        int channels = graph.dimensions(u).get(0);
        if (source == u) {
            return Optional.of(new Pointwise(new float[0][], channels));
        }
        Node node = graph.nodes().get(u);
        if (node.inputs().get(0) != source) {
            return Optional.empty();
        }
        boolean plain = node.op() instanceof Op.Conv conv
                && conv.groups() == 1
                && Taps.of(
                                conv.window(),
                                graph.dimensions(source).get(1),
                                graph.dimensions(source).get(2))
                        .isPointwise();
        Optional<Weights> weights = node.op() instanceof Op.Dense dense
                ? Optional.of(dense.weights())
                : plain ? Optional.of(((Op.Conv) node.op()).weights()) : Optional.empty();
        return weights.filter(w -> w.length() <= MOST_WEIGHTS)
                .map(w -> new Pointwise(transposed(w.toFloats(), channels), channels));
    }

    private static float[][] transposed(float[] weights, int outs) {
        int ins = weights.length / outs;
        float[][] byChannel = new float[ins][outs];
        for (int j = 0; j < outs; j++) {
            for (int c = 0; c < ins; c++) {
                byChannel[c][j] = weights[j * ins + c];
            }
        }
        return byChannel;
    }

    /** u(x) - u(0), [position][channel]. */
    float[][] forward(Entries source) {
        float[][] d = new float[source.positions][outs];
        if (byChannel.length == 0) {
            for (int c = 0; c < source.channels; c++) {
                for (int e = source.start[c]; e < source.start[c + 1]; e++) {
                    d[source.position[e]][c] = source.value[e];
                }
            }
        } else {
            source.addRows(byChannel, d);
        }
        return d;
    }

    /** Adds the scores of the source's channels for cotangents of u, [position][channel]; null where all of a row is 0. */
    void scores(Entries source, float[] @Nullable [] cotangents, double[] into) {
        float[] sum = new float[outs];
        for (int c = 0; c < source.channels; c++) {
            if (byChannel.length == 0) {
                for (int e = source.start[c]; e < source.start[c + 1]; e++) {
                    float[] row = cotangents[source.position[e]];
                    into[c] += row == null ? 0 : (double) source.value[e] * row[c];
                }
            } else if (source.start[c] < source.start[c + 1]) {
                Arrays.fill(sum, 0);
                source.addChannel(c, cotangents, sum);
                into[c] += Kernels.dot(sum, byChannel[c]);
            }
        }
    }
}
