package io.neurflow.core.experiment;

import io.neurflow.api.ModelProbe;
import io.neurflow.core.graph.GraphLayers;
import java.util.function.Function;

/**
 * Opens small networks that are cut out of a model.
 *
 * @param opened what the model was opened with
 * @param open opens a probe of a network
 */
record NarrowEngine(GraphLayers opened, Function<GraphLayers, ModelProbe> open) {}
