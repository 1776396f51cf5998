package io.neurflow.core.label.langchain4j;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.neurflow.core.label.vision.VisionException;
import io.neurflow.core.label.vision.VisionException.Kind;
import io.neurflow.core.label.vision.VisionModel;
import io.neurflow.core.label.vision.VisionQuestion;
import io.neurflow.core.label.vision.VisionReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Any chat model of LangChain4j that takes pictures, of whatever provider. Build it without retries of its own
 * ({@code maxRetries(0)}): {@link io.neurflow.core.label.vision.VisionLabeler} repeats requests, and would do so on top.
 *
 * <pre>{@code
 * ChatModel gemini = GoogleAiGeminiChatModel.builder().apiKey(key).modelName("…").maxRetries(0).build();
 * VisionLabeler labeler = VisionLabeler.of(LangChainModel.of(gemini).hiding(key));
 * }</pre>
 *
 * <p>An immutable value: every method that configures returns a copy.
 */
public final class LangChainModel implements VisionModel {
    private static final int LONGEST_MESSAGE = 300;

    private final ChatModel model;
    private final String settings;
    private final Secrets secrets;

    LangChainModel(ChatModel model, String settings, Secrets secrets) {
        this.model = model;
        this.settings = settings;
        this.secrets = secrets;
    }

    /**
     * A model whose settings are its provider, temperature, top p and the most tokens of an answer, as far as it says them.
     *
     * @param model that takes pictures in messages
     * @return the same for labelers
     */
    public static LangChainModel of(ChatModel model) {
        StringBuilder settings = new StringBuilder(model.provider().name());
        ChatRequestParameters parameters = model.defaultRequestParameters();
        add(settings, "temperature", parameters.temperature());
        add(settings, "top p", parameters.topP());
        add(settings, "at most", parameters.maxOutputTokens());
        return new LangChainModel(model, settings.toString(), new Secrets(List.of()));
    }

    private static void add(StringBuilder settings, String name, @Nullable Object value) {
        if (value != null) {
            settings.append(", ").append(name).append(' ').append(value);
        }
    }

    /**
     * Says what else decides on the answers, in place of what {@link #of} found out, for instance the address of a server.
     *
     * @param text one line, no secrets
     * @return a copy
     */
    public LangChainModel settings(String text) {
        return new LangChainModel(model, secrets.hideAll(text), secrets);
    }

    /**
     * Takes a key out of all messages and answers, should a server repeat it.
     *
     * @param key that the model was given
     * @return a copy
     */
    public LangChainModel hiding(String key) {
        Secrets more = secrets.and(key);
        return new LangChainModel(model, more.hide(settings), more);
    }

    @Override
    public String name() {
        String name = model.defaultRequestParameters().modelName();
        return secrets.hideAll(name == null ? model.getClass().getSimpleName() : name);
    }

    @Override
    public String settings() {
        return settings;
    }

    @Override
    public VisionReply ask(VisionQuestion question) {
        UserMessage.Builder user = UserMessage.builder().addContent(TextContent.from(question.task()));
        for (VisionQuestion.Exhibit exhibit : question.exhibits()) {
            user.addContent(TextContent.from(exhibit.title() + ":"));
            user.addContent(ImageContent.from(exhibit.picture().base64(), "image/png"));
        }
        ChatResponse response;
        try {
            response = model.chat(ChatRequest.builder()
                    .messages(SystemMessage.from(question.role()), user.build())
                    .build());
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw translated(e);
        }
        FinishReason reason = response.finishReason();
        String text = response.aiMessage() == null ? null : response.aiMessage().text();
        if (reason == FinishReason.CONTENT_FILTER) {
            throw new VisionException(Kind.REFUSED, "a content filter of the provider stopped the answer");
        }
        if (text == null || text.isBlank()) {
            throw new VisionException(Kind.UNAVAILABLE, "the server sent an answer without text");
        }
        TokenUsage usage = response.tokenUsage();
        return new VisionReply(
                secrets.hideAll(text),
                reason == FinishReason.LENGTH,
                count(usage == null ? null : usage.inputTokenCount()),
                count(usage == null ? null : usage.outputTokenCount()));
    }

    private static OptionalLong count(@Nullable Integer tokens) {
        return tokens == null ? OptionalLong.empty() : OptionalLong.of(tokens);
    }

    /** Without its cause: a stack trace would print what was taken out of the message. */
    private VisionException translated(RuntimeException e) {
        if (e instanceof ContentFilteredException) {
            return new VisionException(Kind.REFUSED, message(e));
        }
        Optional<Duration> after = cause(e, RetryAfterException.class).flatMap(RetryAfterException::retryAfter);
        Optional<Integer> status = cause(e, HttpException.class).map(HttpException::statusCode);
        if (status.isPresent()) {
            return ofStatus(status.get(), message(e), after);
        }
        if (e instanceof RateLimitException) {
            return new VisionException(Kind.RATE_LIMITED, "the rate limit is reached: " + message(e));
        }
        if (e instanceof AuthenticationException) {
            return new VisionException(Kind.UNAUTHORISED, "the key is missing or wrong: " + message(e));
        }
        if (e instanceof InvalidRequestException || e instanceof ModelNotFoundException) {
            return new VisionException(Kind.REJECTED, "the server does not take the request: " + message(e));
        }
        if (e instanceof dev.langchain4j.exception.TimeoutException
                || cause(e, java.net.http.HttpTimeoutException.class).isPresent()) {
            return new VisionException(Kind.TIMED_OUT, "the server took too long: " + message(e));
        }
        if (e instanceof InternalServerException || e instanceof UnresolvedModelServerException) {
            return new VisionException(Kind.UNAVAILABLE, "the server has a problem: " + message(e));
        }
        if (cause(e, java.net.ConnectException.class).isPresent()) {
            return new VisionException(Kind.UNAVAILABLE, "the server cannot be reached; is it running?");
        }
        if (cause(e, java.io.IOException.class).isPresent()) {
            return new VisionException(Kind.UNAVAILABLE, "the server sent what is no answer: " + message(e));
        }
        return new VisionException(
                Kind.UNAVAILABLE,
                "the server sent what is no answer (" + e.getClass().getSimpleName() + "): " + message(e));
    }

    private static VisionException ofStatus(int status, String message, Optional<Duration> after) {
        String said = "the server says HTTP " + status + " (" + message + ")";
        if (status == 401 || status == 403) {
            return new VisionException(Kind.UNAUTHORISED, said + "; check the key");
        }
        if (status == 429) {
            return new VisionException(Kind.RATE_LIMITED, said, after);
        }
        if (status == 404) {
            return new VisionException(Kind.REJECTED, said + "; check the address and the model's name");
        }
        return new VisionException(
                status == 408 || status == 409 || status >= 500 ? Kind.UNAVAILABLE : Kind.REJECTED, said, after);
    }

    private static <T extends Throwable> Optional<T> cause(Throwable e, Class<T> type) {
        int depth = 0;
        for (Throwable at = e; at != null && depth < 10; at = at.getCause()) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
            depth++;
        }
        return Optional.empty();
    }

    /** What the innermost cause says, on one line. */
    private String message(Throwable e) {
        Throwable innermost =
                cause(e, HttpException.class).map(Throwable.class::cast).orElse(e);
        String text = secrets.hideAll(String.valueOf(innermost.getMessage()))
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE) + "...";
    }

    @Override
    public String toString() {
        return name() + " (" + settings + ")";
    }
}
