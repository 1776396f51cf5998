/** Placeholder while the house is being laid. */
@NullMarked
package io.neurflow.cuda;

import org.jspecify.annotations.NullMarked;
