package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.api.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One or several variables that are a layer together: their units one after the other. */
final class WrappedLayer {
    private final ImmutableList<UnitLayout> parts;
    private final Shape shape;

    WrappedLayer(String name, List<UnitLayout> parts) {
        this.parts = ImmutableList.copyOf(parts);
        Shape first = parts.get(0).extent();
        int units = 0;
        for (UnitLayout part : parts) {
            if (part.extent().positions() != first.positions()) {
                throw new IllegalArgumentException("expected the parts of '" + name
                        + "' to have the same number of positions for each unit, but '"
                        + parts.get(0).variable() + "' has "
                        + first.positions() + " and '" + part.variable() + "' has "
                        + part.extent().positions()
                        + "; divide an axis with UnitAxis.inGroups");
            }
            units += part.units();
        }
        this.shape = parts.size() == 1 ? first : new Shape(units, first.positions(), 1);
    }

    Shape shape() {
        return shape;
    }

    ImmutableSet<String> variables() {
        return parts.stream().map(UnitLayout::variable).collect(ImmutableSet.toImmutableSet());
    }

    /** Shapes of the variables, for any batch. */
    Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (UnitLayout part : parts) {
            shapes.put(part.variable(), part.shape(-1));
        }
        return shapes;
    }

    /** Some items, as the engine wants them; what is missing up to {@code length} items is zero. */
    Map<String, Program.Values> split(float[] layer, int first, int count, int length) {
        Map<String, Program.Values> values = new LinkedHashMap<>();
        int at = 0;
        for (UnitLayout part : parts) {
            float[] engine = new float[length * part.size()];
            part.fromLayer(layer, first, at, shape.size(), engine, count);
            values.put(part.variable(), Program.Values.of(engine, part.shape(length)));
            at += part.size();
        }
        return values;
    }

    /** The way back, from what a program gave for the variables. */
    void join(List<float[]> results, int count, float[] layer, int first) {
        int at = 0;
        for (int i = 0; i < parts.size(); i++) {
            parts.get(i).toLayer(results.get(i), count, layer, first, at, shape.size());
            at += parts.get(i).size();
        }
    }

    /** The part that a channel stands in. */
    UnitLayout part(int channel) {
        int rest = channel;
        for (UnitLayout part : parts) {
            if (rest < part.units()) {
                return part;
            }
            rest -= part.units();
        }
        throw new IndexOutOfBoundsException("channel " + channel);
    }

    /** For that part: 1 / positions at the channel and 0 elsewhere, for some items. */
    Program.Values mean(int channel, int count) {
        int first = 0;
        UnitLayout part = part(channel);
        for (UnitLayout each : parts) {
            if (each == part) {
                break;
            }
            first += each.units();
        }
        int positions = part.extent().positions();
        float[] one = new float[part.size()];
        int from = (channel - first) * positions;
        Arrays.fill(one, from, from + positions, 1f / positions);
        float[] engine = new float[count * part.size()];
        for (int item = 0; item < count; item++) {
            float[] single = new float[part.size()];
            part.fromLayer(one, 0, 0, part.size(), single, 1);
            System.arraycopy(single, 0, engine, item * part.size(), part.size());
        }
        return Program.Values.of(engine, part.shape(count));
    }

    /** Lays out variables whose shapes have become known. */
    static WrappedLayer of(String name, Map<String, UnitAxis> axes, Map<String, ImmutableLongArray> shapes) {
        List<UnitLayout> parts = new ArrayList<>();
        axes.forEach((variable, axis) -> {
            ImmutableLongArray shape = shapes.get(variable);
            if (shape == null) {
                throw new IllegalStateException("the shape of '" + variable + "' is not known");
            }
            parts.add(axis.layout(variable, shape));
        });
        return new WrappedLayer(name, parts);
    }
}
