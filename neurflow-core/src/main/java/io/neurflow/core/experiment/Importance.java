package io.neurflow.core.experiment;

import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Selection;
import io.neurflow.core.rival.ChannelRanking;
import io.neurflow.core.rival.Question;

/**
 * The paper's importance score (Eq. 2) as a ranking among others.
 *
 * @param quadrature nodes and weights
 * @param selection what ranks: |T|, or the mean of the patches' magnitudes
 */
public record Importance(Quadrature quadrature, Selection selection) implements ChannelRanking {
    @Override
    public String name() {
        return selection == Selection.ABS_OF_SUM ? "importance score T" : "importance, mean magnitude";
    }

    @Override
    public boolean signed() {
        return selection == Selection.ABS_OF_SUM;
    }

    @Override
    public double[] scores(Question question) {
        return values(
                question.probe().importance(question.source(), question.maps(), question.target(), quadrature),
                selection);
    }

    static double[] values(ImportanceScores scores, Selection selection) {
        return selection == Selection.ABS_OF_SUM ? scores.sums() : scores.meanMagnitudes();
    }
}
