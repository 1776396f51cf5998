package io.neurflow.core.image;

/** The order in which a model expects the colours of a pixel. */
public enum ChannelOrder {
    /** Red first: torchvision and most others. */
    RGB,
    /** Blue first: models that come from Caffe. */
    BGR;

    /** Position of the red, green or blue value of an RGB pixel that becomes channel {@code c} of the input. */
    int source(int c) {
        return this == RGB ? c : 2 - c;
    }
}
