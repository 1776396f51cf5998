package io.neurflow.core.label.vision;

import io.neurflow.api.NeurflowException;
import java.time.Duration;
import java.util.Optional;

/** Why a model did not answer. Its message holds no secrets, and it has no cause, since that might. */
public final class VisionException extends NeurflowException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final transient Optional<Duration> retryAfter;

    /** What happened. */
    public enum Kind {
        /** Too many requests, or a quota is used up (HTTP 429); asked again after a while. */
        RATE_LIMITED(true),
        /** The server cannot be reached, is busy or broken (HTTP 408, 5xx), or sent what is no answer; asked again. */
        UNAVAILABLE(true),
        /** No answer in time; asked again. */
        TIMED_OUT(true),
        /** The model or a filter declined to answer this question; not asked again. */
        REFUSED(false),
        /** The key is missing, wrong, or may not do this (HTTP 401, 403); ends the run. */
        UNAUTHORISED(false),
        /** The request is wrong: no such model, no pictures allowed (other HTTP 4xx); ends the run. */
        REJECTED(false);

        private final boolean again;

        Kind(boolean again) {
            this.again = again;
        }

        /** Whether it makes sense to ask the same again. */
        boolean again() {
            return again;
        }
    }

    /**
     * Creates an exception.
     *
     * @param kind what happened
     * @param message what came from the server, on one line, without secrets
     */
    public VisionException(Kind kind, String message) {
        this(kind, message, Optional.empty());
    }

    /**
     * Creates an exception for a server that said when to come back.
     *
     * @param kind what happened
     * @param message what came from the server, on one line, without secrets
     * @param retryAfter how long it asked us to wait
     */
    public VisionException(Kind kind, String message, Optional<Duration> retryAfter) {
        super(message);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    /**
     * What happened.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * How long the server asked us to wait.
     *
     * @return absent if it did not say
     */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
