/**
 * The method of the NeurFlow paper over any {@link io.neurflow.api.ModelProbe}: {@link io.neurflow.core.CoreConceptFinder}
 * (Sections 3.2 and 3.3), {@link io.neurflow.core.SemanticGrouper} (Section 3.4, Algorithm 2) and
 * {@link io.neurflow.core.CircuitBuilder} (Algorithm 3, Section 3.5). Nothing here knows which engine runs.
 */
@NullMarked
package io.neurflow.core;

import org.jspecify.annotations.NullMarked;
