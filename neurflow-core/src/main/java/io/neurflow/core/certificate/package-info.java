/**
 * How far a circuit can be trusted: what it keeps and what its complement lacks on held-out images, against random circuits;
 * whether its edges predict interventions; what is left of it when images are drawn again. On
 * {@link io.neurflow.api.ModelProbe} alone.
 */
@NullMarked
package io.neurflow.core.certificate;

import org.jspecify.annotations.NullMarked;
