package io.neurflow.core.label.vision;

/** An answer that does not keep to the form; says what is wrong with it, for the model to read. */
final class MalformedAnswerException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedAnswerException(String message) {
        super(message);
    }
}
