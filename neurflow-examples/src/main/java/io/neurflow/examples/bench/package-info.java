/**
 * Benchmarks: what integrated gradients of one block of a model cost here, against the plain way and against the speed of
 * convolutions in the same run, and where the time of a whole circuit goes. {@code neurflow bench} and
 * {@code neurflow explain --timings} are made of it; {@code bench/README.md} says what the figures mean.
 */
@NullMarked
package io.neurflow.examples.bench;

import org.jspecify.annotations.NullMarked;
