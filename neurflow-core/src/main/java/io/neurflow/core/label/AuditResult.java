package io.neurflow.core.label;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How often the odd one out was found.
 *
 * @param judge who chose, by {@link ConceptLabeler#name()}
 * @param choices m, patches in each question; 1/m of the questions are right by chance
 * @param seed of the questions
 * @param groups the groups that were asked about, in the order of the circuit
 * @param problems questions that got no usable answer; they count as wrong
 * @param usage what the answers took
 */
public record AuditResult(
        String judge,
        int choices,
        long seed,
        ImmutableList<Score> groups,
        ImmutableList<LabelProblem> problems,
        Usage usage) {
    /** Checks that there were choices. */
    public AuditResult {
        checkArgument(choices >= 2, "expected 2 or more choices, but there are %s", choices);
    }

    /**
     * Of one group.
     *
     * @param group its name
     * @param right questions whose odd patch was found
     * @param asked questions
     * @param unseen whether all questions were asked with patches of the group that its label was not made from
     */
    public record Score(String group, int right, int asked, boolean unseen) {
        /** Checks the counts. */
        public Score {
            checkArgument(
                    right >= 0 && right <= asked, "expected 0 to %s right answers, but there are %s", asked, right);
        }

        @Override
        public String toString() {
            return group + " " + right + "/" + asked + (unseen ? "" : " (with patches that the label was made from)");
        }
    }

    /**
     * All right answers.
     *
     * @return 0 or more
     */
    public int right() {
        return groups.stream().mapToInt(Score::right).sum();
    }

    /**
     * All questions.
     *
     * @return 0 or more
     */
    public int asked() {
        return groups.stream().mapToInt(Score::asked).sum();
    }

    /**
     * The share of right answers.
     *
     * @return 0 to 1; 0 if nothing was asked
     */
    public double accuracy() {
        return asked() == 0 ? 0 : (double) right() / asked();
    }

    /**
     * What guessing gives.
     *
     * @return 1/m
     */
    public double chance() {
        return 1.0 / choices;
    }

    /**
     * The lower end of the Clopper-Pearson interval of 95 % for the accuracy. It takes the questions as independent; they
     * share patches, so it is somewhat too narrow.
     *
     * @return 0 to 1
     */
    public double lower() {
        return asked() == 0 ? 0 : Binomial.lower(right(), asked());
    }

    /**
     * The upper end.
     *
     * @return 0 to 1
     */
    public double upper() {
        return asked() == 0 ? 1 : Binomial.upper(right(), asked());
    }

    /**
     * How likely guessing is that good or better: P(X &ge; right) of asked trials with probability 1/m.
     *
     * @return 0 to 1
     */
    public double pValue() {
        return Binomial.atLeast(right(), asked(), chance());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "odd one out of %d by %s: %d of %d right, %.0f %% (95 %% interval %.0f to %.0f %%), chance %.0f %%, p = %.2g%s",
                choices,
                judge,
                right(),
                asked(),
                100 * accuracy(),
                100 * lower(),
                100 * upper(),
                100 * chance(),
                pValue(),
                groups.stream().map(score -> "\n    " + score).collect(Collectors.joining()));
    }
}
