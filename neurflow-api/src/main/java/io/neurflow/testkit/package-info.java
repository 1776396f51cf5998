/** The contract that every {@link io.neurflow.api.ModelProbe} has to keep, as a JUnit 5 test class to inherit. */
@NullMarked
package io.neurflow.testkit;

import org.jspecify.annotations.NullMarked;
