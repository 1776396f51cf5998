package io.neurflow.cuda;

/**
 * The items of a way back: pairs of a target and a patch, with the same number of steps each.
 *
 * @param pairs how many pairs
 * @param steps items of a pair
 * @param map on the device, for each pair: its patch, in the order of the forward pass
 * @param chan on the device, for each pair: the channel of its target
 */
record Items(int pairs, int steps, Memory map, Memory chan) {
    int count() {
        return Math.multiplyExact(pairs, steps);
    }
}
