/** JMH benchmarks; {@code bench/README.md} says how to run them. Not part of any jar. */
@NullMarked
package io.neurflow.examples.jmh;

import org.jspecify.annotations.NullMarked;
