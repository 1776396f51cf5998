/**
 * Reads Keras models, HDF5 files and .keras archives, into {@link io.neurflow.core.graph.NetworkGraph}. Keras holds rows
 * before columns before channels; everything is turned here, once, so that a graph has channels first. HDF5 is read by
 * jHDF, and nothing outside this package knows of it.
 */
@NullMarked
package io.neurflow.core.keras;

import org.jspecify.annotations.NullMarked;
