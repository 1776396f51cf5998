package io.neurflow.core.keras;

import java.util.Optional;

/**
 * What a layer is called with: a value of the network, or a number.
 *
 * @param value of the network
 * @param number a constant of the model, if there is no value
 */
record Argument(Optional<Value> value, double number) {
    static Argument of(Value value) {
        return new Argument(Optional.of(value), 0);
    }

    static Argument of(double number) {
        return new Argument(Optional.empty(), number);
    }
}
