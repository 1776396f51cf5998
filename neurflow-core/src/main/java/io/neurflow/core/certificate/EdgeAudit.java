package io.neurflow.core.certificate;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.Neuron;
import java.util.Locale;

/**
 * What edges say against what happens: the child of an edge is knocked out, and the change of its parent's activation, a mean
 * over the patches of the semantic group, is held against the importance score, a mean over the same patches.
 *
 * @param checks one for each edge
 * @param interactions one for each target
 */
public record EdgeAudit(ImmutableList<Check> checks, ImmutableList<Interaction> interactions) {
    /**
     * One edge.
     *
     * @param edge which
     * @param predicted importance over the number of patches
     * @param measured mean of &phi;<sub>a</sub> less that without the child
     */
    public record Check(ConceptEdge edge, double predicted, double measured) {}

    /**
     * All core concept neurons of a target at once against one at a time, on its concept.
     *
     * @param target a
     * @param joint what knocking out all of them takes from a
     * @param singles what each takes alone, added up
     */
    public record Interaction(Neuron target, double joint, double singles) {
        /**
         * How far the whole is more than its parts.
         *
         * @return positive where neurons make up for each other, negative where each is needed for the others to count
         */
        public double excess() {
            return joint - singles;
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s: joint %.3g, singles %.3g", target, joint, singles);
        }
    }

    /**
     * The share of the variance of measured changes that predictions explain as they are, without a fitted line.
     *
     * @return 1 - &Sigma;(measured - predicted)&sup2; / &Sigma;(measured - mean)&sup2;; below 0 if a constant would do better
     */
    public double rSquared() {
        double mean = checks.stream().mapToDouble(Check::measured).average().orElse(Double.NaN);
        double rest = checks.stream()
                .mapToDouble(c -> Math.pow(c.measured() - c.predicted(), 2))
                .sum();
        double all = checks.stream()
                .mapToDouble(c -> Math.pow(c.measured() - mean, 2))
                .sum();
        return 1 - rest / all;
    }

    /**
     * How often both have the same sign.
     *
     * @return the share of edges
     */
    public double signAgreement() {
        return checks.stream()
                .mapToDouble(c -> Math.signum(c.predicted()) == Math.signum(c.measured()) ? 1 : 0)
                .average()
                .orElse(Double.NaN);
    }

    /**
     * The slope of a line through 0 from predicted to measured changes.
     *
     * @return 1 where predictions are calibrated
     */
    public double slope() {
        double products =
                checks.stream().mapToDouble(c -> c.predicted() * c.measured()).sum();
        double squares =
                checks.stream().mapToDouble(c -> c.predicted() * c.predicted()).sum();
        return products / squares;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d edges against interventions: r2 %.3f, signs agree %.0f %%, slope %.2f",
                checks.size(),
                rSquared(),
                100 * signAgreement(),
                slope());
    }
}
