package io.neurflow.core.ray;

import java.util.Arrays;

/** What is affine in alpha under the last gate of one target on one patch: constant + alpha step at each position. */
final class Straight {
    private final Route route;
    private final Sources sources;
    final double[] constant;
    final double[] step;

    Straight(Route route, Sources sources) {
        this.route = route;
        this.sources = sources;
        int positions = positions();
        constant = new double[positions];
        step = new double[positions];
        for (Route.Direct direct : route.directs()) {
            float[] values = sources.values(direct.source());
            for (int p = 0; p < positions; p++) {
                step[p] += values[direct.channel() * positions + p];
            }
        }
        for (Route.Row row : route.rows()) {
            addBias(row);
            if (row.taps.isSingle()) {
                step[0] += Kernels.dot(sources.values(row.input), row.weights);
            } else {
                addRow(row, sources.entries(row.input));
            }
        }
        route.gated().ifPresent(gated -> addBias(gated.row()));
    }

    private int positions() {
        if (!route.directs().isEmpty()) {
            int source = route.directs().get(0).source();
            return sources.values(source).length / sources.channels(source);
        }
        return route.gated().map(Route.Gated::row).orElseGet(() -> route.rows().get(0)).taps.outputs;
    }

    private void addBias(Route.Row row) {
        for (int p = 0; p < constant.length; p++) {
            constant[p] += row.bias;
        }
    }

    private void addRow(Route.Row row, Entries x) {
        Taps taps = row.taps;
        boolean pointwise = taps.isPointwise();
        for (int c = 0; c < x.channels; c++) {
            double w = row.weights[c * taps.size];
            for (int e = x.start[c]; e < x.start[c + 1]; e++) {
                int q = x.position[e];
                if (pointwise) {
                    step[q] += w * x.value[e];
                    continue;
                }
                for (int i = taps.start[q]; i < taps.start[q + 1]; i++) {
                    step[taps.output[i]] += (double) x.value[e] * row.weights[c * taps.size + taps.tap[i]];
                }
            }
        }
    }

    /**
     * The change of the target along the ray and the scores where nothing else is under the last gate: each position's gate
     * switches once, so that the sum over the points is the weight of those where it is open.
     *
     * @return the change
     */
    double closed(Points points, double[] scores) {
        double[] sums = new double[step.length];
        double slope = route.topSlope().orElse(1.0);
        double change = 0;
        for (int p = 0; p < sums.length; p++) {
            double open = slope == 1 ? 0 : points.open((float) constant[p], (float) step[p]);
            sums[p] = (slope * points.weight() + (1 - slope) * open) / sums.length;
            double end = constant[p] + step[p];
            change += (end > 0 ? end : slope * end) - (constant[p] > 0 ? constant[p] : slope * constant[p]);
        }
        addScores(sums, scores);
        return change / sums.length;
    }

    /** Adds the scores that the affine part hands down for summed cotangents of each position. */
    void addScores(double[] sums, double[] scores) {
        for (Route.Direct direct : route.directs()) {
            float[] values = sources.values(direct.source());
            for (int p = 0; p < sums.length; p++) {
                scores[direct.channel()] += sums[p] * values[direct.channel() * sums.length + p];
            }
        }
        for (Route.Row row : route.rows()) {
            if (row.taps.isSingle()) {
                Kernels.addProduct(scores, sources.values(row.input), row.weights, sums[0]);
            } else {
                addScores(row, sources.entries(row.input), sums, scores);
            }
        }
    }

    private static void addScores(Route.Row row, Entries x, double[] sums, double[] scores) {
        Taps taps = row.taps;
        boolean pointwise = taps.isPointwise();
        // What each tap of the window hands down to each position.
        double[] down = new double[pointwise ? 0 : x.positions * taps.size];
        double[] seen = pointwise ? sums : down;
        for (int q = 0; q < x.positions && !pointwise; q++) {
            for (int i = taps.start[q]; i < taps.start[q + 1]; i++) {
                down[q * taps.size + taps.tap[i]] = sums[taps.output[i]];
            }
        }
        double[] byTap = new double[taps.size];
        for (int c = 0; c < x.channels; c++) {
            Arrays.fill(byTap, 0);
            for (int e = x.start[c]; e < x.start[c + 1]; e++) {
                int at = x.position[e] * taps.size;
                for (int t = 0; t < byTap.length; t++) {
                    byTap[t] += x.value[e] * seen[at + t];
                }
            }
            for (int t = 0; t < byTap.length; t++) {
                scores[c] += byTap[t] * row.weights[c * taps.size + t];
            }
        }
    }
}
