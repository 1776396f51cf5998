package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Integrated gradients of a graph with one output channel along the rays from 0 to x, for any operators. A block begins with
 * operators that are affine in x (a convolution, say). Their values u at alpha x are u(0) + alpha (u(x) - u(0)), and their
 * gradient is the same everywhere, so that they run forward and backward once for each x instead of at every node of the
 * quadrature: what is integrated is the gradient with respect to u. Equal to the plain way up to rounding.
 */
final class DenseRay implements Closing {
    private static final int MOST_NODES = 64;

    private final NetworkGraph block;
    private final int top;
    /** Affine values, or the input, that others than affine operators read. */
    private final ImmutableList<Integer> front;

    private final ImmutableList<Integer> startOutputs;
    private final Program start;
    private final Program curved;
    private final Program back;
    private final int nodesAtOnce;

    DenseRay(NetworkGraph block, Constants constants, Pool pool, long largestArray) {
        this.block = block;
        this.top = block.output().index();
        Set<Integer> affine = new LinkedHashSet<>();
        Set<Integer> read = new LinkedHashSet<>();
        affine.add(NetworkGraph.INPUT);
        long largest = 1;
        for (Node node : block.nodes()) {
            if (isAffine(node.op()) && affine.containsAll(node.inputs())) {
                affine.add(node.index());
            } else {
                node.inputs().stream().filter(affine::contains).forEach(read::add);
            }
            largest = Math.max(largest, size(node.index()));
        }
        if (affine.contains(top)) {
            read.add(top);
        }
        this.front = ImmutableList.sortedCopyOf(read);
        Set<Integer> outputs = new LinkedHashSet<>(front);
        outputs.remove(NetworkGraph.INPUT);
        outputs.add(top);
        this.startOutputs = ImmutableList.copyOf(outputs);
        this.nodesAtOnce = (int) Math.max(1, Math.min(MOST_NODES, largestArray / (Float.BYTES * largest)));
        this.start = Program.forward(block, NetworkGraph.INPUT, startOutputs, constants, pool);
        this.curved = curved(affine, constants, pool);
        this.back = back(affine, constants, pool);
    }

    private static boolean isAffine(Op op) {
        return op instanceof Op.Conv
                || op instanceof Op.Affine
                || op instanceof Op.Dense
                || op instanceof Op.Add
                || op instanceof Op.Concat
                || op instanceof Op.AveragePool
                || op instanceof Op.GlobalAveragePool
                || op instanceof Op.Pad
                || op instanceof Op.SelectChannels
                || op instanceof Op.Reshape;
    }

    private int size(int value) {
        return block.dimensions(value).stream().reduce(1, Math::multiplyExact);
    }

    /** From [2, size] with u(0) and u(x) - u(0), [nodes, 2] with 1 and alpha, [1, nodes] with weights: summed gradients. */
    private Program curved(Set<Integer> affine, Constants constants, Pool pool) {
        Sheet sheet = new Sheet(constants.forOneProgram());
        SDVariable places = sheet.sd.placeHolder("places", DataType.FLOAT, -1, 2);
        SDVariable weights = sheet.sd.placeHolder("weights", DataType.FLOAT, 1, -1);
        ForwardSheet forward = new ForwardSheet(sheet, block, false);
        for (int value : front) {
            SDVariable ends = sheet.sd.placeHolder("value" + value, DataType.FLOAT, 2, size(value));
            forward.put(value, sheet.reshape(sheet.sd.mmul(places, ends), block.dimensions(value)));
        }
        List<Node> bent = block.nodes().stream()
                .filter(node -> !affine.contains(node.index()))
                .toList();
        bent.forEach(forward::write);
        BackwardSheet backward = new BackwardSheet(sheet, block, forward);
        SDVariable zeros = sheet.sd.zerosLike(forward.value(top));
        backward.add(top, zeros.add(1.0 / block.shape(top).positions()));
        ImmutableList.copyOf(bent).reverse().forEach(backward::write);
        List<SDVariable> sums = new ArrayList<>();
        for (int value : front) {
            SDVariable rows = sheet.sd.reshape(backward.gradient(value), -1, size(value));
            sums.add(sheet.sd.mmul(weights, rows));
        }
        return new Program(sheet, pool, List.of(), sums);
    }

