package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import io.neurflow.api.NeurflowException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.autodiff.samediff.internal.Variable;

/** A graph that somebody else wrote: which variable depends on which, and where it can be cut. */
final class WrappedGraph {
    private static final String CONTROL_FLOW = "org.nd4j.linalg.api.ops.impl.controlflow";
    private static final int SHOWN = 6;

    private final String file;
    private final SameDiff sd;

    WrappedGraph(String file, SameDiff sd) {
        this.file = file;
        this.sd = sd;
        for (SameDiffOp op : sd.getOps().values()) {
            if (op.getOp().getClass().getName().startsWith(CONTROL_FLOW)) {
                throw new NeurflowException(file + ": " + op.getOp().opName() + " node '" + op.getName()
                        + "' is a loop or a branch, expected a graph without them; save the part that does the work");
            }
        }
    }

    SameDiff sameDiff() {
        return sd;
    }

    boolean has(String variable) {
        return sd.getVariables().containsKey(variable);
    }

    /** Names of variables that operators make, in the order of the operators. */
    ImmutableList<String> made() {
        return sd.getOps().values().stream()
                .flatMap(op -> op.getOutputsOfOp().stream())
                .collect(ImmutableList.toImmutableList());
    }

    /** The variables that nothing reads. */
    ImmutableList<String> ends() {
        return made().stream()
                .filter(name -> {
                    List<String> readers = variable(name).getInputsForOp();
                    return readers == null || readers.isEmpty();
                })
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * The variables that look like class scores: those that nothing reads, or, below a loss, which labels go into as well,
     * what the images alone say.
     */
    ImmutableList<String> scores() {
        Set<String> found = new LinkedHashSet<>();
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(ends());
        while (!open.isEmpty()) {
            String next = open.remove();
            if (!seen.add(next)
                    || isPlaceholder(next)
                    || !variable(next).getVariable().dataType().isFPType()) {
                continue;
            }
            int placeholders = placeholders(next).size();
            if (placeholders == 1) {
                found.add(next);
            } else if (placeholders > 1) {
                open.addAll(reads(next));
            }
        }
        return found.stream()
                .filter(one -> found.stream()
                        .noneMatch(other ->
                                !other.equals(one) && ancestors(Set.of(), other).containsKey(one)))
                .collect(ImmutableList.toImmutableList());
    }

    Variable variable(String name) {
        Variable variable = sd.getVariables().get(name);
        if (variable == null) {
            throw new NeurflowException(file + " reads a variable '" + name + "' that it does not have; save it again");
        }
        return variable;
    }

    boolean isPlaceholder(String name) {
        return variable(name).getVariable().getVariableType() == VariableType.PLACEHOLDER;
    }

    /** The operator that makes a variable, in words. */
    String kind(String variable) {
        String op = variable(variable).getOutputOfOp();
        return op == null ? "Placeholder" : operator(op).getOp().opName();
    }

    private SameDiffOp operator(String name) {
        SameDiffOp op = sd.getOps().get(name);
        if (op == null) {
            throw new NeurflowException(file + " has no operator '" + name + "' although it is used; save it again");
        }
        return op;
    }

    /** What the operator that makes a variable reads. */
    List<String> reads(String variable) {
        String op = variable(variable).getOutputOfOp();
        return op == null ? List.of() : inputs(operator(op));
    }

    /** What an operator reads; empty for one that reads nothing. */
    static List<String> inputs(SameDiffOp op) {
        List<String> inputs = op.getInputsToOp();
        return inputs == null ? List.of() : inputs;
    }

    /** The placeholders that a variable depends on. */
    ImmutableList<String> placeholders(String variable) {
        Set<String> found = new LinkedHashSet<>();
        ancestors(Set.of(), variable).keySet().stream()
                .filter(this::isPlaceholder)
                .forEach(found::add);
        return ImmutableList.copyOf(found);
    }

    /** Everything that a variable depends on but not by way of a cut, each with a variable that reads it. */
    private Map<String, String> ancestors(Set<String> cut, String variable) {
        Map<String, String> readers = new LinkedHashMap<>();
        Deque<String> open = new ArrayDeque<>();
        readers.put(variable, variable);
        open.add(variable);
        while (!open.isEmpty()) {
            String next = open.remove();
            String op = variable(next).getOutputOfOp();
            if (op == null || cut.contains(next)) {
                continue;
            }
            for (String input : inputs(operator(op))) {
                if (readers.putIfAbsent(input, next) == null) {
                    open.add(input);
                }
            }
        }
        return readers;
    }

    /** How a variable gets at a placeholder around a cut, from below upwards; empty if it does not. */
    ImmutableList<String> wayAround(Set<String> cut, String variable) {
        Map<String, String> readers = ancestors(cut, variable);
        for (String each : readers.keySet()) {
            if (isPlaceholder(each) && !cut.contains(each)) {
                List<String> way = new ArrayList<>();
                String at = each;
                while (!at.equals(variable)) {
                    way.add(at);
                    at = readers.getOrDefault(at, variable);
                }
                way.add(variable);
                return ImmutableList.copyOf(way);
            }
        }
        return ImmutableList.of();
    }

    /** A way in a few words. */
    static String inWords(List<String> way) {
        if (way.size() <= SHOWN) {
            return String.join(" -> ", way);
        }
        return String.join(" -> ", way.subList(0, SHOWN / 2)) + " -> ... -> "
                + String.join(" -> ", way.subList(way.size() - SHOWN / 2, way.size()));
    }

    /** The operators that make some variables out of those of a cut, in an order in which they can be run. */
    ImmutableList<SameDiffOp> between(Set<String> cut, Collection<String> to) {
        Set<String> done = new HashSet<>();
        Set<String> entered = new HashSet<>();
        ImmutableList.Builder<SameDiffOp> result = ImmutableList.builder();
        for (String end : to) {
            Deque<String> open = new ArrayDeque<>();
            push(open, end, cut);
            while (!open.isEmpty()) {
                String name = open.peek();
                SameDiffOp op = operator(name);
                if (done.contains(name)) {
                    open.pop();
                    continue;
                }
                int before = open.size();
                boolean first = entered.add(name);
                for (String input : Lists.reverse(inputs(op))) {
                    String maker = variable(input).getOutputOfOp();
                    if (maker != null && !cut.contains(input) && !done.contains(maker)) {
                        if (!first) {
                            throw new NeurflowException(
                                    file + ": node '" + name + "' reads what it makes; save the graph again");
                        }
                        push(open, input, cut);
                    }
                }
                if (open.size() == before) {
                    open.pop();
                    done.add(name);
                    result.add(op);
                }
            }
        }
        return result.build();
    }

    private void push(Deque<String> open, String variable, Set<String> cut) {
        String maker = variable(variable).getOutputOfOp();
        if (maker != null && !cut.contains(variable)) {
            open.push(maker);
        }
    }

    /** The variables that everything above them up to the top depends on alone, from below upwards. */
    ImmutableList<String> cuts(String top) {
        ImmutableList<SameDiffOp> ops = between(Set.of(), List.of(top));
        Map<String, Integer> lastUse = new HashMap<>();
        Set<String> live = new LinkedHashSet<>();
        for (int i = 0; i < ops.size(); i++) {
            for (String input : inputs(ops.get(i))) {
                lastUse.put(input, i);
            }
        }
        ancestors(Set.of(), top).keySet().stream().filter(this::isPlaceholder).forEach(live::add);
        Set<String> depending = new HashSet<>(live);
        ImmutableList.Builder<String> cuts = ImmutableList.builder();
        for (int i = 0; i < ops.size(); i++) {
            SameDiffOp op = ops.get(i);
            if (inputs(op).stream().noneMatch(depending::contains)) {
                continue;
            }
            depending.addAll(op.getOutputsOfOp());
            int now = i;
            live.addAll(op.getOutputsOfOp());
            live.removeIf(name -> !name.equals(top) && lastUse.getOrDefault(name, -1) <= now);
            if (live.size() == 1) {
                String only = Iterables.getOnlyElement(live);
                SDVariable variable = variable(only).getVariable();
                if (op.getOutputsOfOp().contains(only) && variable.dataType().isFPType()) {
                    cuts.add(only);
                }
            }
        }
        return cuts.build();
    }
}
