package io.neurflow.api;

/** The floating point format of a {@link Tensor}, and of the arithmetic of the probe that made it. */
public enum Precision {
    /** IEEE 754 single precision. */
    FLOAT32,
    /** IEEE 754 double precision. */
    FLOAT64
}
