/**
 * The words of the NeurFlow paper (Cao et al., ICLR 2025) as immutable values, and {@link io.neurflow.api.ModelProbe}, the
 * one interface through which the method sees a model.
 *
 * <p>Read {@link io.neurflow.api.ConceptCircuit} first to see what comes out, {@link io.neurflow.api.ModelProbe} to see
 * what goes in.
 */
@NullMarked
package io.neurflow.api;

import org.jspecify.annotations.NullMarked;
