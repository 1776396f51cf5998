package io.neurflow.core.label;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SourceImage;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The labels of a circuit's groups, and how they were made. {@link LabelsJson} writes and reads them. An immutable value.
 *
 * @param labeler {@link ConceptLabeler#name()}
 * @param circuit {@link #digest(ConceptCircuit)} of the circuit that was labelled
 * @param labels in the order of the circuit's groups; those without a label are left out
 * @param formations how groups form from those below, in the same order; empty if the labeler cannot say
 * @param problems what got no usable answer
 * @param audit how well the labels tell the groups' patches from others, if that was tried
 */
public record ConceptLabels(
        String labeler,
        String circuit,
        ImmutableList<ConceptLabel> labels,
        ImmutableList<Formation> formations,
        ImmutableList<LabelProblem> problems,
        Optional<AuditResult> audit) {

    /**
     * The label of a group.
     *
     * @param group any group
     * @return its label, if it has one
     */
    public Optional<ConceptLabel> of(NeuronGroup group) {
        return labels.stream()
                .filter(label -> label.group().equals(group.name()))
                .findFirst();
    }

    /**
     * The captions, for reports and other programs.
     *
     * @return by name of the group, in the order of the circuit
     */
    public ImmutableMap<String, String> captions() {
        return labels.stream().collect(ImmutableMap.toImmutableMap(ConceptLabel::group, ConceptLabel::caption));
    }

    /**
     * What this run asked for, not what earlier runs did.
     *
     * @return the sum over labels and formations that were not in a cache, and over problems; the audit has its own
     */
    public Usage usage() {
        Stream<Usage> answered = Stream.concat(
                        labels.stream().map(ConceptLabel::origin),
                        formations.stream().map(Formation::origin))
                .filter(origin -> !origin.cached())
                .map(LabelOrigin::usage);
        return Stream.concat(answered, problems.stream().map(LabelProblem::usage))
                .reduce(Usage.NONE, Usage::plus);
    }

    /**
     * The same labels with an audit.
     *
     * @param result of these labels
     * @return a copy
     */
    public ConceptLabels with(AuditResult result) {
        return new ConceptLabels(labeler, circuit, labels, formations, problems, Optional.of(result));
    }

    /**
     * Checks that these are labels of a circuit, and not of another one whose groups happen to have the same names.
     *
     * @param of the circuit
     * @return these labels
     * @throws NeurflowException if they are of another one
     */
    public ConceptLabels checkFits(ConceptCircuit of) {
        if (!circuit.equals(digest(of))) {
            throw new NeurflowException(
                    "expected labels of this circuit, but they were made for another one (its groups have"
                            + " other patches); label this circuit");
        }
        return this;
    }

    /**
     * Says what the groups of a circuit are: SHA-256 of the model's digest, the images' digests, and of each group its
     * name and its members with their patches. Weights do not count.
     *
     * @param circuit any circuit
     * @return 64 hexadecimal digits
     */
    public static String digest(ConceptCircuit circuit) {
        Hasher hasher = Hashing.sha256().newHasher();
        put(hasher, circuit.provenance().model().digest());
        hasher.putInt(circuit.images().size());
        for (SourceImage image : circuit.images()) {
            put(hasher, image.digest());
        }
        for (NeuronGroup group : circuit.groups()) {
            put(hasher, group.name());
            hasher.putInt(group.members().size());
            for (SemanticGroup member : group.members()) {
                put(hasher, member.neuron().toString());
                hasher.putInt(member.patches().length());
                member.patches().forEach(hasher::putInt);
            }
        }
        return hasher.hash().toString();
    }

    private static void put(Hasher hasher, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        hasher.putInt(bytes.length).putBytes(bytes);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("labels by ").append(labeler);
        labels.forEach(label -> text.append("\n  ").append(label));
        if (!formations.isEmpty()) {
            text.append("\nhow they form:");
            formations.forEach(formation -> text.append("\n  ").append(formation));
        }
        problems.forEach(problem -> text.append("\nno answer for ").append(problem));
        audit.ifPresent(result -> text.append('\n').append(result));
        if (usage().requests() > 0) {
            text.append('\n').append(usage());
        }
        return text.toString();
    }
}
