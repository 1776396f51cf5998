/** Reads ONNX files into network graphs: exactly, or not at all. Needs no library for ONNX or protocol buffers. */
@NullMarked
package io.neurflow.core.onnx;

import org.jspecify.annotations.NullMarked;
