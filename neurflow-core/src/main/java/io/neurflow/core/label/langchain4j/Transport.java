package io.neurflow.core.label.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * HTTP for LangChain4j's OpenAI client: the JDK's client, which keeps {@code Retry-After}, follows no redirect (it would carry
 * the key to another server), and reads no answer of more than 8 MiB.
 */
final class Transport implements HttpClient {
    private static final int MOST_BYTES = 8 << 20;
    private static final int MOST_SHOWN = 2000;

    private final java.net.http.HttpClient client;
    private final Duration timeout;
    private final Secrets secrets;

    private Transport(java.net.http.HttpClient client, Duration timeout, Secrets secrets) {
        this.client = client;
        this.timeout = timeout;
        this.secrets = secrets;
    }

    static HttpClientBuilder builder(Duration timeout, Secrets secrets) {
        return new Builder(timeout, secrets);
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
        java.net.http.HttpRequest.Builder wire = java.net.http.HttpRequest.newBuilder(URI.create(request.url()))
                .method(
                        request.method().name(),
                        request.body() == null
                                ? java.net.http.HttpRequest.BodyPublishers.noBody()
                                : java.net.http.HttpRequest.BodyPublishers.ofString(request.body()));
        request.headers().forEach((name, values) -> values.forEach(value -> wire.header(name, value)));
        Body body = new Body();
        CompletableFuture<HttpResponse<Void>> exchange =
                client.sendAsync(wire.build(), HttpResponse.BodyHandlers.ofByteArrayConsumer(body));
        try {
            // The request's own timeout ends when the headers are there; this one is for all of the answer.
            HttpResponse<Void> response = exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            String text = body.text();
            if (response.statusCode() / 100 != 2) {
                throw new RetryAfterException(
                        response.statusCode(), secrets.hideAll(shortened(text)), retryAfter(response, Instant.now()));
            }
            return SuccessfulHttpResponse.builder()
                    .statusCode(response.statusCode())
                    .headers(response.headers().map())
                    .body(text)
                    .build();
        } catch (TimeoutException e) {
            exchange.cancel(true);
            throw new UncheckedIOException(
                    new HttpTimeoutException("no whole answer within " + timeout.toMillis() / 1000.0 + " s"));
        } catch (ExecutionException e) {
            throw new UncheckedIOException(
                    e.getCause() instanceof IOException io
                            ? io
                            : new IOException("the connection failed", e.getCause()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            exchange.cancel(true);
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for an answer");
        }
    }

    /** The bytes of an answer, up to a limit: what comes after that is not kept. */
    private static final class Body implements Consumer<Optional<byte[]>> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean tooLong;

        @Override
        public synchronized void accept(Optional<byte[]> part) {
            part.ifPresent(more -> {
                if (bytes.size() + more.length > MOST_BYTES) {
                    tooLong = true;
                } else {
                    bytes.writeBytes(more);
                }
            });
        }

        synchronized String text() throws IOException {
            if (tooLong) {
                throw new IOException("the answer has more than " + MOST_BYTES + " bytes");
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private static String shortened(String body) {
        return body.length() <= MOST_SHOWN ? body : body.substring(0, MOST_SHOWN) + "...";
    }

    /** Seconds, or a date (RFC 9110, 10.2.3); also OpenAI's {@code retry-after-ms}. */
    static Optional<Duration> retryAfter(HttpResponse<?> response, Instant now) {
        Optional<String> millis = response.headers().firstValue("retry-after-ms");
        if (millis.isPresent() && millis.get().matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofMillis(Long.parseLong(millis.get())));
        }
        return response.headers().firstValue("retry-after").flatMap(text -> retryAfter(text.strip(), now));
    }

    static Optional<Duration> retryAfter(String text, Instant now) {
        if (text.matches("[0-9]{1,9}(\\.[0-9]+)?")) {
            return Optional.of(Duration.ofMillis(Math.round(1000 * Double.parseDouble(text))));
        }
        try {
            Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    @Override
    public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        throw new UnsupportedFeatureException("labels are asked for whole, not as a stream");
    }

    /** Makes the client; timeouts are fixed beforehand. */
    private static final class Builder implements HttpClientBuilder {
        private final Duration timeout;
        private final Secrets secrets;

        Builder(Duration timeout, Secrets secrets) {
            this.timeout = timeout;
            this.secrets = secrets;
        }

        @Override
        public Duration connectTimeout() {
            return timeout;
        }

        @Override
        public HttpClientBuilder connectTimeout(Duration ignored) {
            return this;
        }

        @Override
        public Duration readTimeout() {
            return timeout;
        }

        @Override
        public HttpClientBuilder readTimeout(Duration ignored) {
            return this;
        }

        @Override
        public HttpClient build() {
            return new Transport(
                    java.net.http.HttpClient.newBuilder()
                            .connectTimeout(timeout)
                            // Over plain HTTP the JDK would ask for HTTP/2 first, which stops some local servers.
                            .version(java.net.http.HttpClient.Version.HTTP_1_1)
                            .followRedirects(java.net.http.HttpClient.Redirect.NEVER)
                            .build(),
                    timeout,
                    secrets);
        }
    }
}
