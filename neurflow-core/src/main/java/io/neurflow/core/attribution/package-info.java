/**
 * Attribution methods between layers, those that the paper's appendix D.1 sets against integrated gradients: how much each channel
 * of a layer means to a neuron above, each method by the definition of its authors.
 */
@NullMarked
package io.neurflow.core.attribution;

import org.jspecify.annotations.NullMarked;
