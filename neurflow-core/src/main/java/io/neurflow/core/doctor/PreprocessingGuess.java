package io.neurflow.core.doctor;

import io.neurflow.core.image.Preprocessing;

/**
 * How well one way of preparing images goes with a model.
 *
 * @param name such as {@code imagenet} or {@code 0..1, BGR}
 * @param preprocessing what it does
 * @param score larger is better; comparable within one examination only
 * @param evidence what the score is made of, in words and figures
 */
public record PreprocessingGuess(String name, Preprocessing preprocessing, double score, String evidence) {
    @Override
    public String toString() {
        return name + ": " + evidence;
    }
}
