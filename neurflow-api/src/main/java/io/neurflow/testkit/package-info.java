/**
 * The contract that every {@link io.neurflow.api.ModelProbe} has to keep, as a JUnit 5 test class to inherit, and small
 * convolutional networks whose circuit is known by construction ({@link io.neurflow.testkit.PlantedCircuits}), to hold a
 * method or a setting against. The latter need no JUnit.
 */
@NullMarked
package io.neurflow.testkit;

import org.jspecify.annotations.NullMarked;
