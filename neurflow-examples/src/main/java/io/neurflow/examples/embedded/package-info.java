/**
 * The embedded model: a small convolutional classifier that this repository trained itself, on pictures that it draws itself.
 * One class has a planted spurious cue, so that the concept circuit of that class has something to reveal, and it is known
 * what. {@link io.neurflow.examples.embedded.DrawnWorld} draws, {@link io.neurflow.examples.embedded.EmbeddedModelTrainer}
 * trains and writes the ONNX file, {@link io.neurflow.examples.embedded.EmbeddedModel} hands everything to the command line.
 */
@NullMarked
package io.neurflow.examples.embedded;

import org.jspecify.annotations.NullMarked;
