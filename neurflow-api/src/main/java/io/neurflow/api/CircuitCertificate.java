package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Locale;

/**
 * How far a circuit can be trusted, in the figures that travel with it: {@link ConceptCircuit#certificate()}. A figure that has no
 * value (a root that no ablation changes, no edge that was audited) is NaN; infinite ones are turned into it.
 *
 * @param alpha the level of the tests, between 0 and 1
 * @param images held-out images, 1 or more
 * @param neurons of the circuit below the root
 * @param channels of the circuit's layers below the root
 * @param ablations what the circuit keeps under each ablation; the first is the one of the verdict
 * @param equivalenceP sign test of whether the circuit is as often above the model as below
 * @param independenceP test of whether what the complement says is independent of what the model says
 * @param needless how many neurons matter no more than random ones
 * @param edges how many edges were held against interventions
 * @param rSquared share of the variance of measured changes that the edges predict
 * @param signAgreement share of audited edges whose sign is that of the measured change
 * @param slope of measured on predicted changes, 1 where calibrated
 * @param reselected mean share of draws of images in which a core concept neuron is chosen again
 * @param lines the whole certificate for people, a verdict in the first line
 */
public record CircuitCertificate(
        double alpha,
        int images,
        int neurons,
        int channels,
        ImmutableList<Ablated> ablations,
        double equivalenceP,
        double independenceP,
        int needless,
        int edges,
        double rSquared,
        double signAgreement,
        double slope,
        double reselected,
        ImmutableList<String> lines) {

    /** Checks counts and shares. */
    public CircuitCertificate {
        checkArgument(alpha > 0 && alpha < 1, "expected a level between 0 and 1, but it is %s", alpha);
        checkArgument(images >= 1, "expected one held-out image or more, but there are %s", images);
        checkArgument(
                0 <= neurons && neurons <= channels,
                "expected between 0 and %s neurons, all there are below the root, but there are %s",
                channels,
                neurons);
        checkArgument(
                0 <= needless && needless <= neurons,
                "expected between 0 and %s needless neurons, but there are %s",
                neurons,
                needless);
        checkArgument(edges >= 0, "expected a number of audited edges, but it is %s", edges);
        checkArgument(!ablations.isEmpty(), "expected the verdict's ablation, but there is none");
        checkShare(equivalenceP, "p of equivalence");
        checkShare(independenceP, "p of independence");
        checkShare(signAgreement, "share of edges with the right sign");
        checkShare(reselected, "share of draws");
        equivalenceP = orNaN(equivalenceP);
        independenceP = orNaN(independenceP);
        rSquared = orNaN(rSquared);
        signAgreement = orNaN(signAgreement);
        slope = orNaN(slope);
        reselected = orNaN(reselected);
    }

    private static void checkShare(double value, String what) {
        checkArgument(
                !Double.isFinite(value) || (value >= 0 && value <= 1),
                "expected a %s between 0 and 1, but it is %s",
                what,
                value);
    }

    private static double orNaN(double value) {
        return Double.isFinite(value) ? value : Double.NaN;
    }

    /**
     * What the circuit keeps of its root where every other channel is ablated, as a share of what the whole model has above
     * the model without any channel: f(C) = (m(C) - m(&empty;)) / (m(N) - m(&empty;)).
     *
     * @param ablation what other channels are: zero, their mean, or those of another image
     * @param keep f of the circuit, 1 where it keeps everything
     * @param remove f of its complement, 0 where nothing that matters is left out
     * @param p how often a random circuit of as many channels in each layer does as well on both counts
     * @param cpr area under f over growing circuits
     * @param cmd area under |1 - f|
     */
    public record Ablated(String ablation, double keep, double remove, double p, double cpr, double cmd) {
        /** Checks p. */
        public Ablated {
            checkArgument(p >= 0 && p <= 1, "expected a p between 0 and 1, but it is %s", p);
            keep = orNaN(keep);
            remove = orNaN(remove);
            cpr = orNaN(cpr);
            cmd = orNaN(cmd);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s: keeps %.3f, complement %.3f, p %.3f, CPR %.3f, CMD %.3f",
                    ablation,
                    keep,
                    remove,
                    p,
                    cpr,
                    cmd);
        }
    }

    /**
     * The verdict: whether the circuit does better than random circuits with as many channels in each layer.
     *
     * @return whether p of the first ablation is no larger than alpha
     */
    public boolean betterThanRandom() {
        return ablations.get(0).p() <= alpha;
    }

    /** {@inheritDoc} Two lines: the verdict, and what edges say against what happens. */
    @Override
    public String toString() {
        Ablated first = ablations.get(0);
        String verdict = String.format(
                Locale.ROOT,
                "%s than random (p %.3f, alpha %.2f, %d held-out images): with other channels at %s the circuit keeps %.3f, its"
                        + " complement %.3f",
                betterThanRandom() ? "better" : "no better",
                first.p(),
                alpha,
                images,
                first.ablation(),
                first.keep(),
                first.remove());
        String audit = edges == 0
                ? "no edge was held against an intervention"
                : String.format(
                        Locale.ROOT,
                        "%d edges against interventions: r2 %.3f, signs agree %.0f %%, slope %.2f",
                        edges,
                        rSquared,
                        100 * signAgreement,
                        slope);
        return verdict + "\n  " + audit + "; " + needless + " of " + neurons
                + " neurons no more needed than random ones";
    }
}
