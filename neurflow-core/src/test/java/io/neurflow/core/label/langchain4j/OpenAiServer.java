package io.neurflow.core.label.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A real HTTP server on this machine that speaks the chat completions protocol, and answers what it was told to. */
final class OpenAiServer implements AutoCloseable {
    /** What to do with one request. */
    @FunctionalInterface
    interface Turn {
        void take(HttpExchange exchange) throws IOException;
    }

    final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());
    final List<String> keys = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Turn> turns = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    OpenAiServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", exchange -> {
            requests.add(new ObjectMapper().readTree(exchange.getRequestBody()));
            keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            Turn turn;
            synchronized (turns) {
                turn = turns.size() > 1 ? turns.remove() : turns.element();
            }
            turn.take(exchange);
        });
        server.start();
    }

    /** The last one is repeated. */
    OpenAiServer then(Turn turn) {
        synchronized (turns) {
            turns.add(turn);
        }
        return this;
    }

    OpenAiServer answers(String text) {
        return then(exchange -> send(exchange, 200, completion("\"content\":" + quoted(text), "stop")));
    }

    static String completion(String message, String reason) {
        return "{\"id\":\"1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"tiny-vision\",\"choices\":[{\"index\":0,"
                + "\"message\":{\"role\":\"assistant\"," + message + "},\"finish_reason\":\"" + reason
                + "\"}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":20,\"total_tokens\":1020}}";
    }

    static String quoted(String text) {
        return new ObjectMapper().valueToTree(text).toString();
    }

    static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
