/** Placeholder while the house is being laid. */
@NullMarked
package io.neurflow.examples;

import org.jspecify.annotations.NullMarked;
