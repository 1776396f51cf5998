package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/**
 * Importance scores of Eq. 2 before they are added up: T[v, c], per patch v of the target's concept and per channel c of
 * the layer below,
 *
 * <p>T[v, c] = &Sigma;<sub>p</sub> x<sub>p</sub> &Sigma;<sub>n</sub> weight<sub>n</sub> &part;&phi;<sub>a</sub> /
 * &part;x<sub>p</sub> (&alpha;<sub>n</sub> x), p over the positions of channel c,
 *
 * <p>where &phi;<sub>a</sub> is the spatial <em>mean</em> of the target. Eq. 2 as printed sums over the positions of a:
 * multiply by {@code target().layer().shape().positions()}. Ranks and Eq. 4 are the same under both.
 *
 * <p>Completeness: &Sigma;<sub>c</sub> T[v, c] should be &phi;<sub>a</sub>(x) - &phi;<sub>a</sub>(0); what is missing is
 * the {@linkplain #residual residual} of the quadrature.
 */
public final class ImportanceScores {
    private final Neuron target;
    private final Layer source;
    private final double[][] values;
    private final double[] changes;

    /**
     * Takes scores over.
     *
     * @param target the neuron a
     * @param source the layer below
     * @param values [patch][channel of the layer below]; copied
     * @param changes &phi;<sub>a</sub>(x) - &phi;<sub>a</sub>(0) for each patch; copied
     */
    public ImportanceScores(Neuron target, Layer source, double[][] values, double[] changes) {
        checkArgument(
                values.length == changes.length,
                "expected a change of the target for each of %s patches, but there are %s",
                values.length,
                changes.length);
        for (double[] row : values) {
            checkArgument(
                    row.length == source.shape().channels(),
                    "expected a score for each channel of %s, but there are %s",
                    source,
                    row.length);
        }
        this.target = target;
        this.source = source;
        this.values = deepCopy(values);
        this.changes = changes.clone();
    }

    private static double[][] deepCopy(double[][] rows) {
        double[][] copy = rows.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] = rows[i].clone();
        }
        return copy;
    }

    /**
     * The neuron whose activation is attributed.
     *
     * @return a
     */
    public Neuron target() {
        return target;
    }

    /**
     * The layer whose channels share it out.
     *
     * @return the layer below
     */
    public Layer source() {
        return source;
    }

    /**
     * Number of patches.
     *
     * @return rows of the matrix
     */
    public int patches() {
        return values.length;
    }

    /**
     * One score.
     *
     * @param patch row: position in the concept
     * @param channel channel of {@link #source()}
     * @return T[v, c]
     */
    public double value(int patch, int channel) {
        return values[patch][channel];
    }

    /**
     * All scores.
     *
     * @return a fresh matrix, [patch][channel]
     */
    public double[][] values() {
        return deepCopy(values);
    }

    /**
     * Eq. 2 over all patches.
     *
     * @return T(a, s, V) for each channel s
     */
    public double[] sums() {
        double[] sums = new double[source.shape().channels()];
        for (double[] row : values) {
            for (int c = 0; c < sums.length; c++) {
                sums[c] += row[c];
            }
        }
        return sums;
    }

    /**
     * The mean over the patches of |T[v, c]|: what the authors' code ranks by.
     *
     * @return a value for each channel
     */
    public double[] meanMagnitudes() {
        double[] means = new double[source.shape().channels()];
        for (double[] row : values) {
            for (int c = 0; c < means.length; c++) {
                means[c] += Math.abs(row[c]) / values.length;
            }
        }
        return means;
    }

    /**
     * The change of the target along the ray.
     *
     * @param patch row
     * @return &phi;<sub>a</sub>(x) - &phi;<sub>a</sub>(0)
     */
    public double change(int patch) {
        return changes[patch];
    }

    /**
     * What completeness lacks.
     *
     * @param patch row
     * @return {@code change(patch)} less the sum of the row
     */
    public double residual(int patch) {
        double sum = 0;
        for (double value : values[patch]) {
            sum += value;
        }
        return changes[patch] - sum;
    }

    /**
     * The largest residual.
     *
     * @return the maximum over the patches of |residual|, 0 without patches
     */
    public double largestResidual() {
        double largest = 0;
        for (int i = 0; i < values.length; i++) {
            largest = Math.max(largest, Math.abs(residual(i)));
        }
        return largest;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "T of %s <- %s, %d patches, largest residual %.2e",
                target,
                source.name(),
                patches(),
                largestResidual());
    }
}
