package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.api.Shape;

/**
 * How the values of a variable, [batch, before..., units, after...], stand in a layer's tensor, [batch, units, positions]:
 * values of one unit together, in their own order.
 */
final class UnitLayout {
    private final String variable;
    private final ImmutableLongArray shape;
    private final int before;
    private final int units;
    private final int inUnit;
    private final int after;
    private final Shape extent;

    /** {@code shape} has the batch in front. */
    UnitLayout(String variable, ImmutableLongArray shape, int axis, int units) {
        this.variable = variable;
        this.shape = shape;
        this.before = product(shape, 1, axis);
        this.units = units;
        this.inUnit = Math.toIntExact(shape.get(axis) / units);
        this.after = product(shape, axis + 1, shape.length());
        ImmutableLongArray.Builder rest = ImmutableLongArray.builder();
        for (int i = 1; i < shape.length(); i++) {
            if (i != axis) {
                rest.add(shape.get(i));
            }
        }
        ImmutableLongArray others = rest.build();
        this.extent = inUnit == 1 && others.length() == 2
                ? new Shape(units, Math.toIntExact(others.get(0)), Math.toIntExact(others.get(1)))
                : new Shape(units, before * inUnit * after, 1);
    }

    private static int product(ImmutableLongArray shape, int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product = Math.multiplyExact(product, shape.get(i));
        }
        return Math.toIntExact(product);
    }

    String variable() {
        return variable;
    }

    /** The variable's own shape for some items. */
    long[] shape(int count) {
        long[] result = shape.toArray();
        result[0] = count;
        return result;
    }

    int size() {
        return extent.size();
    }

    int units() {
        return units;
    }

    /** Units, and two axes of positions where there are just two. */
    Shape extent() {
        return extent;
    }

    /** Copies items as the engine has them to where a layer's values of these units begin. */
    void toLayer(float[] engine, int count, float[] layer, int firstItem, int firstValue, int layerSize) {
        for (int item = 0; item < count; item++) {
            int to = (firstItem + item) * layerSize + firstValue;
            move(engine, item * size(), layer, to, true);
        }
    }

    /** The way back. */
    void fromLayer(float[] layer, int firstItem, int firstValue, int layerSize, float[] engine, int count) {
        for (int item = 0; item < count; item++) {
            int from = (firstItem + item) * layerSize + firstValue;
            move(engine, item * size(), layer, from, false);
        }
    }

    private void move(float[] engine, int engineStart, float[] layer, int layerStart, boolean toLayer) {
        int run = inUnit * after;
        for (int b = 0; b < before; b++) {
            for (int u = 0; u < units; u++) {
                int e = engineStart + (b * units + u) * run;
                int l = layerStart + (u * before + b) * run;
                if (toLayer) {
                    System.arraycopy(engine, e, layer, l, run);
                } else {
                    System.arraycopy(layer, l, engine, e, run);
                }
            }
        }
    }
}
