/**
 * Image debugging (Section 5.1, Appendix F): which neuron groups fire on an image and where, what masking a group does to
 * the prediction beside matched random masks, and the smallest mask that changes it.
 */
@NullMarked
package io.neurflow.core.debug;

import org.jspecify.annotations.NullMarked;
