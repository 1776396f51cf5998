package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;

/** JShell in this JVM. Every snippet has to be complete, valid and without exception. */
final class ShellSession implements AutoCloseable {
    private final JShell shell = JShell.builder().executionEngine("local").build();

    private ShellSession() {
        System.getProperty("java.class.path").lines().forEach(shell::addToClasspath);
    }

    /** With the start-up script. */
    static ShellSession started() throws IOException {
        ShellSession session = new ShellSession();
        session.run(Files.readString(Path.of("jshell/neurflow.jsh")));
        return session;
    }

    /** With no import at all, as kernels begin. */
    static ShellSession bare() {
        return new ShellSession();
    }

    /** Runs snippets; says what the last one gave. */
    Optional<String> run(String text) {
        Optional<String> last = Optional.empty();
        String rest = text;
        while (!rest.isBlank()) {
            SourceCodeAnalysis.CompletionInfo part = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            assertThat(part.completeness().isComplete()).as(rest).isTrue();
            List<SnippetEvent> events = shell.eval(part.source());
            for (SnippetEvent event : events) {
                assertThat(event.exception()).as(part.source()).isNull();
                assertThat(event.status())
                        .as(part.source() + shell.diagnostics(event.snippet()).toList())
                        .isEqualTo(Snippet.Status.VALID);
                last = Optional.ofNullable(event.value());
            }
            rest = part.remaining();
        }
        return last;
    }

    @Override
    public void close() {
        shell.close();
    }
}
