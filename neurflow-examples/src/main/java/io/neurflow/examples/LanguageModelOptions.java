package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.core.label.langchain4j.OpenAiEndpoint;
import io.neurflow.core.label.vision.Patience;
import io.neurflow.core.label.vision.Prices;
import io.neurflow.core.label.vision.VisionLabeler;
import io.neurflow.core.store.RunStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which language model to ask, and how. */
final class LanguageModelOptions {
    /** Side of a patch in the pictures that are sent. */
    static final int PATCH_SIDE = 112;

    private static final String OPENAI_KEY = "OPENAI_API_KEY";

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description = "For openai: the server's address up to /v1; https://api.openai.com/v1 by default.")
    private @Nullable String baseUrl;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "For openai: the language model that looks at the patches, as the server calls it.")
    private @Nullable String model;

    @Option(
            names = "--key-env",
            paramLabel = "VARIABLE",
            description = "For openai: the environment variable that holds the key. Default: " + OPENAI_KEY
                    + " for OpenAI's own address, no key for others.")
    private @Nullable String keyVariable;

    @Option(
            names = "--prices",
            paramLabel = "IN,OUT",
            description =
                    "For openai: what a million tokens cost, of questions and of answers, to have the cost counted.")
    private @Nullable String prices;

    @Option(
            names = "--requests-per-minute",
            paramLabel = "N",
            description = "For openai: ask no more often; as fast as answers come by default.")
    private @Nullable Integer rate;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            description = "For openai: seconds to wait for an answer. Default: 120.")
    private @Nullable Integer timeout;

    @Option(
            names = "--attempts",
            paramLabel = "N",
            description =
                    "For openai: how often to ask a server that is busy or cannot be reached, with longer and longer"
                            + " waits. Default: 6.")
    private @Nullable Integer attempts;

    @Option(
            names = "--temperature",
            paramLabel = "X|model",
            description =
                    "For openai: temperature, 0 by default; 'model' says none, for models that take no other than theirs.")
    private @Nullable String temperature;

    @Option(
            names = "--most-tokens",
            paramLabel = "N",
            description =
                    "For openai: length of an answer; models that think before they answer need more. Default: 1000.")
    private @Nullable Integer mostTokens;

    @Option(
            names = "--store",
            paramLabel = "DIR",
            description = "For openai: keep answers here, and ask nothing twice. Default: 'answers' in --out.")
    private @Nullable Path store;

    void check(boolean asked) {
        if (!asked) {
            checkArgument(
                    baseUrl == null
                            && model == null
                            && keyVariable == null
                            && prices == null
                            && rate == null
                            && timeout == null
                            && attempts == null
                            && temperature == null
                            && mostTokens == null
                            && store == null,
                    "expected --labeler openai for the options of a language model, but it is another; say --labeler openai,"
                            + " or leave them out");
            return;
        }
        checkArgument(
                model != null,
                "expected a language model for --labeler openai, but there is none; name one with --model");
        checkArgument(
                !isFile(model),
                "expected the name of a language model for --model, but '%s' is a file; the classifier's circuit goes to"
                        + " --circuit",
                model);
        checkArgument(rate == null || rate >= 1, "expected 1 or more for --requests-per-minute, but it is %s", rate);
        checkArgument(timeout == null || timeout >= 1, "expected 1 or more for --timeout, but it is %s", timeout);
        checkArgument(attempts == null || attempts >= 1, "expected 1 or more for --attempts, but it is %s", attempts);
        checkArgument(
                mostTokens == null || mostTokens >= 1,
                "expected 1 or more for --most-tokens, but it is %s",
                mostTokens);
        temperature();
        parsedPrices();
        endpoint(false);
    }

    private static boolean isFile(String name) {
        try {
            return Files.exists(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private OptionalDouble temperature() {
        if (temperature == null) {
            return OptionalDouble.of(0);
        }
        if (temperature.equals("model")) {
            return OptionalDouble.empty();
        }
        checkArgument(
                temperature.matches("[0-9]+(\\.[0-9]+)?"),
                "expected a number or 'model' for --temperature, but it is %s",
                temperature);
        return OptionalDouble.of(Double.parseDouble(temperature));
    }

    private @Nullable Prices parsedPrices() {
        if (prices == null) {
            return null;
        }
        String number = "[0-9]+(\\.[0-9]+)?";
        checkArgument(
                prices.matches(number + "," + number),
                "expected two prices parted by a comma for --prices, such as 2.50,10, but it is %s",
                prices);
        int comma = prices.indexOf(',');
        return new Prices(
                Double.parseDouble(prices.substring(0, comma)), Double.parseDouble(prices.substring(comma + 1)));
    }

    private OpenAiEndpoint endpoint(boolean withKey) {
        URI address;
        try {
            address = baseUrl == null ? OpenAiEndpoint.OPENAI : new URI(baseUrl);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "expected an address such as http://localhost:11434/v1 for --base-url, but it is none; check it");
        }
        OpenAiEndpoint endpoint = OpenAiEndpoint.at(address, java.util.Objects.requireNonNull(model))
                .temperature(temperature());
        endpoint = timeout == null ? endpoint : endpoint.timeout(Duration.ofSeconds(timeout));
        endpoint = mostTokens == null ? endpoint : endpoint.mostTokens(mostTokens);
        // The key for OpenAI does not go to other servers unless somebody says so.
        String variable = keyVariable != null ? keyVariable : baseUrl == null ? OPENAI_KEY : null;
        if (!withKey || variable == null) {
            return endpoint;
        }
        checkArgument(
                variable.matches("[A-Za-z_][A-Za-z0-9_]*"),
                "expected the name of an environment variable for --key-env, but it is none; put the key itself into a"
                        + " variable, and name that");
        String key = System.getenv(variable);
        checkArgument(
                key != null && !key.isBlank(),
                "expected a key in the environment variable %s, but there is none; set it, or name another with --key-env",
                variable);
        return endpoint.key(key.strip());
    }

    /** Looks for the key only if something will be asked. */
    VisionLabeler labeler(Path out, boolean dryRun) {
        Patience patience = Patience.STANDARD;
        if (attempts != null) {
            patience = new Patience(
                    attempts,
                    patience.firstWait(),
                    patience.longestWait(),
                    patience.longestRetryAfter(),
                    patience.betweenRequests());
        }
        if (rate != null) {
            patience = patience.requestsPerMinute(rate);
        }
        VisionLabeler labeler =
                VisionLabeler.of(endpoint(!dryRun).open()).patience(patience).patchSide(PATCH_SIDE);
        Prices known = parsedPrices();
        labeler = known == null ? labeler : labeler.prices(known);
        return dryRun ? labeler : labeler.cache(RunStore.at(store == null ? out.resolve("answers") : store));
    }
}
