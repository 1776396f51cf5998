package io.neurflow.core.debug;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.SemanticGroup;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The confidence with which a model sees a group's concept in a patch (Section 5):
 *
 * <p>M(v, S<sub>G</sub>, D) = exp(1/|S'<sub>G</sub>| &Sigma;<sub>s</sub> log(&phi;<sub>s</sub>(v) / max<sub>D</sub>
 * &phi;<sub>s</sub>)), s over the neurons S'<sub>G</sub> nearest to the group's centre (Appendix F).
 *
 * <p>{@link ConfidenceRule} says what becomes of zero, negative and large activations. The maximum over D is the activation
 * of the first patch of the neuron's concept, which the circuit carries; D are the patches that the circuit was built from.
 * An immutable value: configuration methods return a copy.
 */
public final class ConceptConfidence {
    /** &epsilon; of the rules that have one: what a silent neuron contributes instead of 0. The authors' number. */
    public static final double EPSILON = 1e-6;

    /** How many neurons are looked at by default: Appendix F. */
    public static final int NEAREST = 5;

    private static final int TRIMMED_PART = 5;

    private final ConceptCircuit circuit;
    private final NeuronGroup group;
    private final ConfidenceRule rule;
    private final int nearest;
    private final ImmutableList<Neuron> neurons;
    private final ImmutableDoubleArray references;

    private ConceptConfidence(ConceptCircuit circuit, NeuronGroup group, ConfidenceRule rule, int nearest) {
        this.circuit = circuit;
        this.group = group;
        this.rule = rule;
        this.nearest = nearest;
        List<SemanticGroup> members = group.byDistance().stream().limit(nearest).toList();
        boolean perMember = rule == ConfidenceRule.MEAN_OF_GROUP;
        this.neurons = perMember
                ? members.stream().map(SemanticGroup::neuron).collect(ImmutableList.toImmutableList())
                : group.nearest(nearest);
        this.references = ImmutableDoubleArray.copyOf(
                perMember
                        ? members.stream().mapToDouble(this::meanOverGroup)
                        : neurons.stream().mapToDouble(this::highest));
    }

    /**
     * M by the default rule, over the {@value #NEAREST} nearest neurons.
     *
     * @param circuit what the group belongs to
     * @param group G, one of the circuit's
     * @return the metric
     * @throws IllegalArgumentException if the group is not one of the circuit's
     */
    public static ConceptConfidence of(ConceptCircuit circuit, NeuronGroup group) {
        checkArgument(
                circuit.groups().contains(group),
                "expected a group of the circuit, but %s is none; circuit.groups() lists them",
                group.name());
        return new ConceptConfidence(circuit, group, ConfidenceRule.RELU_CLIPPED, NEAREST);
    }

    /**
     * Another rule. {@link ConfidenceRule#RELU_CLIPPED} by default.
     *
     * @param which the rule
     * @return a copy
     */
    public ConceptConfidence rule(ConfidenceRule which) {
        return new ConceptConfidence(circuit, group, which, nearest);
    }

    /**
     * How many neurons to look at, nearest to the group's centre first. {@value #NEAREST} by default. Under
     * {@link ConfidenceRule#MEAN_OF_GROUP} these are semantic groups.
     *
     * @param most 1 or more
     * @return a copy
     */
    public ConceptConfidence nearest(int most) {
        checkArgument(most >= 1, "expected at least 1 neuron to look at, but it is %s", most);
        return new ConceptConfidence(circuit, group, rule, most);
    }

    private CircuitNode node(Neuron neuron) {
        return circuit.neurons().node(neuron);
    }

    private double highest(Neuron neuron) {
        return node(neuron).concept().activations().get(0);
    }

    private double meanOverGroup(SemanticGroup member) {
        NeuronConcept concept = node(member.neuron()).concept();
        return member.patches().stream()
                .mapToDouble(
                        patch -> concept.activations().get(concept.patches().indexOf(patch)))
                .average()
                .orElse(0);
    }

    /**
     * The group that is looked for.
     *
     * @return G
     */
    public NeuronGroup group() {
        return group;
    }

    /**
     * The neurons that are looked at.
     *
     * @return S'<sub>G</sub>, nearest first; with repetitions under {@link ConfidenceRule#MEAN_OF_GROUP}
     */
    public ImmutableList<Neuron> neurons() {
        return neurons;
    }

    /**
     * The term of each neuron, before the mean over them.
     *
     * @param pooled &phi; of every channel of the group's layer for a patch v
     * @return one value for each of {@link #neurons()}
     */
    public ImmutableDoubleArray shares(double[] pooled) {
        int channels = group.layer().shape().channels();
        checkArgument(
                pooled.length == channels,
                "expected an activation for each of %s channels of %s, but there are %s",
                channels,
                group.layer().name(),
                pooled.length);
        ImmutableDoubleArray.Builder shares = ImmutableDoubleArray.builder(neurons.size());
        for (int i = 0; i < neurons.size(); i++) {
            shares.add(share(pooled[neurons.get(i).channel()], references.get(i)));
        }
        return shares.build();
    }

    private double share(double activation, double reference) {
        if (rule == ConfidenceRule.ABS) {
            return reference == 0 ? 0 : Math.abs(activation / reference);
        }
        double share = Math.max(activation, 0) / (Math.abs(reference) + EPSILON) + EPSILON;
        return rule == ConfidenceRule.MEAN_OF_GROUP ? share : Math.min(share, 1);
    }

    /**
     * M for a patch.
     *
     * @param pooled &phi; of every channel of the group's layer for a patch v, as {@code ModelProbe.pooled} gives it
     * @return 0 (the concept is not there) or more; 1 at the most under {@link ConfidenceRule#RELU_CLIPPED} and
     *     {@link ConfidenceRule#TRIMMED_MEAN}
     */
    public double score(double[] pooled) {
        double[] shares = shares(pooled).toArray();
        if (rule == ConfidenceRule.TRIMMED_MEAN) {
            Arrays.sort(shares);
            int cut = shares.length / TRIMMED_PART;
            return Arrays.stream(shares, cut, shares.length - cut).average().orElse(0);
        }
        double sum = 0;
        for (double share : shares) {
            sum += Math.log(share);
        }
        return Math.exp(sum / shares.length);
    }

    @Override
    public String toString() {
        return "M of " + group.name() + " over " + neurons + ", " + rule.name().toLowerCase(Locale.ROOT);
    }
}
