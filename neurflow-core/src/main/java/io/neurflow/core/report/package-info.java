/**
 * What goes out: a {@link io.neurflow.api.ConceptCircuit} as versioned JSON, as GraphML or DOT for graph tools, and as one
 * HTML page for people.
 */
@NullMarked
package io.neurflow.core.report;

import org.jspecify.annotations.NullMarked;
