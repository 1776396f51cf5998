package io.neurflow.testkit;

import io.neurflow.api.ModelProbe;
import org.junit.jupiter.api.Nested;

/** The contract on planted networks that have every step there is between them. */
class PlantedProbeTest {
    @Nested
    class SkipAndConcat extends ModelProbeContract {
        @Override
        protected ModelProbe open() {
            return PlantedCircuits.skipAndConcat(3).probe();
        }
    }

    @Nested
    class Thresholds extends ModelProbeContract {
        @Override
        protected ModelProbe open() {
            return PlantedCircuits.thresholds(4).probe();
        }
    }
}
