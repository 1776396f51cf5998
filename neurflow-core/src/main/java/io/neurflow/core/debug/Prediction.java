package io.neurflow.core.debug;

import io.neurflow.api.SourceImage;
import java.util.Locale;

/**
 * What the model says of an input, with a mask or without.
 *
 * @param image the image that the input comes from
 * @param patch index of the input among the patches
 * @param top the class of the highest logit, the lower one on ties
 * @param probability softmax of the class in question, between 0 and 1
 * @param logit logit of the class in question
 */
public record Prediction(SourceImage image, int patch, int top, double probability, double logit) {
    static Prediction of(SourceImage image, int patch, int target, double[] logits) {
        int top = 0;
        for (int c = 1; c < logits.length; c++) {
            top = logits[c] > logits[top] ? c : top;
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - logits[top]);
        }
        double probability = Math.exp(logits[target] - logits[top]) / sum;
        return new Prediction(image, patch, top, probability, logits[target]);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s: class %d, p %.3f, logit %.2f", image.name(), top, probability, logit);
    }
}
