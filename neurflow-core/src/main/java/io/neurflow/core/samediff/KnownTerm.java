package io.neurflow.core.samediff;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A value known beforehand. */
record KnownTerm(INDArray array) implements Term {}
