package io.neurflow.examples.bench;

/**
 * What the plain way took for one target.
 *
 * @param channel the target
 * @param seconds for all patches and points
 * @param gflop 10<sup>9</sup> operations that it spent on convolutions and dense operators
 * @param relativeL2 how far the fast scores are from the plain ones: length of the difference over length, over all patches
 *     and channels
 */
public record PlainTimes(int channel, double seconds, double gflop, double relativeL2) {}
