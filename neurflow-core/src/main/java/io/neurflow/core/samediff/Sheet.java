package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.array.SingleThreadArrayHolder;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A SameDiff graph that is being written, with the few turns of phrase that its operators share. */
final class Sheet {
    final SameDiff sd;
    final Constants constants;

    Sheet(Constants constants) {
        this.sd = SameDiff.create();
        // The holders that come with it copy every constant, so that each program would have the weights once more.
        sd.setArrayHolders(new SingleThreadArrayHolder(), new SingleThreadArrayHolder(), false);
        this.constants = constants;
    }

    /** A constant of an operator; {@code make} runs once per operator and role. */
    SDVariable constant(Op op, String role, Supplier<INDArray> make) {
        return sd.constant(constants.of(op, role, make));
    }

    /** A constant of the program alone. */
    SDVariable constant(Supplier<INDArray> make) {
        return sd.constant(constants.own(make));
    }

    static INDArray array(float[] values, long... shape) {
        return Nd4j.create(values, shape, 'c');
    }

    /** One value per channel, or one for all, shaped to be repeated over a value of the given dimensions and the batch. */
    SDVariable perChannel(Op op, String role, Weights weights, ImmutableIntArray dimensions) {
        return perChannel(op, role, weights, dimensions, Layout.CHANNELS_FIRST);
    }

    SDVariable perChannel(Op op, String role, Weights weights, ImmutableIntArray dimensions, Layout layout) {
        long[] shape = layout.perChannel(weights.length());
        if (dimensions.length() != 3) {
            shape = new long[dimensions.length() + 1];
            Arrays.fill(shape, 1);
            shape[1] = weights.length();
        }
        long[] chosen = shape;
        return constant(op, role + " " + dimensions.length() + layout.format, () -> array(weights.toFloats(), chosen));
    }

    /** Shape with any batch in front. */
    static long[] batched(ImmutableIntArray dimensions) {
        long[] shape = new long[dimensions.length() + 1];
        shape[0] = -1;
        for (int i = 0; i < dimensions.length(); i++) {
            shape[i + 1] = dimensions.get(i);
        }
        return shape;
    }

    SDVariable reshape(SDVariable x, ImmutableIntArray dimensions) {
        return sd.reshape(x, batched(dimensions));
    }

    /** Cells around rows and columns. */
    SDVariable pad(SDVariable x, Op.Padding padding, double value) {
        return pad(x, padding, value, Layout.CHANNELS_FIRST);
    }

    SDVariable pad(SDVariable x, Op.Padding padding, double value, Layout layout) {
        if (padding.equals(Op.Padding.NONE)) {
            return x;
        }
        int[][] amounts = new int[4][2];
        amounts[layout.rows] = new int[] {padding.top(), padding.bottom()};
        amounts[layout.rows + 1] = new int[] {padding.left(), padding.right()};
        return sd.nn().pad(x, constant(() -> Nd4j.createFromArray(amounts)), value);
    }

    /** Some of the channels, next to each other. */
    SDVariable channels(SDVariable x, ImmutableIntArray dimensions, int first, int count) {
        if (first == 0 && count == dimensions.get(0)) {
            return x;
        }
        int[] begin = new int[dimensions.length() + 1];
        int[] size = new int[dimensions.length() + 1];
        begin[1] = first;
        size[0] = -1;
        size[1] = count;
        for (int i = 1; i < dimensions.length(); i++) {
            size[i + 1] = dimensions.get(i);
        }
        return sd.slice(x, begin, size);
    }

    /** A window of rows and columns of a map. */
    SDVariable crop(SDVariable x, int channels, int top, int left, int height, int width) {
        return sd.slice(x, new int[] {0, 0, top, left}, -1, channels, height, width);
    }

    SDVariable concat(List<SDVariable> parts) {
        return concat(parts, Layout.CHANNELS_FIRST);
    }

    SDVariable concat(List<SDVariable> parts, Layout layout) {
        return parts.size() == 1 ? parts.get(0) : sd.concat(layout.channels, parts.toArray(new SDVariable[0]));
    }
}