    /** From inputs and gradients with respect to u: the sum over the positions of input times gradient. */
    private Program back(Set<Integer> affine, Constants constants, Pool pool) {
        Sheet sheet = new Sheet(constants.forOneProgram());
        ForwardSheet forward = new ForwardSheet(sheet, block, false);
        SDVariable x = Program.placeholder(sheet, "input", block.dimensions(NetworkGraph.INPUT));
        forward.put(NetworkGraph.INPUT, x);
        List<Node> straight = block.nodes().stream()
                .filter(node -> affine.contains(node.index()))
                .toList();
        straight.forEach(forward::write);
        BackwardSheet backward = new BackwardSheet(sheet, block, forward);
        for (int value : front) {
            backward.add(
                    value,
                    sheet.sd.placeHolder("value" + value, DataType.FLOAT, Sheet.batched(block.dimensions(value))));
        }
        ImmutableList.copyOf(straight).reverse().forEach(backward::write);
        SDVariable scores = sheet.sd.sum(x.mul(backward.gradient(NetworkGraph.INPUT)), 2, 3);
        return new Program(sheet, pool, List.of(), List.of(scores));
    }

    /**
     * The scores of some inputs.
     *
     * @param x inputs, few enough for one run
     * @param quadrature nodes and weights
     * @param changes gets the change of the output along each ray, from {@code first} on
     * @param first see {@code changes}
     * @return [input][channel]
     */
    double[][] scores(Tensor x, Quadrature quadrature, double[] changes, int first) {
        float[] points = x.toFloats();
        List<float[]> ends = started(points, x.count());
        List<float[]> zeros = started(new float[x.shape().size()], 1);
        double zero = mean(zeros.get(startOutputs.indexOf(top)), 0);
        for (int i = 0; i < x.count(); i++) {
            changes[first + i] = mean(ends.get(startOutputs.indexOf(top)), i) - zero;
        }
        Map<String, Program.Values> integrals = new HashMap<>();
        integrals.put("input", Program.Values.of(points, batched(NetworkGraph.INPUT, x.count())));
        for (int value : front) {
            float[] all = new float[x.count() * size(value)];
            integrals.put("value" + value, Program.Values.of(all, batched(value, x.count())));
        }
        for (int i = 0; i < x.count(); i++) {
            Map<String, Program.Values> inputs = new HashMap<>();
            for (int value : front) {
                boolean raw = value == NetworkGraph.INPUT;
                int output = startOutputs.indexOf(value);
                inputs.put(
                        "value" + value,
                        line(raw ? new float[size(value)] : zeros.get(output), raw ? points : ends.get(output), i));
            }
            integrate(inputs, quadrature, integrals, i);
        }
        float[] scores = back.call(integrals).get(0);
        int channels = x.shape().channels();
        double[][] rows = new double[x.count()][channels];
        for (int i = 0; i < scores.length; i++) {
            rows[i / channels][i % channels] = scores[i];
        }
        return rows;
    }

    private void integrate(
            Map<String, Program.Values> inputs,
            Quadrature quadrature,
            Map<String, Program.Values> integrals,
            int item) {
        ImmutableDoubleArray nodes = quadrature.nodes();
        ImmutableDoubleArray weights = quadrature.weights();
        int pieces = (nodes.length() + nodesAtOnce - 1) / nodesAtOnce;
        int from = 0;
        for (int piece = 1; piece <= pieces; piece++) {
            int to = (int) ((long) nodes.length() * piece / pieces);
            float[] places = new float[2 * (to - from)];
            float[] shares = new float[to - from];
            for (int n = from; n < to; n++) {
                places[2 * (n - from)] = 1;
                places[2 * (n - from) + 1] = (float) nodes.get(n);
                shares[n - from] = (float) weights.get(n);
            }
            inputs.put("places", Program.Values.of(places, to - from, 2));
            inputs.put("weights", Program.Values.of(shares, 1, to - from));
            List<float[]> sums = curved.call(inputs);
            for (int f = 0; f < sums.size(); f++) {
                float[] sum = sums.get(f);
                float[] all = Objects.requireNonNull(integrals.get("value" + front.get(f))).floats;
                for (int p = 0; p < sum.length; p++) {
                    all[item * sum.length + p] += sum[p];
                }
            }
            from = to;
        }
    }

    /** u(0) and u(x) - u(0), one after the other. */
    private static Program.Values line(float[] zero, float[] ends, int item) {
        int size = zero.length;
        float[] line = Arrays.copyOf(zero, 2 * size);
        for (int p = 0; p < size; p++) {
            line[size + p] = ends[item * size + p] - zero[p];
        }
        return Program.Values.of(line, 2, size);
    }

    private List<float[]> started(float[] points, int count) {
        List<float[]> values = new ArrayList<>();
        startOutputs.forEach(value -> values.add(new float[count * size(value)]));
        start.run(List.of(points), 0, count, values);
        return values;
    }

    private double mean(float[] values, int item) {
        int positions = size(top);
        double sum = 0;
        for (int p = 0; p < positions; p++) {
            sum += values[item * positions + p];
        }
        return sum / positions;
    }

    private long[] batched(int value, int count) {
        long[] shape = Sheet.batched(block.dimensions(value));
        shape[0] = count;
        return shape;
    }

    @Override
    public void close() {
        start.close();
        curved.close();
        back.close();
    }
}
