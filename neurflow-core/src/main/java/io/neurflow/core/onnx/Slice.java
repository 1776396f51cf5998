package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a Slice takes along one axis; attributes up to operator set 9, inputs after.
 *
 * @param axis counted from the front
 * @param start as ONNX has it
 * @param end as ONNX has it
 * @param step not 0
 */
record Slice(int axis, long start, long end, long step) {

    ImmutableIntArray positions(int extent) {
        return Axes.slice(start, end, step, extent);
    }

    static List<Slice> of(OnnxNode node, int rank) {
        ImmutableLongArray starts = required(node.integersOrInput("starts", 1), "starts");
        ImmutableLongArray ends = required(node.integersOrInput("ends", 2), "ends");
        Optional<ImmutableLongArray> axes = node.integersOrInput("axes", 3);
        Optional<ImmutableLongArray> steps = node.optionalConstant(4).map(OnnxNode::integers);
        int count = starts.length();
        checkArgument(
                ends.length() == count
                        && axes.map(ImmutableLongArray::length).orElse(count) == count
                        && steps.map(ImmutableLongArray::length).orElse(count) == count
                        && count <= rank,
                "its starts, ends, axes and steps are not equally many");
        List<Slice> slices = new ArrayList<>();
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int axis = Axes.axis(axes.isPresent() ? axes.get().get(i) : i, rank);
            checkArgument(taken.add(axis), "axis %s occurs twice", axis);
            long step = steps.isPresent() ? steps.get().get(i) : 1;
            slices.add(new Slice(axis, starts.get(i), ends.get(i), step));
        }
        return slices;
    }

    private static ImmutableLongArray required(Optional<ImmutableLongArray> values, String name) {
        return values.orElseThrow(() -> new IllegalArgumentException("it has no " + name));
    }
}
