package io.neurflow.core.certificate;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Locale;

/**
 * Faithfulness of circuits of growing size: f(C) = (m(C) - m(&empty;)) / (m(N) - m(&empty;)), &empty; the model with every channel
 * ablated (Mueller et al., MIB, ICML 2025, at the level of channels). m is the mean activation of the root over that half of the
 * held-out images for which the root is strongest in the model as it is: over all of them, ablation by the mean would change
 * nothing that shows.
 *
 * @param ablation what the other channels are
 * @param shares sizes as shares of all channels, ascending, those of MIB: 0.1 % to 100 %
 * @param sizes how many channels that is
 * @param keep f of the channels of that size
 * @param remove f of all others: the completeness of the complement, near 0 where nothing that matters is left out
 */
public record Curve(
        Ablation ablation,
        ImmutableDoubleArray shares,
        ImmutableIntArray sizes,
        ImmutableDoubleArray keep,
        ImmutableDoubleArray remove) {

    /**
     * MIB's CPR, the area under f over the share of channels (trapezoids, from 0).
     *
     * @return the larger, the better
     */
    public double cpr() {
        return area(false);
    }

    /**
     * MIB's CMD, the area under |1 - f|.
     *
     * @return the smaller, the better
     */
    public double cmd() {
        return area(true);
    }

    private double area(boolean distance) {
        double area = 0;
        double share = 0;
        double last = distance ? 1 : 0;
        for (int i = 0; i < shares.length(); i++) {
            double f = keep.get(i);
            double now = distance ? Math.abs(1 - f) : f;
            area += (shares.get(i) - share) * (now + last) / 2;
            share = shares.get(i);
            last = now;
        }
        return area;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s: CPR %.3f, CMD %.3f", ablation, cpr(), cmd());
    }
}
