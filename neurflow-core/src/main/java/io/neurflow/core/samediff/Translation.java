package io.neurflow.core.samediff;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One import: goes through the operators and keeps track of what each variable is, and in which order of axes. */
final class Translation {
    static final ImmutableIntArray MAP = ImmutableIntArray.of(0, 1, 2);
    static final ImmutableIntArray FLAT = ImmutableIntArray.of(0);

    /** What the engine may compute of constants: its other operators believe whatever a file says of sizes. */
    private static final ImmutableSet<String> FOLDED = ImmutableSet.of(
            "reshape",
            "permute",
            "transpose",
            "squeeze",
            "expand_dims",
            "identity",
            "cast",
            "add",
            "subtract",
            "multiply",
            "divide",
            "add_scalar",
            "sub_scalar",
            "mul_scalar",
            "div_scalar",
            "rsub_scalar",
            "rdiv_scalar",
            "neg",
            "reciprocal",
            "sqrt",
            "rsqrt",
            "square",
            "stack",
            "concat");

    private static final ImmutableSet<String> REPEATING = ImmutableSet.of("add", "subtract", "multiply", "divide");
    /** Values of an operand that the other one may be repeated for: as many as layers have channels. */
    private static final int MOST_REPEATS = 1 << 14;

    private final String file;
    private final WrappedGraph graph;
    private final NetworkGraph.Builder builder;
    private final Map<String, Term> terms = new HashMap<>();

    Translation(String file, WrappedGraph graph, NetworkGraph.Builder builder) {
        this.file = file;
        this.graph = graph;
        this.builder = builder;
    }

    NetworkGraph run(String input, ImmutableIntArray order, String output) {
        terms.put(input, new SeenTerm(NetworkGraph.INPUT, order));
        Translators translators = new Translators(this);
        for (SameDiffOp op : graph.between(ImmutableSet.of(input), List.of(output))) {
            String made = op.getOutputsOfOp().get(0);
            boolean known = WrappedGraph.inputs(op).stream().allMatch(name -> term(name) instanceof KnownTerm);
            try {
                terms.put(made, known ? new KnownTerm(folded(op, made)) : translators.translate(new Call(this, op)));
            } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
                throw new NeurflowException(
                        file + ": " + op.getOp().opName() + " node '" + op.getName() + "': " + e.getMessage()
                                + "; what cannot be imported can be wrapped with SameDiffWrap",
                        e);
            }
        }
        if (!(term(output) instanceof SeenTerm seen)
                || seen.index() == NetworkGraph.INPUT
                || builder.dimensions(seen.index()).stream().skip(1).anyMatch(extent -> extent != 1)) {
            throw new NeurflowException(file + ": output '" + output
                    + "' does not hold a score per class; save the classifier, not its parts");
        }
        return builder.build(seen.index());
    }

    private INDArray folded(SameDiffOp op, String name) {
        checkArgument(
                FOLDED.contains(op.getOp().opName()),
                "operator '%s' on constants is not one that can be imported; save the graph with its result as a constant",
                op.getOp().opName());
        if (REPEATING.contains(op.getOp().opName())) {
            long largest = 1;
            long size = 1;
            for (String input : WrappedGraph.inputs(op)) {
                long length =
                        term(input) instanceof KnownTerm known ? known.array().length() : 1;
                largest = Math.max(largest, length);
                size = Math.multiplyExact(size, Math.max(1, length));
            }
            checkArgument(
                    size <= largest * MOST_REPEATS,
                    "its constants of %s values or less may make %s, which is too many",
                    largest,
                    size);
        }
        return graph.sameDiff().outputSingle(Map.of(), name);
    }

    Term term(String name) {
        Term known = terms.get(name);
        if (known == null) {
            SDVariable variable = graph.variable(name).getVariable();
            INDArray array = variable.isPlaceHolder() ? null : variable.getArr();
            checkArgument(array != null, "'%s' has no value", name);
            known = new KnownTerm(array);
            terms.put(name, known);
        }
        return known;
    }

    ImmutableIntArray dimensions(SeenTerm seen) {
        return builder.dimensions(seen.index());
    }

    /** The last operator of a node: its value goes by the variable's name. */
    int add(Call call, Op op, int... inputs) {
        return builder.add(call.name(), call.made(), module(call.made()), op, inputs);
    }

    /** One on the way there. */
    int step(Call call, String step, Op op, int... inputs) {
        return builder.add(call.name(), call.made() + "." + step, module(call.made()), op, inputs);
    }

    /** Name scopes are modules. */
    private static String module(String variable) {
        return variable.indexOf('/') > 0 ? variable.replace('/', '.') : "";
    }

    static float[] floats(INDArray array) {
        try (INDArray copy = array.castTo(DataType.FLOAT).dup('c')) {
            return copy.data().asFloat();
        }
    }

    static Weights weights(INDArray array) {
        return Weights.of(floats(array));
    }

    static List<Integer> integers(INDArray array) {
        List<Integer> result = new ArrayList<>();
        for (float value : floats(array)) {
            result.add((int) value);
        }
        return result;
    }
}
