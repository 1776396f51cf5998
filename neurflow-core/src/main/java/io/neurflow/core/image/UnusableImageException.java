package io.neurflow.core.image;

import java.io.IOException;

/** Says in one line, fit for {@link ImageProblem#reason()}, why a file cannot be used. */
final class UnusableImageException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    UnusableImageException(String reason) {
        super(reason);
        this.reason = reason;
    }

    ImageProblem problemOf(Item item) {
        return new ImageProblem(item.name, reason);
    }
}
