/**
 * Other ways to rank the neurons of a layer by what they mean to a target, named after what they compute: to hold the method
 * against. All but the norm of weights see the model through {@link io.neurflow.api.ModelProbe} alone.
 */
@NullMarked
package io.neurflow.core.rival;

import org.jspecify.annotations.NullMarked;
