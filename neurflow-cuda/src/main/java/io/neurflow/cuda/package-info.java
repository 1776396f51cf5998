/**
 * What needs an NVIDIA GPU. In this version: which cards the machine has, and whether ND4J's CUDA backend can run on them,
 * told before anything is computed rather than by a crash.
 */
@NullMarked
package io.neurflow.cuda;

import org.jspecify.annotations.NullMarked;
