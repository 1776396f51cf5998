package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Lists;
import io.neurflow.api.NeurflowException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.autodiff.samediff.internal.Variable;
import org.nd4j.autodiff.samediff.serde.FlatBuffersMapper;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A part of somebody else's graph, from some variables, which become placeholders, to some others. Operators are copied;
 * weights are the same arrays. Gradients are written operator by operator, each operator's own, so that nothing is
 * differentiated that does not lie between the two ends.
 */
final class GraphCopy {
    private final WrappedGraph whole;
    private final Sheet sheet;
    private final SameDiff copy;
    private final ImmutableList<SameDiffOp> ops;
    private final ImmutableList<SDVariable> inputs;
    private final Set<String> depending;

    /** {@code shapes} are those of the lower variables, with the batch in front; it may be any. */
    GraphCopy(WrappedGraph whole, Map<String, long[]> shapes, Collection<String> to) {
        this.whole = whole;
        this.sheet = new Sheet(new Constants(Set.of()));
        this.copy = sheet.sd;
        ImmutableSet<String> cut = ImmutableSet.copyOf(shapes.keySet());
        this.depending = new HashSet<>(cut);
        this.ops = whole.between(cut, to);
        ImmutableList.Builder<SDVariable> placeholders = ImmutableList.builder();
        shapes.forEach((name, shape) -> placeholders.add(copy.placeHolder(name, DataType.FLOAT, shape)));
        this.inputs = placeholders.build();
        ops.forEach(this::write);
    }

    private void write(SameDiffOp op) {
        SameDiff original = whole.sameDiff();
        List<String> reads = WrappedGraph.inputs(op);
        reads.forEach(this::constant);
        DifferentialFunction function = FlatBuffersMapper.cloneViaSerialize(original, op.getOp());
        function.setSameDiff(copy);
        function.setOwnName(op.getName());
        copy.getOps()
                .put(
                        op.getName(),
                        SameDiffOp.builder()
                                .name(op.getName())
                                .op(function)
                                .inputsToOp(new ArrayList<>(reads))
                                .outputsOfOp(new ArrayList<>(op.getOutputsOfOp()))
                                .build());
        for (String name : reads) {
            Variable variable = variable(name);
            List<String> readers =
                    variable.getInputsForOp() == null ? new ArrayList<>() : new ArrayList<>(variable.getInputsForOp());
            readers.add(op.getName());
            variable.setInputsForOp(readers);
        }
        for (String name : op.getOutputsOfOp()) {
            DataType type = whole.variable(name).getVariable().dataType();
            SDVariable value = new SDVariable(name, VariableType.ARRAY, copy, null, type);
            copy.getVariables()
                    .put(
                            name,
                            Variable.builder()
                                    .name(name)
                                    .variable(value)
                                    .outputOfOp(op.getName())
                                    .build());
        }
        function.configureWithSameDiff(copy);
        if (reads.stream().anyMatch(depending::contains)) {
            depending.addAll(op.getOutputsOfOp());
        }
    }

    private void constant(String name) {
        if (copy.getVariables().containsKey(name)) {
            return;
        }
        SDVariable original = whole.variable(name).getVariable();
        INDArray array = original.isPlaceHolder() ? null : original.getArr();
        if (array == null) {
            throw new NeurflowException("'" + name + "' has no value; save the graph with its weights");
        }
        copy.constant(name, array);
    }

    private Variable variable(String name) {
        return Objects.requireNonNull(copy.getVariables().get(name), name);
    }

    /** Computes the upper variables. */
    Program forward(Pool pool, List<String> to) {
        return program(pool, inputs, to.stream().map(copy::getVariable).toList());
    }

    /** From a cotangent of the upper variable to those of the lower ones. */
    Program pullback(Pool pool, String to, long... shape) {
        SDVariable cotangent = copy.placeHolder(free("cotangent"), DataType.FLOAT, shape);
        Map<String, SDVariable> gradients = new HashMap<>();
        gradients.put(to, cotangent);
        for (SameDiffOp op : Lists.reverse(ops)) {
            if (op.getOutputsOfOp().stream().anyMatch(gradients::containsKey)) {
                back(op.getName(), gradients);
            }
        }
        List<SDVariable> results = inputs.stream()
                .map(input -> {
                    SDVariable gradient = gradients.get(input.name());
                    return gradient == null ? copy.zerosLike(input) : gradient;
                })
                .toList();
        List<SDVariable> all = new ArrayList<>(inputs);
        all.add(cotangent);
        return program(pool, all, results);
    }

    private String free(String name) {
        String candidate = name;
        while (whole.has(candidate) || copy.getVariables().containsKey(candidate)) {
            candidate += "_";
        }
        return candidate;
    }

    private void back(String name, Map<String, SDVariable> gradients) {
        SameDiffOp op = Objects.requireNonNull(copy.getOps().get(name), name);
        if (WrappedGraph.inputs(op).stream().noneMatch(depending::contains)) {
            return;
        }
        List<SDVariable> above = op.getOutputsOfOp().stream()
                .map(output -> {
                    SDVariable known = gradients.get(output);
                    return known == null ? copy.zerosLike(copy.getVariable(output)) : known;
                })
                .toList();
        List<SDVariable> below = derivative(op, above);
        for (int i = 0; i < Math.min(below.size(), op.getInputsToOp().size()); i++) {
            String input = op.getInputsToOp().get(i);
            SDVariable share = below.get(i);
            if (share != null && depending.contains(input) && isReal(input)) {
                gradients.merge(input, share, SDVariable::add);
            }
        }
    }

    private boolean isReal(String name) {
        return variable(name).getVariable().dataType().isFPType();
    }

    private static List<SDVariable> derivative(SameDiffOp op, List<SDVariable> above) {
        @Nullable List<SDVariable> below;
        try {
            below = op.getOp().doDiff(above);
        } catch (RuntimeException e) {
            throw noDerivative(op, String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " "), e);
        }
        if (below == null) {
            throw noDerivative(op, "it has none", null);
        }
        return below;
    }

    private static NeurflowException noDerivative(SameDiffOp op, String why, @Nullable Throwable cause) {
        String message = op.getOp().opName() + " node '" + op.getName() + "': SameDiff knows no derivative of it ("
                + why + "); choose layers that it does not lie between";
        return cause == null ? new NeurflowException(message) : new NeurflowException(message, cause);
    }

    private Program program(Pool pool, List<SDVariable> from, List<SDVariable> to) {
        for (SDVariable variable : copy.variables()) {
            boolean own = !whole.has(variable.name());
            if (own && (variable.getVariableType() == VariableType.CONSTANT) && variable.getArr() != null) {
                sheet.constants.own(variable::getArr); // closed with the program
            }
        }
        return new Program(sheet, pool, from, to);
    }
}
