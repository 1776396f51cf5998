/** The probes of {@code docs/write-a-probe.md} held to the contract, and one that needs ONNX Runtime. */
@NullMarked
package io.neurflow.examples.ownprobe;

import org.jspecify.annotations.NullMarked;
