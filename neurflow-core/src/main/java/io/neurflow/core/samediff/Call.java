package io.neurflow.core.samediff;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.BaseReduceOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.ScalarOp;

/** An operator of a SameDiff graph with what it reads. */
final class Call {
    private final Translation translation;
    private final SameDiffOp node;
    private final List<String> inputs;

    Call(Translation translation, SameDiffOp node) {
        this.translation = translation;
        this.node = node;
        this.inputs = WrappedGraph.inputs(node);
    }

    String name() {
        return node.getName();
    }

    String made() {
        return node.getOutputsOfOp().get(0);
    }

    String op() {
        return node.getOp().opName();
    }

    int inputs() {
        return inputs.size();
    }

    Term input(int i) {
        checkArgument(i < inputs.size(), "it has %s inputs, expected more than %s", inputs.size(), i);
        return translation.term(inputs.get(i));
    }

    SeenTerm seen(int i) {
        if (input(i) instanceof SeenTerm seen) {
            return seen;
        }
        throw new IllegalArgumentException(
                "its input " + i + " is a constant, expected something computed from the image");
    }

    INDArray known(int i) {
        if (input(i) instanceof KnownTerm known) {
            return known.array();
        }
        throw new IllegalArgumentException("its input " + i + " is computed from the image, expected a constant");
    }

    Optional<INDArray> optional(int i) {
        return i < inputs.size() ? Optional.of(known(i)) : Optional.empty();
    }

    ImmutableLongArray integers() {
        return custom().numIArguments() == 0 ? ImmutableLongArray.of() : ImmutableLongArray.copyOf(custom().iArgs());
    }

    int integer(int i, int absent) {
        ImmutableLongArray all = integers();
        return i < all.length() ? Math.toIntExact(all.get(i)) : absent;
    }

    double real(int i) {
        double[] all = custom().tArgs();
        checkArgument(i < all.length, "it has %s parameters, expected more than %s", all.length, i);
        return all[i];
    }

    private DynamicCustomOp custom() {
        if (node.getOp() instanceof DynamicCustomOp custom) {
            return custom;
        }
        throw new IllegalArgumentException("it is of a kind that is not known");
    }

    boolean isScalar() {
        return node.getOp() instanceof ScalarOp;
    }

    double scalar() {
        if (node.getOp() instanceof ScalarOp scalar && scalar.scalar() != null) {
            return scalar.scalar().getDouble(0);
        }
        throw new IllegalArgumentException("it has no constant");
    }

    boolean keepsDimensions() {
        return node.getOp() instanceof BaseReduceOp reduce && reduce.isKeepDims();
    }

    /** Axes of a reduction. */
    ImmutableIntArray axes() {
        if (inputs.size() > 1) {
            return ImmutableIntArray.copyOf(Translation.integers(known(1)));
        }
        DifferentialFunction op = node.getOp();
        int[] axes = op instanceof BaseReduceOp ? op.getDimensions() : null;
        checkArgument(axes != null, "it does not say its axes");
        return ImmutableIntArray.copyOf(axes);
    }
}
