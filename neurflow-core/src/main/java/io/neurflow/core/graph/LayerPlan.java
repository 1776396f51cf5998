package io.neurflow.core.graph;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;

/**
 * Which layers of a model to look at: named ones, or the highest blocks. The logits always belong to it. A plan knows no
 * model; {@link #layersOf(NetworkGraph)} finds its layers in one.
 */
public final class LayerPlan {
    private final ImmutableList<String> names;
    private final int blocks;
    private final boolean oneMore;

    private LayerPlan(ImmutableList<String> names, int blocks, boolean oneMore) {
        this.names = names;
        this.blocks = blocks;
        this.oneMore = oneMore;
    }

    /**
     * Layers by name, in any order: {@link LayerNames#resolve} says what counts as a name.
     *
     * @param names at least one; the logits need not be named
     * @return the plan
     */
    public static LayerPlan of(String... names) {
        return of(ImmutableList.copyOf(names));
    }

    /**
     * Layers by name, in any order.
     *
     * @param names at least one; the logits need not be named
     * @return the plan
     */
    public static LayerPlan of(List<String> names) {
        checkArgument(
                !names.isEmpty(), "expected names of layers, but there are none; LayerNames lists those of a model");
        return new LayerPlan(ImmutableList.copyOf(names), 0, false);
    }

    /**
     * The logits and the highest blocks below them, as {@link LayerNames#suggested} chooses them: residual blocks, Inception
     * modules and the like.
     *
     * @param blocks how many, 1 or more
     * @return the plan
     */
    public static LayerPlan suggested(int blocks) {
        checkArgument(blocks >= 1, "expected one block or more, but there are %s", blocks);
        return new LayerPlan(ImmutableList.of(), blocks, false);
    }

    /**
     * The plan with the next {@linkplain LayerNames#stageBelow stage} below its lowest layer, a block or else a convolution,
     * if the model has one: what {@code GroupSpace.LAYER_BELOW} looks at for the lowest layer of a circuit.
     *
     * @return a changed copy
     */
    public LayerPlan withBlockBelow() {
        return new LayerPlan(names, blocks, true);
    }

    /**
     * Finds the layers in a model.
     *
     * @param graph the network
     * @return its layers, from bottom to top
     * @throws IllegalArgumentException if a name is unknown, or stands for a value that the model cannot be cut at
     */
    public GraphLayers layersOf(NetworkGraph graph) {
        LayerNames known = LayerNames.of(graph);
        NamedCut logits = known.logits();
        ImmutableMap.Builder<String, Integer> layers = ImmutableMap.builder();
        boolean hasLogits = false;
        int lowest = logits.value();
        for (String name : names.isEmpty()
                ? known.suggested(blocks)
                : names.stream().distinct().toList()) {
            int value = known.resolve(name).value();
            layers.put(name, value);
            hasLogits |= value == logits.value();
            lowest = Math.min(lowest, value);
        }
        if (!hasLogits) {
            layers.put(logits.name(), logits.value());
        }
        if (oneMore) {
            known.stageBelow(lowest).ifPresent(cut -> layers.put(cut.name(), cut.value()));
        }
        return GraphLayers.of(graph, layers.buildOrThrow());
    }

    @Override
    public String toString() {
        return names.isEmpty() ? "the logits and " + blocks + " blocks" : names.toString();
    }
}
