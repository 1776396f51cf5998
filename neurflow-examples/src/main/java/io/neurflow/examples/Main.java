package io.neurflow.examples;

import io.neurflow.api.NeurflowException;
import io.neurflow.core.LibraryVersion;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Neurflow on the command line. Whatever goes wrong is one line on standard error that says what to do next, and exit code
 * 2; a run that is cancelled ends with 130.
 */
@Command(
        name = "neurflow",
        description = "Explains trained image classifiers from the inside (NeurFlow, Cao et al., ICLR 2025).",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            ExplainCommand.class,
            DebugCommand.class,
            DiffCommand.class,
            LabelCommand.class,
            ReportCommand.class,
            LayersCommand.class,
            DoctorCommand.class,
            ExperimentCommand.class,
            BenchCommand.class,
            ScoreboardCommand.class
        })
public final class Main {
    /** Exit code of errors. */
    static final int ERROR = 2;

    private static final int CANCELLED = 130;

    @Option(
            names = "--stacktrace",
            scope = CommandLine.ScopeType.INHERIT,
            description = "Show where an error comes from, for a bug report.")
    private boolean stacktrace;

    private Main() {}

    /**
     * Runs a command and exits.
     *
     * @param args as {@code --help} says
     */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        Main main = new Main();
        CommandLine commands = new CommandLine(main);
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        commands.setExecutionExceptionHandler((exception, command, parsed) -> main.report(exception));
        commands.setParameterExceptionHandler(Main::complain);
        if (args.length == 0) {
            commands.usage(System.out);
            return 0;
        }
        try {
            return commands.execute(args);
        } catch (OutOfMemoryError e) {
            System.err.println(
                    "neurflow: the Java heap is too small for this; start with 'java -Xmx8g -jar …', or take fewer"
                            + " images (--max-images) or layers (--layers)");
            return ERROR;
        }
    }

    private int report(Exception exception) {
        if (stacktrace) {
            exception.printStackTrace();
        }
        if (exception instanceof CancellationException) {
            return CANCELLED; // the JVM is on its way out, and ConsoleProgress has said so
        }
        boolean expected = exception instanceof NeurflowException || exception instanceof IllegalArgumentException;
        String message = Printable.line(String.valueOf(exception.getMessage()));
        System.err.println(
                expected
                        ? "neurflow: " + message
                        : "neurflow: unexpected " + exception.getClass().getSimpleName() + ": " + message
                                + "; please report it with the output of --stacktrace");
        return ERROR;
    }

    private static int complain(ParameterException exception, String[] args) {
        String message = Printable.line(String.valueOf(exception.getMessage()));
        System.err.println("neurflow: " + message + "; '"
                + exception.getCommandLine().getCommandSpec().qualifiedName(" ") + " --help' lists the options");
        return ERROR;
    }

    /** Says which version this is. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"neurflow " + LibraryVersion.current()};
        }
    }
}
