package io.neurflow.core.label.langchain4j;

import static com.google.common.base.Preconditions.checkArgument;

import dev.langchain4j.model.openai.OpenAiChatModel;
import io.neurflow.core.label.vision.VisionModel;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A server that speaks OpenAI's chat completions protocol: OpenAI itself, or one of your own, such as Ollama
 * ({@code http://localhost:11434/v1}), llama.cpp, vLLM or LM Studio. An immutable value: every method that configures returns a
 * copy.
 *
 * <p>The key is in the header of requests and nowhere else: not in labels, caches, messages or {@link #toString()}. It is not
 * sent over plain HTTP to another machine, and no redirect is followed.
 *
 * <pre>{@code
 * VisionModel model = OpenAiEndpoint.at(OpenAiEndpoint.OPENAI, "gpt-4o").key(System.getenv("OPENAI_API_KEY")).open();
 * }</pre>
 */
public final class OpenAiEndpoint {
    /** OpenAI's own address. */
    public static final URI OPENAI = URI.create("https://api.openai.com/v1");

    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    private final URI address;
    private final String model;
    private final @Nullable String key;
    private final Duration timeout;
    private final OptionalDouble temperature;
    private final int mostTokens;

    private OpenAiEndpoint(
            URI address,
            String model,
            @Nullable String key,
            Duration timeout,
            OptionalDouble temperature,
            int mostTokens) {
        this.address = address;
        this.model = model;
        this.key = key;
        this.timeout = timeout;
        this.temperature = temperature;
        this.mostTokens = mostTokens;
    }

    /**
     * A server without a key, a timeout of 2 minutes, temperature 0, answers of at most 1000 tokens.
     *
     * @param address up to and with {@code /v1}; without user, query or fragment
     * @param model as the server calls it
     * @return the endpoint
     */
    public static OpenAiEndpoint at(URI address, String model) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        // The address itself is not repeated: some people put keys into it.
        checkArgument(
                (scheme.equals("http") || scheme.equals("https")) && address.getHost() != null,
                "expected an address such as https://api.openai.com/v1 or http://localhost:11434/v1, but it is another"
                        + " kind of address");
        checkArgument(
                address.getUserInfo() == null && address.getQuery() == null && address.getFragment() == null,
                "expected an address without user, password, '?' and '#', but it has one of them; give the key apart");
        checkArgument(!model.isBlank(), "expected the name of a model, but it is blank");
        return new OpenAiEndpoint(address, model, null, Duration.ofMinutes(2), OptionalDouble.of(0), 1000);
    }

    /**
     * Sets the key. Default: none.
     *
     * @param key of printable ASCII characters
     * @return a copy
     * @throws IllegalArgumentException if it would go over plain HTTP to another machine
     */
    public OpenAiEndpoint key(String key) {
        checkArgument(
                !key.isBlank() && key.chars().allMatch(c -> c > 32 && c < 127),
                "expected a key of printable ASCII characters without spaces, but it has others or is blank; check the"
                        + " variable that it comes from");
        checkArgument(
                "https".equalsIgnoreCase(address.getScheme()) || THIS_MACHINE.contains(address.getHost()),
                "expected https for a key that goes to another machine (%s), but the address is http; use https, or no key",
                address.getHost());
        return new OpenAiEndpoint(address, model, key, timeout, temperature, mostTokens);
    }

    /**
     * How long to wait for a whole answer. Default: 2 minutes; local models on a CPU may need more.
     *
     * @param time more than 0
     * @return a copy
     */
    public OpenAiEndpoint timeout(Duration time) {
        checkArgument(!time.isNegative() && !time.isZero(), "expected a timeout of more than 0 s, but it is %s", time);
        return new OpenAiEndpoint(address, model, key, time, temperature, mostTokens);
    }

    /**
     * The temperature. Default: 0.
     *
     * @param t 0 to 2, or empty to say none, for models that take no other than theirs
     * @return a copy
     */
    public OpenAiEndpoint temperature(OptionalDouble t) {
        checkArgument(
                t.isEmpty() || (t.getAsDouble() >= 0 && t.getAsDouble() <= 2),
                "expected a temperature of 0 to 2, but it is %s",
                t);
        return new OpenAiEndpoint(address, model, key, timeout, t, mostTokens);
    }

    /**
     * How long an answer may be. Default: 1000 tokens; models that think before they answer need more.
     *
     * @param tokens at least 1
     * @return a copy
     */
    public OpenAiEndpoint mostTokens(int tokens) {
        checkArgument(tokens >= 1, "expected answers of 1 token or more, but it is %s", tokens);
        return new OpenAiEndpoint(address, model, key, timeout, temperature, tokens);
    }

    /**
     * Makes the model; nothing is sent yet.
     *
     * @return the model
     */
    public VisionModel open() {
        Secrets secrets = new Secrets(key == null ? List.of() : List.of(key));
        OpenAiChatModel.OpenAiChatModelBuilder builder = OpenAiChatModel.builder()
                .httpClientBuilder(Transport.builder(timeout, secrets))
                .baseUrl(address.toString())
                .modelName(model)
                .timeout(timeout)
                .maxRetries(0)
                .logRequests(false)
                .logResponses(false);
        temperature.ifPresent(builder::temperature);
        // OpenAI's newer models refuse the old name; many other servers do not know the new one.
        if (OPENAI.getHost().equals(address.getHost())) {
            builder.maxCompletionTokens(mostTokens);
        } else {
            builder.maxTokens(mostTokens);
        }
        if (key != null) {
            builder.apiKey(key);
        }
        return new LangChainModel(
                builder.build(),
                address
                        + (temperature.isPresent() ? ", temperature " + temperature.getAsDouble() : "")
                        + ", at most " + mostTokens + " tokens",
                secrets);
    }

    @Override
    public String toString() {
        return model + " at " + address + (key == null ? "" : ", with a key");
    }
}
