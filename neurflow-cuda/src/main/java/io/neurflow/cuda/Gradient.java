package io.neurflow.cuda;

/**
 * A gradient with respect to one value, for each item.
 *
 * @param memory where it lies
 * @param one whether it is that of one channel only, the others being zero: [item, position] instead of [item, channel,
 *     position]
 */
record Gradient(Memory memory, boolean one) {}
