/**
 * Names for what the groups of a circuit stand for (Section 5.2): {@link io.neurflow.core.label.CircuitLabeler} asks a
 * {@link io.neurflow.core.label.ConceptLabeler} for each group, and {@link io.neurflow.core.label.LabelAudit} finds out
 * whether the labels tell the group's patches from others. The labelers of this package need no network.
 */
@NullMarked
package io.neurflow.core.label;

import org.jspecify.annotations.NullMarked;
