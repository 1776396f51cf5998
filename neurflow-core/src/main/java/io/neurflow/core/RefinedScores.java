package io.neurflow.core;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;

/**
 * Importance scores whose rows may have taken different numbers of points.
 *
 * @param scores T[v, c]
 * @param steps for each row how many points the quadrature had
 */
record RefinedScores(ImportanceScores scores, ImmutableIntArray steps) {}
