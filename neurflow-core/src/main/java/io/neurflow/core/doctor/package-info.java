/**
 * The import doctor: looks a model over before an analysis is spent on it, and says what it saw, what that means and what to do.
 */
@NullMarked
package io.neurflow.core.doctor;

import org.jspecify.annotations.NullMarked;
