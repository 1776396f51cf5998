/**
 * Importance scores along the ray from 0 to x without a gradient at every step: what a block computes there is piecewise
 * affine in &alpha;, and changes only where a gate opens or closes. Plain Java; what is dense is asked of the probe's engine.
 */
@NullMarked
package io.neurflow.core.ray;

import org.jspecify.annotations.NullMarked;
