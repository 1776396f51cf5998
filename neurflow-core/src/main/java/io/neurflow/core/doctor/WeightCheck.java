package io.neurflow.core.doctor;

import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.Locale;
import java.util.function.Consumer;

/** Weights that are no numbers, or such that no training leaves behind. */
final class WeightCheck {
    /** No trained weight is as large, nor is the factor of a normalisation whose variance was learned from data. */
    private static final float HUGE = 1e4f;

    private static final double MANY = 0.01;

    private final Consumer<Finding> to;

    WeightCheck(Consumer<Finding> to) {
        this.to = to;
    }

    void run(NetworkGraph graph) {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Conv conv) {
                tensor(node, "weights", conv.weights());
                conv.bias().ifPresent(bias -> tensor(node, "bias", bias));
                rows(node, conv.weights(), conv.outChannels());
            } else if (node.op() instanceof Op.Dense dense) {
                tensor(node, "weights", dense.weights());
                dense.bias().ifPresent(bias -> tensor(node, "bias", bias));
                rows(node, dense.weights(), dense.out());
            } else if (node.op() instanceof Op.Affine affine) {
                normalisation(node, affine);
            }
        }
    }

    private void tensor(Node node, String what, Weights weights) {
        int bad = 0;
        int huge = 0;
        int denormal = 0;
        float largest = 0;
        for (int i = 0; i < weights.length(); i++) {
            float size = Math.abs(weights.get(i));
            bad += Float.isFinite(size) ? 0 : 1;
            huge += Float.isFinite(size) && size > HUGE ? 1 : 0;
            denormal += size > 0 && size < Float.MIN_NORMAL ? 1 : 0;
            largest = Float.isFinite(size) ? Math.max(largest, size) : largest;
        }
        String where = place(node) + ", its " + what;
        if (bad > 0) {
            to.accept(Finding.error(
                    "weights",
                    where,
                    bad + " of " + weights.length() + " values are NaN or infinite",
                    "every score above them is NaN",
                    "train or export the model again"));
        }
        if (huge > 0) {
            to.accept(Finding.warning(
                    "weights",
                    where,
                    String.format(
                            Locale.ROOT,
                            "%d of %d values are above %.0e, the largest %.1e",
                            huge,
                            weights.length(),
                            HUGE,
                            largest),
                    "training leaves none as large; sums in single precision lose what is beside them",
                    "look at this tensor in the framework that made it"));
        }
        if (denormal > MANY * weights.length()) {
            to.accept(Finding.warning(
                    "weights",
                    where,
                    denormal + " of " + weights.length() + " values are below the smallest normal number, 1.2e-38",
                    "they are as good as 0, and slow to compute with on many processors",
                    "set them to 0 before export"));
        }
    }

    /** Channels that do not depend on anything. */
    private void rows(Node node, Weights weights, int rows) {
        int width = weights.length() / Math.max(1, rows);
        int zero = 0;
        int first = -1;
        for (int r = 0; r < rows; r++) {
            boolean all = true;
            for (int i = r * width; i < (r + 1) * width && all; i++) {
                all = weights.get(i) == 0;
            }
            if (all) {
                zero++;
                first = first < 0 ? r : first;
            }
        }
        if (zero > 0) {
            Severity severity = 2 * zero > rows ? Severity.WARNING : Severity.NOTE;
            to.accept(new Finding(
                    severity,
                    "weights",
                    place(node),
                    zero + " of " + rows + " channels have weights of 0 only, the first is " + first,
                    "they are the same for every image, as pruned channels are, and explain nothing",
                    severity == Severity.NOTE ? "nothing" : "see whether the weights were loaded before export"));
        }
    }

    private void normalisation(Node node, Op.Affine affine) {
        tensor(node, "shift", affine.shift());
        int bad = 0;
        int steep = 0;
        int at = 0;
        for (int c = 0; c < affine.scale().length(); c++) {
            float size = Math.abs(affine.scale().get(c));
            bad += Float.isFinite(size) ? 0 : 1;
            if (Float.isFinite(size) && size > STEEP) {
                steep++;
                at = size > Math.abs(affine.scale().get(at)) || steep == 1 ? c : at;
            }
        }
        if (bad > 0) {
            to.accept(Finding.error(
                    "weights",
                    place(node) + ", its scale",
                    bad + " of " + affine.scale().length() + " values are NaN or infinite",
                    "every score above them is NaN; a variance below 0 does this",
                    "export the model again, in evaluation mode"));
        }
        if (steep > 0) {
            to.accept(Finding.warning(
                    "weights",
                    place(node) + ", its scale",
                    String.format(
                            Locale.ROOT,
                            "%d of %d channels are multiplied by more than %.0f, channel %d by %.3g",
                            steep,
                            affine.scale().length(),
                            STEEP,
                            at,
                            Math.abs(affine.scale().get(at))),
                    "the normalisation's variance is next to 0: it saw a channel that never moved, and rounding errors"
                            + " become large in it",
                    "do not trust these channels; export in evaluation mode after training on enough data"));
        }
    }

    /** 1 / sqrt(1e-5), the usual epsilon, is 316. */
    private static final float STEEP = 300;

    private static String place(Node node) {
        return node.module().isEmpty() ? node.toString() : node + " (" + node.module() + ")";
    }
}
