/** The command line: {@code explain} builds a circuit and its reports, {@code layers} lists where a model can be cut. */
@NullMarked
package io.neurflow.examples;

import org.jspecify.annotations.NullMarked;
