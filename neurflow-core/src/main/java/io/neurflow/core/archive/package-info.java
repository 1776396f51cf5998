/** Zip archives that models come in, read with suspicion. */
@NullMarked
package io.neurflow.core.archive;

import org.jspecify.annotations.NullMarked;
