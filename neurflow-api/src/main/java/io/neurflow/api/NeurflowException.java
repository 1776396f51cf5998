package io.neurflow.api;

import org.jspecify.annotations.Nullable;

/**
 * The one unchecked exception of Neurflow for what the outside world got wrong: a model that cannot be imported exactly,
 * images that cannot be used, a result file that cannot be read. Its message is one line that says what was expected, what
 * came, and what to do next; control characters, and those that turn the direction of text, are replaced in it, since names in
 * files of strangers are quoted. Wrong arguments are {@link IllegalArgumentException}s.
 */
public class NeurflowException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what was expected, what came, what to do next
     */
    public NeurflowException(String message) {
        super(printable(message));
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what was expected, what came, what to do next
     * @param cause what led to it
     */
    public NeurflowException(String message, @Nullable Throwable cause) {
        super(printable(message), cause);
    }

    private static String printable(String message) {
        StringBuilder clean = new StringBuilder(message);
        for (int i = 0; i < clean.length(); i++) {
            char c = clean.charAt(i);
            if (Character.isISOControl(c) || (c >= '\u2028' && c <= '\u202E') || (c >= '\u2066' && c <= '\u2069')) {
                clean.setCharAt(i, c == '\n' || c == '\t' ? ' ' : '\uFFFD');
            }
        }
        return clean.toString();
    }
}
