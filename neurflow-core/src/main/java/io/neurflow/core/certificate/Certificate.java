package io.neurflow.core.certificate;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import io.neurflow.api.CircuitCertificate;
import io.neurflow.api.Neuron;
import java.util.Locale;

/**
 * How far a circuit can be trusted. Made by {@link Certifier}; its text is for people.
 *
 * @param root the neuron that the circuit explains
 * @param size how many neurons it has below the root
 * @param channels how many channels its layers below the root have
 * @param images held-out images
 * @param alpha the level of its tests
 * @param curves of growing circuits, by {@link Ablation}
 * @param controls against random circuits, by {@link Ablation}
 * @param tests equivalence, independence, minimality
 * @param audit edges against interventions
 * @param stability of some targets, the root first
 */
public record Certificate(
        Neuron root,
        int size,
        int channels,
        int images,
        double alpha,
        ImmutableList<Curve> curves,
        ImmutableList<Control> controls,
        HypothesisTests tests,
        EdgeAudit audit,
        ImmutableList<Stability> stability) {

    /**
     * Whether the circuit keeps the root as it is, and its complement nothing of it, more closely than random circuits with as
     * many channels in each layer, when all others are set to zero: {@link Control#p()} is no larger than alpha. Where nothing
     * distinguishes the circuit from random ones, this is true with a probability of no more than alpha. With random weights a
     * circuit may be better than random all the same: it then says what this model does, though the model does nothing of use.
     *
     * @return the verdict
     */
    public boolean betterThanRandom() {
        return control(Ablation.ZERO).p() <= alpha;
    }

    /**
     * The circuit against random ones under one ablation.
     *
     * @param ablation what the other channels are
     * @return its control
     */
    public Control control(Ablation ablation) {
        return controls.stream()
                .filter(control -> control.ablation() == ablation)
                .findFirst()
                .orElseThrow();
    }

    /**
     * The figures that a circuit carries.
     *
     * @return the verdict, the key figures, and the lines of this text
     */
    public CircuitCertificate summary() {
        return new CircuitCertificate(
                alpha,
                images,
                size,
                channels,
                curves.stream()
                        .map(curve -> {
                            Control control = control(curve.ablation());
                            return new CircuitCertificate.Ablated(
                                    Ascii.toLowerCase(curve.ablation().name()),
                                    control.keep(),
                                    control.remove(),
                                    control.p(),
                                    curve.cpr(),
                                    curve.cmd());
                        })
                        .collect(ImmutableList.toImmutableList()),
                tests.equivalenceP(),
                tests.independenceP(),
                tests.notMinimal().size(),
                audit.checks().size(),
                audit.rSquared(),
                audit.signAgreement(),
                audit.slope(),
                stability.stream()
                        .mapToDouble(Stability::meanSelected)
                        .average()
                        .orElse(Double.NaN),
                toString().lines().collect(ImmutableList.toImmutableList()));
    }

    /**
     * The verdict, the ablations, the tests and the audit of all edges together, a line each: {@link #toString()} without
     * the lines on single parents.
     *
     * @return text of about ten lines
     */
    public String brief() {
        StringBuilder text = new StringBuilder();
        text.append("certificate for the circuit of ").append(root);
        text.append(": ").append(betterThanRandom() ? "better than random" : "no better than random");
        text.append(String.format(
                Locale.ROOT, " (alpha %.2f, %d of %d channels, %d held-out images)", alpha, size, channels, images));
        controls.forEach(control -> text.append("\n  ").append(control));
        curves.forEach(curve -> text.append("\n  sizes of MIB, ").append(curve));
        text.append("\n  ").append(tests);
        text.append("\n  ").append(audit);
        return text.toString();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(brief());
        audit.interactions().forEach(i -> text.append("\n  ").append(i));
        stability.forEach(s -> text.append("\n  ").append(s));
        return text.toString();
    }
}
