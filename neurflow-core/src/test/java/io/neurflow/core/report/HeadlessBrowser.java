package io.neurflow.core.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Chromium without a window, driven by its DevTools protocol. */
final class HeadlessBrowser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LISTENING = "DevTools listening on ";
    private static final int SECONDS = 20;

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger last = new AtomicInteger();
    private String session = "";

    private HeadlessBrowser(Process process, Path profile, URI endpoint) {
        this.process = process;
        this.profile = profile;
        this.socket = HttpClient.newBuilder()
                .proxy(HttpClient.Builder.NO_PROXY)
                .build()
                .newWebSocketBuilder()
                .buildAsync(endpoint, new Listener())
                .join();
    }

    /** The program, if this machine has it. */
    static Optional<Path> installed() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static HeadlessBrowser start(Path program) throws IOException {
        Path profile = Files.createTempDirectory("neurflow-browser");
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-quic",
                        "--disable-extensions",
                        "--disable-sync",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--window-size=1400,900",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader said = new BufferedReader(new InputStreamReader(process.getErrorStream(), UTF_8));
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith(LISTENING)) {
                Thread drain = new Thread(() -> said.lines().forEach(rest -> {}), "browser's complaints");
                drain.setDaemon(true);
                drain.start();
                return new HeadlessBrowser(process, profile, URI.create(line.substring(LISTENING.length())));
            }
        }
        process.destroyForcibly();
        throw new IOException(program + " ended without listening");
    }

    /** Opens a page in a tab of its own and waits until its scripts have run. */
    void open(URI page) throws Exception {
        session = "";
        String target = send("Target.createTarget", Map.of("url", "about:blank"))
                .get("targetId")
                .asText();
        session = send("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .asText();
        for (String domain : List.of("Runtime", "Log", "Page")) {
            send(domain + ".enable", Map.of());
        }
        send("Page.navigate", Map.of("url", page.toString()));
        await("location.protocol === 'file:' && document.readyState === 'complete'");
    }

    /** What an expression of the page is. */
    JsonNode eval(String expression) throws Exception {
        JsonNode answer =
                send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** Waits until an expression is true. */
    void await(String expression) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!eval(expression).asBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("never true: " + expression);
            }
            Thread.sleep(20);
        }
    }

    /** Presses and releases the left button in the middle of an element. */
    void click(String selector) throws Exception {
        JsonNode at = eval("(() => { const box = document.querySelector('" + selector
                + "').getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()");
        for (String kind : List.of("mousePressed", "mouseReleased")) {
            send(
                    "Input.dispatchMouseEvent",
                    Map.of("type", kind, "x", at.get(0), "y", at.get(1), "button", "left", "clickCount", 1));
        }
    }

    /** Presses the left button, moves, and releases it. */
    void drag(double x, double y, double across, double down) throws Exception {
        mouse("mousePressed", x, y, 1);
        mouse("mouseMoved", x + across / 2, y + down / 2, 1);
        mouse("mouseMoved", x + across, y + down, 1);
        mouse("mouseReleased", x + across, y + down, 0);
    }

    private void mouse(String kind, double x, double y, int buttons) throws Exception {
        send(
                "Input.dispatchMouseEvent",
                Map.of("type", kind, "x", x, "y", y, "button", "left", "buttons", buttons, "clickCount", 1));
    }

    /** Presses and releases a key without text, such as {@code ArrowDown}. */
    void key(String key) throws Exception {
        int code = Map.of("Enter", 13, "Escape", 27, "ArrowLeft", 37, "ArrowUp", 38, "ArrowRight", 39, "ArrowDown", 40)
                .getOrDefault(key, 0);
        String text = key.equals("Enter") ? "\r" : key.length() == 1 ? key : "";
        for (String kind : List.of("keyDown", "keyUp")) {
            send(
                    "Input.dispatchKeyEvent",
                    Map.of("type", kind, "key", key, "code", key, "windowsVirtualKeyCode", code, "text", text));
        }
    }

    void type(String text) throws Exception {
        send("Input.insertText", Map.of("text", text));
    }

    /** Errors and warnings of the console, exceptions, and violations of the page's policy. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    private JsonNode send(String method, Map<String, ?> parameters) throws Exception {
        int id = last.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        socket.sendText(message.toString(), true).get(SECONDS, TimeUnit.SECONDS);
        JsonNode found = answer.get(SECONDS, TimeUnit.SECONDS);
        if (found.has("error")) {
            throw new IllegalStateException(method + ": " + found.get("error"));
        }
        return found.get("result");
    }

    private void receive(String text) throws IOException {
        JsonNode message = JSON.readTree(text);
        JsonNode parameters = message.path("params");
        switch (message.path("method").asText()) {
            case "" -> {
                CompletableFuture<JsonNode> answer =
                        waiting.remove(message.path("id").asInt());
                if (answer != null) {
                    answer.complete(message);
                }
            }
            case "Runtime.exceptionThrown" ->
                complaints.add(parameters.path("exceptionDetails").toString());
            case "Runtime.consoleAPICalled" -> {
                if (List.of("error", "warning", "assert")
                        .contains(parameters.path("type").asText())) {
                    complaints.add(parameters.path("args").toString());
                }
            }
            case "Log.entryAdded" -> complaints.add(parameters.path("entry").toString());
            default -> {
                // other events say nothing about faults
            }
        }
    }

    /** Ends all of its processes, and then deletes the profile that they write into. */
    @Override
    public void close() {
        socket.abort();
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        CompletableFuture.allOf(all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, 2, TimeUnit.SECONDS)
                .join();
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException | UncheckedIOException e) {
            // A profile that is left behind in the folder for temporary files says nothing about the page.
        }
    }

    /** Puts the parts of messages together. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean end) {
            parts.append(data);
            if (end) {
                String text = parts.toString();
                parts.setLength(0);
                try {
                    receive(text);
                } catch (IOException e) {
                    complaints.add("no JSON from the browser: " + e);
                }
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }
}
