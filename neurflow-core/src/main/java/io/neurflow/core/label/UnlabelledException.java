package io.neurflow.core.label;

import io.neurflow.api.NeurflowException;

/** There is no answer for one group: it was refused, or could not be understood. Others may have one. */
public final class UnlabelledException extends NeurflowException {
    private static final long serialVersionUID = 1L;

    private final transient Usage usage;

    /**
     * Creates an exception.
     *
     * @param message what was expected, and what came
     * @param usage what was asked for in vain
     */
    public UnlabelledException(String message, Usage usage) {
        super(message);
        this.usage = usage;
    }

    /**
     * What was asked for in vain.
     *
     * @return what it took
     */
    public Usage usage() {
        return usage;
    }
}
