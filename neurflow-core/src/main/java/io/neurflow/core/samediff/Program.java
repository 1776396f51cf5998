package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.internal.InferenceSession;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A SameDiff graph from some values to some others, ready to be run again and again. */
final class Program implements Closing {
    private static final String INPUT = "input";
    private static final String COTANGENT = "cotangent";

    /** A piece of an array, from one position on: the values of a placeholder. */
    static final class Values {
        final float[] floats;
        final int first;
        final long[] shape;

        Values(float[] floats, int first, long... shape) {
            this.floats = floats;
            this.first = first;
            this.shape = shape;
        }

        static Values of(float[] floats, long... shape) {
            return new Values(floats, 0, shape);
        }

        int length() {
            long length = 1;
            for (long extent : shape) {
                length *= extent;
            }
            return Math.toIntExact(length);
        }
    }

    private final Sheet sheet;
    private final Pool pool;
    private final InferenceSession session;
    /** Placeholders with the batch in front. */
    private final ImmutableList<SDVariable> inputs;

    private final ImmutableList<String> outputs;

    Program(Sheet sheet, Pool pool, List<SDVariable> inputs, List<SDVariable> outputs) {
        this.sheet = sheet;
        this.pool = pool;
        this.session = new InferenceSession(sheet.sd);
        session.setMmgr(pool);
        this.inputs = ImmutableList.copyOf(inputs);
        this.outputs = outputs.stream().map(SDVariable::name).collect(ImmutableList.toImmutableList());
    }

    /** From one value to several others. */
    static Program forward(NetworkGraph graph, int from, Collection<Integer> to, Constants constants, Pool pool) {
        Sheet sheet = new Sheet(constants.forOneProgram());
        SDVariable input = placeholder(sheet, INPUT, graph.dimensions(from));
        ForwardSheet forward = written(sheet, graph, from, to, input, true);
        return new Program(
                sheet, pool, List.of(input), to.stream().map(forward::value).toList());
    }

    /** From the graph's input to the spatial means of several values, and after them to some whole values. */
    static Program means(NetworkGraph graph, List<Integer> to, List<Integer> whole, Constants constants, Pool pool) {
        int from = NetworkGraph.INPUT;
        Sheet sheet = new Sheet(constants.forOneProgram());
        SDVariable input = placeholder(sheet, INPUT, graph.dimensions(from));
        TreeSet<Integer> all = new TreeSet<>(to);
        all.addAll(whole);
        ForwardSheet forward = written(sheet, graph, from, all, input, true);
        List<SDVariable> results = new ArrayList<>();
        for (int value : to) {
            results.add(graph.shape(value).positions() == 1 ? forward.value(value) : forward.mean(value));
        }
        for (int value : whole) {
            // A name of its own: a value of one position may be wanted as its mean, too.
            results.add(sheet.sd.identity(forward.value(value)));
        }
        return new Program(sheet, pool, List.of(input), results);
    }

    /**
     * The gradient of the spatial mean of a graph's output with respect to its input.
     *
     * @param block a graph whose output has one channel
     */
    static Program gradient(NetworkGraph block, Constants constants, Pool pool) {
        Sheet sheet = new Sheet(constants.forOneProgram());
        int top = block.output().index();
        SDVariable input = placeholder(sheet, INPUT, block.dimensions(NetworkGraph.INPUT));
        ForwardSheet forward = written(sheet, block, NetworkGraph.INPUT, List.of(top), input, false);
        BackwardSheet backward = new BackwardSheet(sheet, block, forward);
        SDVariable zeros = sheet.sd.zerosLike(forward.value(top));
        backward.add(top, zeros.add(1.0 / block.shape(top).positions()));
        for (Node node : block.nodes().reverse()) {
            backward.write(node);
        }
        return new Program(sheet, pool, List.of(input), List.of(backward.gradient(NetworkGraph.INPUT)));
    }

    /** From a cotangent of one value to that of a lower one, with an affine map between them. */
    static Program pullback(NetworkGraph graph, int from, int to, Constants constants, Pool pool) {
        Sheet sheet = new Sheet(constants.forOneProgram());
        SDVariable cotangent = placeholder(sheet, COTANGENT, graph.dimensions(to));
        SDVariable any = zeros(sheet, graph.dimensions(from), cotangent);
        ForwardSheet forward = written(sheet, graph, from, List.of(to), any, false);
        BackwardSheet backward = new BackwardSheet(sheet, graph, forward);
        backward.add(to, cotangent);
        for (Node node : graph.between(from, List.of(to)).reverse()) {
            backward.write(node);
        }
        return new Program(sheet, pool, List.of(cotangent), List.of(backward.gradient(from)));
    }

