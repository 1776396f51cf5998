/** The reference probe: the network graph in plain Java and double precision, written to be read. Slow and obviously right. */
@NullMarked
package io.neurflow.core.reference;

import org.jspecify.annotations.NullMarked;
