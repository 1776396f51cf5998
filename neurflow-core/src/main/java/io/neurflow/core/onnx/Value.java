package io.neurflow.core.onnx;

/** What a name in an ONNX graph stands for during import: something computed from the image, or known beforehand. */
sealed interface Value permits Value.Computed, Constant {

    /**
     * A value that depends on the image. Its batch is the first ONNX axis and does not show in the network graph.
     *
     * @param index number of the value in the network graph
     */
    record Computed(int index) implements Value {}
}
