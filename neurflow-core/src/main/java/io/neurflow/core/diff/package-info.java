/**
 * Comparing circuits: groups of two circuits aligned by what they stand for, edges added, lost and re-weighted between
 * them.
 */
@NullMarked
package io.neurflow.core.diff;

import org.jspecify.annotations.NullMarked;
