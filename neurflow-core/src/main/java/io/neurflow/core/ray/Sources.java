package io.neurflow.core.ray;

import io.neurflow.api.Tensor;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** The values of one patch that rows read, each computed when it is first asked for. */
final class Sources {
    /** Values that are read at a time where no more is needed than their means: they stay in the fastest cache. */
    private static final int PIECE = 2048;

    private final NetworkGraph graph;
    private final int from;
    private final Tensor x;
    private final int patch;
    private final Map<Integer, float[]> values = new HashMap<>();
    private final Map<Integer, Entries> entries = new HashMap<>();

    Sources(NetworkGraph graph, int from, Tensor x, int patch) {
        this.graph = graph;
        this.from = from;
        this.x = x;
        this.patch = patch;
    }

    /** The values of a source, row-major. */
    float[] values(int source) {
        Deque<Integer> missing = new ArrayDeque<>();
        for (int value = source; !values.containsKey(value); ) {
            missing.push(value);
            if (value == from || isMeans(value)) {
                break;
            }
            value = graph.nodes().get(value).inputs().get(0);
        }
        float[] last = values.getOrDefault(missing.isEmpty() ? source : below(missing.peek()), new float[0]);
        while (!missing.isEmpty()) {
            int value = missing.pop();
            last = compute(value, last);
            values.put(value, last);
        }
        return last;
    }

    private int below(int source) {
        return source == from ? from : graph.nodes().get(source).inputs().get(0);
    }

    /** Whether a source is the means of the layer, which need not be read as a whole for them. */
    private boolean isMeans(int source) {
        Node node = graph.nodes().get(source);
        return below(source) == from && node.op() instanceof Op.GlobalAveragePool && !values.containsKey(from);
    }

    private float[] compute(int source, float[] below) {
        if (source == from) {
            float[] all = new float[x.shape().size()];
            x.copyFloats(patch, 0, all.length, all, 0);
            return all;
        }
        return isMeans(source) ? means() : new Channelwise(graph, graph.nodes().get(source)).of(below);
    }

    private float[] means() {
        int positions = x.shape().positions();
        float[] means = new float[x.shape().channels()];
        int most = Math.max(1, PIECE / positions);
        float[] piece = new float[Math.min(most, means.length) * positions];
        for (int first = 0; first < means.length; first += most) {
            int channels = Math.min(most, means.length - first);
            x.copyFloats(patch, first * positions, channels * positions, piece, 0);
            for (int c = 0; c < channels; c++) {
                means[first + c] = Channelwise.mean(piece, c * positions, positions);
            }
        }
        return means;
    }

    int channels(int source) {
        return graph.dimensions(source).get(0);
    }

    /** The values of a source other than 0. */
    Entries entries(int source) {
        Entries known = entries.get(source);
        if (known == null) {
            known = new Entries(values(source), channels(source));
            entries.put(source, known);
        }
        return known;
    }

    /** Whether x is made of numbers, as far as it was read: a mean is none if one of its values is none. */
    boolean isFinite() {
        for (float[] some : values.values()) {
            for (float value : some) {
                if (!Float.isFinite(value)) {
                    return false;
                }
            }
        }
        return true;
    }
}
