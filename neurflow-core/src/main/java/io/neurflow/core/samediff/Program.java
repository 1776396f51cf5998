package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableList;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.InferenceSession;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A SameDiff graph from one value to some others, ready to be run again and again. */
final class Program implements AutoCloseable {
    private static final String INPUT = "input";

    private final SameDiff sd;
    private final Constants own;
    private final Pool pool;
    private final InferenceSession session;
    private final long[] inputShape;
    private final ImmutableList<String> outputs;

    private Program(Sheet sheet, Pool pool, long[] inputShape, List<SDVariable> outputs) {
        this.sd = sheet.sd;
        this.own = sheet.constants;
        this.pool = pool;
        this.session = new InferenceSession(sd);
        session.setMmgr(pool);
        this.inputShape = inputShape;
        this.outputs = outputs.stream().map(SDVariable::name).collect(ImmutableList.toImmutableList());
    }

    /** From one value to several others. */
    static Program forward(NetworkGraph graph, int from, Collection<Integer> to, Constants constants, Pool pool) {
        Sheet sheet = new Sheet(SameDiff.create(), constants.forOneProgram());
        long[] shape = Sheet.batched(graph.dimensions(from));
        ForwardSheet forward = written(sheet, graph, from, to, shape);
        return new Program(sheet, pool, shape, to.stream().map(forward::value).toList());
    }

    /** From one value to the spatial means of several others. */
    static Program means(NetworkGraph graph, int from, Collection<Integer> to, Constants constants, Pool pool) {
        Sheet sheet = new Sheet(SameDiff.create(), constants.forOneProgram());
        long[] shape = Sheet.batched(graph.dimensions(from));
        ForwardSheet forward = written(sheet, graph, from, to, shape);
        List<SDVariable> means = new ArrayList<>();
        for (int value : to) {
            SDVariable y = forward.value(value);
            means.add(graph.shape(value).positions() == 1 ? y : sheet.sd.mean(y, 2, 3));
        }
        return new Program(sheet, pool, shape, means);
    }

    /**
     * The gradient of the spatial mean of a graph's output with respect to its input.
     *
     * @param block a graph whose output has one channel
     */
    static Program gradient(NetworkGraph block, Constants constants, Pool pool) {
        Sheet sheet = new Sheet(SameDiff.create(), constants.forOneProgram());
        int top = block.output().index();
        long[] shape = Sheet.batched(block.dimensions(NetworkGraph.INPUT));
        ForwardSheet forward = written(sheet, block, NetworkGraph.INPUT, List.of(top), shape);
        BackwardSheet backward = new BackwardSheet(sheet, block, forward);
        SDVariable zeros = sheet.sd.zerosLike(forward.value(top));
        backward.add(top, zeros.add(1.0 / block.shape(top).positions()));
        for (Node node : block.nodes().reverse()) {
            backward.write(node);
        }
        return new Program(sheet, pool, shape, List.of(backward.gradient(NetworkGraph.INPUT)));
    }

    private static ForwardSheet written(
            Sheet sheet, NetworkGraph graph, int from, Collection<Integer> to, long[] shape) {
        SDVariable input = sheet.sd.placeHolder(INPUT, DataType.FLOAT, shape);
        ForwardSheet forward = new ForwardSheet(sheet, graph, from, input);
        graph.between(from, to).forEach(forward::write);
        return forward;
    }

    /**
     * Runs the program on some of the items of an array.
     *
     * @param values inputs, row-major
     * @param first first item
     * @param count how many
     * @param into for each output an array for all items, row-major; those of the items asked for are written
     */
    void run(float[] values, int first, int count, List<float[]> into) {
        long[] shape = inputShape.clone();
        shape[0] = count;
        // A session belongs to a thread, a program to whichever thread comes.
        sd.getSessions().clear();
        sd.getSessions().put(Thread.currentThread().getId(), session);
        try {
            INDArray input = pool.allocate(true, DataType.FLOAT, shape);
            int size = Math.toIntExact(input.length() / count);
            input.data().asNioFloat().put(values, first * size, count * size);
            Map<String, INDArray> results = sd.output(Map.of(INPUT, input), outputs);
            for (int i = 0; i < outputs.size(); i++) {
                String output = outputs.get(i);
                copy(Objects.requireNonNull(results.get(output), output), into.get(i), first, count);
            }
        } finally {
            pool.reclaim();
        }
    }

    private static void copy(INDArray from, float[] to, int first, int count) {
        if (from.ordering() != 'c' || from.isView()) {
            throw new IllegalStateException("the engine gave an array in an order of its own");
        }
        int length = Math.toIntExact(from.length());
        from.data().asNioFloat().get(to, length / count * first, length);
    }

    @Override
    public void close() {
        sd.getSessions().clear();
        own.close();
    }
}
