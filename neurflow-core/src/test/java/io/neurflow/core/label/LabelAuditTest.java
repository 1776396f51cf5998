package io.neurflow.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.core.image.PatchPictures;
import io.neurflow.core.report.SampleCircuits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class LabelAuditTest {
    private static final ConceptCircuit CIRCUIT = SampleCircuits.small();
    private static final Usage PAID = new Usage(1, 0, 100, 10, OptionalDouble.of(0.5));
    private static final PatchPictures NONE = (patch, side) -> {
        throw new AssertionError("nobody asked for pictures");
    };

    private static ConceptLabels labels() {
        ImmutableList<ConceptLabel> all = CIRCUIT.groups().stream()
                .map(group -> new ConceptLabel(
                        group.name(), "anything", ImmutableList.of(), LabelOrigin.computed("somebody")))
                .collect(ImmutableList.toImmutableList());
        return new ConceptLabels(
                "somebody",
                ConceptLabels.digest(CIRCUIT),
                all,
                ImmutableList.of(),
                ImmutableList.of(),
                Optional.empty());
    }

    private static boolean belongs(ConceptLabel label, Patch patch) {
        NeuronGroup group = CIRCUIT.groups().stream()
                .filter(each -> each.name().equals(label.group()))
                .findFirst()
                .orElseThrow();
        return group.concept().contains(patch.index());
    }

    private static int odd(ConceptLabel label, ConceptView view) {
        List<Integer> strangers = new ArrayList<>();
        for (int i = 0; i < view.patches().size(); i++) {
            if (!belongs(label, view.patches().get(i))) {
                strangers.add(i);
            }
        }
        assertThat(strangers).as("patches that do not belong").hasSize(1);
        return strangers.get(0);
    }

    private static AuditResult audit(LabelAudit audit) {
        return audit.of(CIRCUIT, NONE, labels(), 1);
    }

    @Test
    void whoKnowsTheConceptIsAlwaysRight() {
        AuditResult result = audit(LabelAudit.by(
                        (label, view, ties) -> {
                            assertThat(view.patches()).hasSize(3).doesNotHaveDuplicates();
                            assertThat(view.group()).isEqualTo("question");
                            return new OddOneOutJudge.Choice(odd(label, view), PAID);
                        },
                        "an oracle")
                .choices(3));
        assertThat(result.asked()).isGreaterThan(20);
        assertThat(result.accuracy()).isEqualTo(1);
        assertThat(result.pValue()).isLessThan(1e-6);
        assertThat(result.usage().requests()).isEqualTo(result.asked());
        assertThat(result.usage().cost().orElseThrow()).isEqualTo(0.5 * result.asked());
        assertThat(result.toString()).startsWith("odd one out of 3 by an oracle: ");
    }

    @Test
    void whoGuessesIsRightByChance() {
        AuditResult result = audit(LabelAudit.by(
                        (label, view, ties) -> new OddOneOutJudge.Choice(
                                ties.nextInt(view.patches().size()), Usage.NONE),
                        "a guesser")
                .choices(3)
                .questions(60)
                .seed(5));
        assertThat(result.chance()).isEqualTo(1 / 3.0);
        assertThat(result.accuracy()).isBetween(0.25, 0.45);
        assertThat(result.pValue()).isGreaterThan(0.01);
    }

    @Test
    void whoIsAlwaysWrongScoresNothing() {
        AuditResult result = audit(LabelAudit.by(
                        (label, view, ties) -> new OddOneOutJudge.Choice((odd(label, view) + 1) % 3, Usage.NONE),
                        "a contrarian")
                .choices(3));
        assertThat(result.right()).isZero();
        assertThat(result.pValue()).isEqualTo(1);
    }

    @Test
    void theSameSeedAsksTheSameAndMoreQuestionsDoNotChangeTheFirst() {
        assertThat(asked(4, 1)).isEqualTo(asked(4, 1)).isNotEqualTo(asked(4, 2));
        List<String> few = asked(2, 1);
        assertThat(asked(4, 1)).containsAll(few);
    }

    private static List<String> asked(int questions, long seed) {
        List<String> all = new ArrayList<>();
        audit(LabelAudit.by(
                        (label, view, ties) -> {
                            all.add(label.group() + view.patches());
                            return new OddOneOutJudge.Choice(0, Usage.NONE);
                        },
                        "a clerk")
                .choices(3)
                .questions(questions)
                .seed(seed));
        return all;
    }

    @Test
    void anAnswerThatDoesNotComeIsAProblemAndWrongAndPaidFor() {
        AuditResult result = audit(LabelAudit.by(
                        (label, view, ties) -> {
                            throw new UnlabelledException("the model declined", PAID);
                        },
                        "a mute")
                .choices(3)
                .questions(1));
        assertThat(result.right()).isZero();
        assertThat(result.asked()).isPositive();
        assertThat(result.problems()).hasSize(result.asked()).allMatch(problem -> problem.reason()
                .equals("the model declined"));
        assertThat(result.usage().requests()).isEqualTo(result.asked());
    }

    @Test
    void whatTheAuditAskedForIsInTheSumThatPeopleSee() {
        AuditResult result = audit(LabelAudit.by((label, view, ties) -> new OddOneOutJudge.Choice(0, PAID), "a clerk")
                .choices(3));
        int requests = result.asked();
        ConceptLabels labels = labels().with(result);
        assertThat(labels.usage()).isEqualTo(Usage.NONE);
        assertThat(labels.toString())
                .contains("\n" + requests + " requests, " + 100 * requests + " tokens in")
                .contains("of these the audit: " + requests + " requests");
        assertThat(LabelsJson.read(LabelsJson.write(labels))).isEqualTo(labels);
    }

    @Test
    void labelsOfAnotherCircuitAreRefused() {
        ConceptLabels other = new ConceptLabels(
                "somebody", "00", ImmutableList.of(), ImmutableList.of(), ImmutableList.of(), Optional.empty());
        assertThatThrownBy(() -> LabelAudit.by((label, view, ties) -> new OddOneOutJudge.Choice(0, Usage.NONE), "x")
                        .of(CIRCUIT, NONE, other, 1))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("they were made for another one")
                .hasMessageContaining("label this circuit");
    }

    @Test
    void settingsOutOfRangeFailAtTheCall() {
        LabelAudit audit = LabelAudit.by((label, view, ties) -> new OddOneOutJudge.Choice(0, Usage.NONE), "x");
        assertThatThrownBy(() -> audit.choices(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected 2 to 20 patches to choose from, but it is 1");
        assertThatThrownBy(() -> audit.questions(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected 1 question or more for each group, but it is 0");
    }
}
