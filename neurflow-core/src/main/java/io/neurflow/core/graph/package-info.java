/**
 * The network graph: one small, immutable, engine-neutral form in which every imported model is held. Importers make it,
 * probes run it; neither knows the other.
 */
@NullMarked
package io.neurflow.core.graph;

import org.jspecify.annotations.NullMarked;
