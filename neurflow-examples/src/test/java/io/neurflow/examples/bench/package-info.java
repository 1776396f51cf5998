/** Tests of what the benchmarks are made of. */
@NullMarked
package io.neurflow.examples.bench;

import org.jspecify.annotations.NullMarked;
