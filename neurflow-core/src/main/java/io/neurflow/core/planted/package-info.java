/**
 * Networks whose circuit is known by construction ({@code io.neurflow.testkit}), on every engine, and the scoreboard that says
 * how well methods find them.
 */
@NullMarked
package io.neurflow.core.planted;

import org.jspecify.annotations.NullMarked;
