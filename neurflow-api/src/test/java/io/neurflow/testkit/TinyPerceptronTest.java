package io.neurflow.testkit;

import io.neurflow.api.ModelProbe;

/** The contract on a probe written by hand with the abstract methods alone. */
class TinyPerceptronTest extends ModelProbeContract {
    @Override
    protected ModelProbe open() {
        return new TinyPerceptron(12345);
    }
}
