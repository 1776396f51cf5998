/** Tests of the drawn world and of the model trained on it. */
@NullMarked
package io.neurflow.examples.embedded;

import org.jspecify.annotations.NullMarked;
