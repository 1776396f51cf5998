package io.neurflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Stream;

/**
 * One run of the command line in this JVM.
 *
 * @param code exit code
 * @param out what was said on standard output
 * @param err what was said on standard error
 */
record CommandRun(int code, String out, String err) {
    static CommandRun of(Object... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            int code = Main.run(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
            return new CommandRun(
                    code, said.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    static CommandRun of(Collection<Object> first, Object... more) {
        return of(Stream.concat(first.stream(), Arrays.stream(more)).toArray());
    }

    /** Holds a failed run to one line on standard error that contains the parts given, and nothing else said. */
    void refuses(String... parts) {
        assertThat(code).as(err).isEqualTo(Main.ERROR);
        assertThat(err.lines()).as(err).hasSize(1);
        assertThat(err).startsWith("neurflow: ").contains(parts);
        assertThat(out).isEmpty();
    }
}
