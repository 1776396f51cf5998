package io.neurflow.core.label;

import java.util.random.RandomGenerator;

/** Finds the patch that a label does not fit; what a {@link LabelAudit} counts on. */
@FunctionalInterface
public interface OddOneOutJudge {
    /**
     * Chooses the patch that belongs least.
     *
     * @param label what all patches but one should have in common
     * @param choices patches in an order that tells nothing; the group's name and its other patches must not be looked at
     * @param ties decides between patches that fit equally badly
     * @return the patch, and what it took to find out
     * @throws UnlabelledException if there is no answer to this question
     * @throws io.neurflow.api.NeurflowException if there is no point in asking another
     */
    Choice oddOneOut(ConceptLabel label, ConceptView choices, RandomGenerator ties);

    /**
     * A patch that was chosen.
     *
     * @param position among the choices, from 0 on
     * @param usage what the answer took in this run
     */
    record Choice(int position, Usage usage) {}
}
