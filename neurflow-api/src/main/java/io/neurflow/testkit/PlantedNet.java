package io.neurflow.testkit;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.neurflow.api.Layer;
import io.neurflow.api.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A small convolutional network as plain numbers, so that any engine can be made to run it. Value 0 is the input, value
 * i + 1 the result of step i.
 *
 * @param name for people
 * @param input extent of one input
 * @param steps in an order in which they can be run; the last one makes the logits
 * @param layers names of values that are layers, by value; everything above a layer depends on what is below through it
 *     alone; the last is the logits
 */
public record PlantedNet(
        String name, Shape input, ImmutableList<Step> steps, ImmutableSortedMap<Integer, String> layers) {
    /**
     * One step.
     *
     * @param op what is done
     * @param inputs values that are read
     */
    public record Step(PlantedOp op, ImmutableList<Integer> inputs) {}

    /** Checks that steps read earlier values, and that layers cut the network. */
    public PlantedNet {
        checkArgument(
                !layers.isEmpty() && layers.lastKey() == steps.size(),
                "expected the last step to be the logits, layers are %s",
                layers);
        for (int value = 1; value <= steps.size(); value++) {
            Integer cut = layers.lowerKey(value);
            for (int read : steps.get(value - 1).inputs()) {
                checkArgument(
                        read < value && read >= (cut == null ? 0 : cut),
                        "value %s of %s reads value %s, past the layer %s",
                        value,
                        name,
                        read,
                        cut);
            }
        }
    }

    /**
     * The extents of all values.
     *
     * @return by value
     */
    public ImmutableList<Shape> shapes() {
        List<Shape> shapes = new ArrayList<>();
        shapes.add(input);
        for (Step step : steps) {
            List<Shape> in = step.inputs().stream().map(shapes::get).toList();
            shapes.add(PlantedArithmetic.shape(step.op(), in));
        }
        return ImmutableList.copyOf(shapes);
    }

    /**
     * The layers as a probe shows them.
     *
     * @return from the lowest to the logits
     */
    public ImmutableList<Layer> probeLayers() {
        ImmutableList<Shape> shapes = shapes();
        ImmutableList.Builder<Layer> result = ImmutableList.builder();
        int index = 0;
        for (Map.Entry<Integer, String> layer : layers.entrySet()) {
            String kind = steps.get(layer.getKey() - 1).op().getClass().getSimpleName();
            result.add(new Layer(layer.getValue(), index++, kind, shapes.get(layer.getKey())));
        }
        return result.build();
    }

    /**
     * The value of a layer.
     *
     * @param layer its index among the layers
     * @return the value's number
     */
    public int value(int layer) {
        return layers.keySet().asList().get(layer);
    }

    @Override
    public String toString() {
        return name + ": " + probeLayers();
    }
}
