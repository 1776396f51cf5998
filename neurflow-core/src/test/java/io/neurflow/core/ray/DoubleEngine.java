package io.neurflow.core.ray;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.reference.DoubleMaps;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The engine in double precision: its sources with other types, in a class loader of their own. */
final class DoubleEngine {
    private static final Path SOURCES = Path.of("src/main/java/io/neurflow/core/ray");
    private static final String PACKAGE = "io.neurflow.core.ray.";

    /** What becomes what, one after the other; each must be there, or the sources have changed. */
    private static final List<Map.Entry<String, String>> TWINS = List.of(
            Map.entry("x.copyFloats(", "Doubles.copy(x, "),
            Map.entry("conv.weights().toFloats()", "Doubles.of(conv.weights().toFloats())"),
            Map.entry("w.toFloats()", "Doubles.of(w.toFloats())"),
            Map.entry(
                    "dense.weights().toFloats(channel * dense.in(), dense.in())",
                    "Doubles.of(dense.weights().toFloats(channel * dense.in(), dense.in()))"),
            Map.entry(
                    "conv.weights().toFloats(channel * length, length)",
                    "Doubles.of(conv.weights().toFloats(channel * length, length))"),
            Map.entry("b -> b.toFloats()", "b -> Doubles.of(b.toFloats())"),
            Map.entry("b -> b.get(channel)).orElse(0f)", "b -> (double) b.get(channel)).orElse(0.0)"),
            Map.entry("0f,", "0.0,"),
            Map.entry("Float.floatToRawIntBits(alpha)", "Doubles.bits(alpha)"),
            Map.entry("Float.", "Double."),
            Map.entry("float", "double"));

    /** Stands among the compiled sources: what the rest of the library hands over in single precision. */
    private static final String DOUBLES =
            """
            package io.neurflow.core.ray;

            final class Doubles {
                private Doubles() {}

                static double[] of(float[] values) {
                    double[] doubles = new double[values.length];
                    for (int i = 0; i < values.length; i++) {
                        doubles[i] = values[i];
                    }
                    return doubles;
                }

                /** Steps at places that single precision does not tell apart may then come in any order. */
                static int bits(double alpha) {
                    return Float.floatToRawIntBits((float) alpha);
                }

                static void copy(io.neurflow.api.Tensor x, int item, int first, int count, double[] into, int at) {
                    float[] values = new float[count];
                    x.copyFloats(item, first, count, values, 0);
                    System.arraycopy(of(values), 0, into, at, count);
                }
            }
            """;

    private final Object engine;
    private final Method run;

    private DoubleEngine(Object engine, Method run) {
        this.engine = engine;
        this.run = run;
    }

    /** Scores [patch][channel] and changes [patch] of one target. */
    @SuppressWarnings("ArrayRecordComponent")
    record Scores(double[][] values, double[] changes) {}

    /** Makes engines of the compiled classes. */
    record Factory(Class<?> engine, Class<?> numerics) {
        DoubleEngine of(GraphLayers layers) {
            NetworkGraph graph = layers.graph();
            DoubleMaps maps = new DoubleMaps(graph);
            Object affine =
                    Proxy.newProxyInstance(numerics.getClassLoader(), new Class<?>[] {numerics}, (proxy, method, a) -> {
                        boolean forward = method.getName().equals("forward");
                        return forward
                                ? maps.forward((int) a[0], (int) a[1], (double[]) a[2], (int) a[3])
                                : maps.pullback((int) a[0], (int) a[1], (double[]) a[2], (int) a[3]);
                    });
            try {
                Object made = engine.getConstructor(NetworkGraph.class, numerics, double.class)
                        .newInstance(graph, affine, 1e-6);
                return new DoubleEngine(
                        made, engine.getMethod("run", int.class, int.class, Tensor.class, Map.class, Quadrature.class));
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("the compiled engine is another", e);
            }
        }
    }

    static Factory compile(Path folder) throws IOException, ClassNotFoundException {
        List<Path> sources = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.toList()) {
                sources.add(Files.writeString(
                        folder.resolve(file.getFileName().toString()), inDoubles(Files.readString(file), seen)));
            }
        }
        assertThat(seen).as("what is known to be in single precision").hasSize(TWINS.size());
        sources.add(Files.writeString(folder.resolve("Doubles.java"), DOUBLES));
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK, not a JRE");
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            boolean good = compiler.getTask(
                            messages,
                            manager,
                            null,
                            List.of("-proc:none", "-nowarn", "-d", folder.toString(), "-cp", classPath()),
                            null,
                            manager.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertThat(good).as(messages.toString()).isTrue();
        }
        ClassLoader loader = new Own(folder);
        return new Factory(loader.loadClass(PACKAGE + "RayEngine"), loader.loadClass(PACKAGE + "Numerics"));
    }

    /** Where the classes come from that the engine reads; how the tests were started does not matter. */
    private static String classPath() {
        return Stream.of(NetworkGraph.class, Tensor.class, ImmutableIntArray.class, Nullable.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .map(location -> Path.of(URI.create(location.toString())).toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String inDoubles(String source, Set<String> seen) {
        String result = source;
        for (Map.Entry<String, String> twin : TWINS) {
            String replaced = result.replace(twin.getKey(), twin.getValue());
            if (!replaced.equals(result)) {
                seen.add(twin.getKey());
            }
            result = replaced;
        }
        return result;
    }

    /** Classes of the package come from the folder, all others from where they always do. */
    private static final class Own extends URLClassLoader {
        Own(Path folder) throws IOException {
            super(new URL[] {folder.toUri().toURL()}, DoubleEngine.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known != null
                        ? known
                        : name.startsWith(PACKAGE) ? findClass(name) : super.loadClass(name, resolve);
            }
        }
    }

    Map<Integer, Scores> run(
            int from, int to, Tensor x, Map<Integer, ImmutableIntArray> targets, Quadrature quadrature) {
        try {
            Map<Integer, Scores> results = new TreeMap<>();
            for (Map.Entry<?, ?> entry :
                    ((Map<?, ?>) run.invoke(engine, from, to, x, targets, quadrature)).entrySet()) {
                Object scores = entry.getValue();
                Class<?> type = scores.getClass();
                results.put(
                        (Integer) entry.getKey(),
                        new Scores((double[][]) type.getMethod("values").invoke(scores), (double[])
                                type.getMethod("changes").invoke(scores)));
            }
            return results;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the engine in double precision failed", e);
        }
    }
}
