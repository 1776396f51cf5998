package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.api.NeurflowException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Somebody else's graph, its weights, and the memory that its programs share. */
final class WrappedModel implements Closing {
    private static final int MOST = 16;
    private static final long SEED = 20250424;

    private final String file;
    private final WrappedGraph graph;
    private final Pool pool = new Pool();
    private final String input;
    private final ImmutableLongArray inputShape;
    /** Every run has this many items; 0 if any will do. */
    private final int fixed;

    private final int batch;
    private final ImmutableMap<String, ImmutableLongArray> shapes;

    /** Runs the graph once or twice, to learn shapes and whether it takes several items at a time. */
    WrappedModel(
            String file,
            WrappedGraph graph,
            String input,
            ImmutableLongArray inputShape,
            Collection<String> variables) {
        this.file = file;
        this.graph = graph;
        this.input = input;
        this.inputShape = inputShape;
        int declared = Math.toIntExact(Math.max(0, inputShape.get(0)));
        ImmutableList<String> wanted = ImmutableList.copyOf(variables);
        try {
            shapes = trial(wanted, declared == 0 ? 1 : declared);
            fixed = declared > 0 ? declared : takesTwo(wanted) ? 0 : 1;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        batch = fixed > 0 ? fixed : MOST;
    }

    ImmutableMap<String, ImmutableLongArray> shapes() {
        return shapes;
    }

    /** How many items to pass to the engine at a time. */
    int batch() {
        return batch;
    }

    /** How many items the engine has to be given when there are {@code count}. */
    int length(int count) {
        return fixed > 0 ? fixed : count;
    }

    Program forward(WrappedLayer from, List<String> to) {
        return new GraphCopy(graph, from.shapes(), to).forward(pool, to);
    }

    Program pullback(WrappedLayer from, UnitLayout to) {
        try {
            return new GraphCopy(graph, from.shapes(), ImmutableList.of(to.variable()))
                    .pullback(pool, to.variable(), to.shape(-1));
        } catch (NeurflowException e) {
            throw new NeurflowException(file + ": " + e.getMessage(), e);
        }
    }

    private boolean takesTwo(ImmutableList<String> wanted) {
        try {
            ImmutableMap<String, ImmutableLongArray> two = trial(wanted, 2);
            return two.values().stream().allMatch(shape -> shape.get(0) == 2);
        } catch (RuntimeException e) {
            return false; // a graph that was made for one item, a class token without a batch axis say
        }
    }

    private ImmutableMap<String, ImmutableLongArray> trial(ImmutableList<String> wanted, int count) {
        long[] shape = inputShape.toArray();
        shape[0] = count;
        Program.Values size = new Program.Values(new float[0], 0, shape);
        float[] values = new float[size.length()];
        Random random = new Random(SEED);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        try (Program program =
                new GraphCopy(graph, Map.of(input, inputShape.toArray()), wanted).forward(pool, wanted)) {
            Map<String, Program.Values> inputs = Map.of(input, Program.Values.of(values, shape));
            List<float[]> first = program.call(inputs);
            List<float[]> second = program.call(inputs);
            List<long[]> found = program.shapes(inputs);
            ImmutableMap.Builder<String, ImmutableLongArray> result = ImmutableMap.builder();
            for (int i = 0; i < wanted.size(); i++) {
                ImmutableLongArray one = ImmutableLongArray.copyOf(found.get(i));
                check(wanted.get(i), first.get(i), second.get(i), one, count);
                result.put(wanted.get(i), one);
            }
            return result.buildOrThrow();
        } catch (NeurflowException | IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new NeurflowException(
                    file + " does not run on inputs of shape " + ImmutableLongArray.copyOf(shape) + ": "
                            + String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ")
                            + "; check the input's shape and the graph",
                    e);
        }
    }

    private static void check(String variable, float[] first, float[] second, ImmutableLongArray shape, int count) {
        if (shape.length() < 2 || shape.get(0) != count) {
            throw new IllegalArgumentException("expected the first axis of '" + variable
                    + "' to be the batch, but its shape for " + count + " inputs is " + shape
                    + "; choose a variable with the batch in front");
        }
        for (int i = 0; i < first.length; i++) {
            if (Float.floatToIntBits(first[i]) != Float.floatToIntBits(second[i])) {
                throw new IllegalArgumentException("'" + variable
                        + "' is not the same when computed twice, expected a graph without chance; save it without"
                        + " dropout and noise");
            }
        }
    }

    @Override
    public void close() {
        pool.close();
        SameDiff sd = graph.sameDiff();
        for (SDVariable variable : sd.variables()) {
            INDArray array = variable.isPlaceHolder() ? null : array(variable);
            if (array != null && array.closeable()) {
                array.close();
            }
        }
    }

    private static @Nullable INDArray array(SDVariable variable) {
        return switch (variable.getVariableType()) {
            case CONSTANT, VARIABLE -> variable.getArr();
            default -> null;
        };
    }
}