    /** As many as there are cotangents: an affine map's way back reads no values, but some operators ask for their shape. */
    private static SDVariable zeros(Sheet sheet, ImmutableIntArray dimensions, SDVariable cotangent) {
        long[] one = Sheet.batched(dimensions);
        long[] single = new long[one.length];
        Arrays.fill(single, 1);
        single[0] = -1;
        one[0] = 1;
        int[] all = IntStream.range(1, cotangent.placeholderShape().length).toArray();
        SDVariable zero = sheet.sd.reshape(sheet.sd.sum(cotangent.mul(0.0), all), single);
        return zero.add(sheet.constant(() -> Nd4j.zeros(DataType.FLOAT, one)));
    }

    static SDVariable placeholder(Sheet sheet, String name, ImmutableIntArray dimensions) {
        return sheet.sd.placeHolder(name, DataType.FLOAT, Sheet.batched(dimensions));
    }

    private static ForwardSheet written(
            Sheet sheet, NetworkGraph graph, int from, Collection<Integer> to, SDVariable input, boolean mayTurn) {
        ForwardSheet forward = new ForwardSheet(sheet, graph, mayTurn);
        forward.put(from, input);
        graph.between(from, to).forEach(forward::write);
        return forward;
    }

    /**
     * Runs the program on some of the items of arrays.
     *
     * @param values for each input an array, row-major
     * @param first first item
     * @param count how many
     * @param into for each output an array for all items, row-major; those of the items asked for are written
     */
    void run(List<float[]> values, int first, int count, List<float[]> into) {
        Map<String, Values> pieces = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            long[] shape = inputs.get(i).placeholderShape().clone();
            shape[0] = count;
            Values one = new Values(values.get(i), 0, shape);
            pieces.put(inputs.get(i).name(), new Values(values.get(i), one.length() / count * first, shape));
        }
        call(pieces, (i, result) -> {
            int length = Math.toIntExact(result.length());
            result.data().asNioFloat().get(into.get(i), length / count * first, length);
        });
    }

    /** Runs the program on values for each placeholder; returns those of each output, row-major. */
    List<float[]> call(Map<String, Values> placeholders) {
        List<float[]> results = new ArrayList<>();
        call(placeholders, (i, result) -> {
            float[] to = new float[Math.toIntExact(result.length())];
            result.data().asNioFloat().get(to);
            results.add(to);
        });
        return results;
    }

    /** The shapes of the outputs for values of each placeholder. */
    List<long[]> shapes(Map<String, Values> placeholders) {
        List<long[]> shapes = new ArrayList<>();
        call(placeholders, (i, result) -> shapes.add(result.shape().clone()));
        return shapes;
    }

    /** The name of the last placeholder. */
    String lastInput() {
        return inputs.get(inputs.size() - 1).name();
    }

    private interface Taker {
        void take(int output, INDArray result);
    }

    private void call(Map<String, Values> placeholders, Taker taker) {
        // A session belongs to a thread, a program to whichever thread comes.
        sheet.sd.getSessions().clear();
        sheet.sd.getSessions().put(Thread.currentThread().getId(), session);
        try {
            Map<String, INDArray> arrays = new HashMap<>();
            placeholders.forEach((name, values) -> {
                INDArray array = pool.allocate(true, DataType.FLOAT, values.shape);
                array.data().asNioFloat().put(values.floats, values.first, values.length());
                arrays.put(name, array);
            });
            Map<String, INDArray> results = sheet.sd.output(arrays, outputs);
            for (int i = 0; i < outputs.size(); i++) {
                INDArray result = Objects.requireNonNull(results.get(outputs.get(i)), outputs.get(i));
                if (result.ordering() == 'c' && !result.isView()) {
                    taker.take(i, result);
                } else {
                    try (INDArray inOrder = result.dup('c')) {
                        taker.take(i, inOrder);
                    }
                }
            }
        } finally {
            pool.reclaim();
        }
    }

    @Override
    public void close() {
        sheet.sd.getSessions().clear();
        sheet.constants.close();
    }
}
