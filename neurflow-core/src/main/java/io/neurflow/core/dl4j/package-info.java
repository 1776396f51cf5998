/**
 * Reads the zip files in which Deeplearning4j keeps networks into {@link io.neurflow.core.graph.NetworkGraph}, without
 * Deeplearning4j: a description in JSON and one vector with all parameters.
 */
@NullMarked
package io.neurflow.core.dl4j;

import org.jspecify.annotations.NullMarked;
