/** Probes over models that Neurflow knows nothing of: the worked examples of {@code docs/write-a-probe.md}. */
@NullMarked
package io.neurflow.examples.ownprobe;

import org.jspecify.annotations.NullMarked;
