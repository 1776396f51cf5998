package io.neurflow.core.samediff;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Collectors.groupingBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.ChannelSlice;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.GraphProbe;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.ray.Numerics;
import io.neurflow.core.ray.RayEngine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;

/**
 * A probe on ND4J's SameDiff, in single precision. The way from one layer to another is written as a SameDiff graph when it
 * is first asked for, and kept; so is the way back from a neuron, which computes nothing but what reaches it (one row of the
 * last convolution, one branch of an Inception module) and no gradients of weights. Batch normalisation is folded into the
 * convolutions before it.
 *
 * <p>Conventions at kinks are those of {@link io.neurflow.core.reference.ReferenceProbe}; which of equal maxima in a pooling
 * window takes the gradient is the engine's choice.
 *
 * <p>Memory outside the Java heap: the weights, and working memory for {@link #preferredBatch()} inputs; both are freed by
 * {@link #close()}. Longer batches are run in pieces.
 */
public final class SameDiffProbe extends GraphProbe {
    /** Bytes that no array should exceed. */
    private static final long LARGEST_ARRAY = 64L << 20;

    private static final int MOST = 16;
    /** Programs that are kept; the least recently used one goes first. */
    private static final int PROGRAMS = 16;

    private static final int DENSE_RAYS = 128;
    /** Convolutions of oneDNN do about 95 multiply-adds in a nanosecond on two cores, the ray engine's loops 10 to 11. */
    private static final double DENSE_ON_CPU = 9;
    /** A guess: points are preferred there up to some hundreds. */
    private static final double DENSE_ON_GPU = 500;

    /** A way through the graph; a channel of the last value for a gradient. */
    private record Way(int from, ImmutableList<Integer> to, int channel) {
        private static final int ALL = -1;
        private static final int PULLBACK = -2;
        /** And below it, by the number of means. */
        private static final int MEANS = -3;
    }

    private final Constants constants;
    private final Pool pool = new Pool();
    private final int batch;
    private final RayEngine rays;
    private final Map<Way, Program> programs = new LinkedHashMap<>(PROGRAMS, 0.75f, true);
    private final Map<Way, DenseRay> denseRays = new LinkedHashMap<>(DENSE_RAYS, 0.75f, true);

    private SameDiffProbe(GraphLayers layers) {
        super(layers.withFoldedNormalisation(), engine(), Precision.FLOAT32);
        constants = new Constants(graph().nodes().stream().map(Node::op).collect(ImmutableSet.toImmutableSet()));
        batch = batch(graph());
        rays = new RayEngine(graph(), new Affine(), Nd4j.getEnvironment().isCPU() ? DENSE_ON_CPU : DENSE_ON_GPU);
    }

    /** A power of two up to {@link #MOST}, such that no value of the graph is larger than {@link #LARGEST_ARRAY}. */
    private static int batch(NetworkGraph graph) {
        long largest = graph.input().size();
        for (Node node : graph.nodes()) {
            largest =
                    Math.max(largest, node.dimensions().stream().asLongStream().reduce(1, Math::multiplyExact));
        }
        long fitting = LARGEST_ARRAY / (Float.BYTES * largest);
        return Math.toIntExact(Long.highestOneBit(Math.max(1, Math.min(MOST, fitting))));
    }

    /**
     * Opens a probe.
     *
     * @param graph the network
     * @param plan names of the layers; the logits are always one
     * @return a probe
     * @throws IllegalArgumentException if a name is unknown or not a place where the network can be cut
     */
    public static SameDiffProbe open(NetworkGraph graph, LayerPlan plan) {
        return open(plan.layersOf(graph));
    }

    /**
     * Opens a probe.
     *
     * @param layers the network and which of its values are layers
     * @return a probe; close it to free its memory
     */
    public static SameDiffProbe open(GraphLayers layers) {
        return new SameDiffProbe(layers);
    }

    static String engine() {
        Nd4jBackend backend = Nd4j.getBackend();
        boolean oneDnn = backend.buildInfo().contains("HAVE_ONEDNN")
                && Nd4j.getEnvironment().helpersAllowed();
        return "SameDiff" + version() + ", " + backend.getClass().getSimpleName() + (oneDnn ? " with oneDNN" : "");
    }

    /** The version in the jar of ND4J, with a blank before it; empty if it does not say. */
    private static String version() {
        try (InputStream in = Nd4j.class.getResourceAsStream("/META-INF/maven/org.nd4j/nd4j-api/pom.properties")) {
            if (in == null) {
                return "";
            }
            Properties properties = new Properties();
            properties.load(in);
            String version = properties.getProperty("version");
            return version == null ? "" : " " + version;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@inheritDoc} At most 16, and few enough for no array to exceed 64 MiB. */
    @Override
    public int preferredBatch() {
        return batch;
    }

    @Override
    protected ImmutableList<Tensor> run(int from, Tensor x, ImmutableList<Integer> to) {
        Program program =
                program(new Way(from, to, Way.ALL), () -> Program.forward(graph(), from, to, constants, pool));
        List<float[]> results = new ArrayList<>();
        for (int value : to) {
            results.add(new float[x.count() * graph().shape(value).size()]);
        }
        inPieces(program, List.of(x.toFloats()), x.count(), results);
        ImmutableList.Builder<Tensor> tensors = ImmutableList.builder();
        for (int i = 0; i < to.size(); i++) {
            tensors.add(Tensor.ofFloats(x.count(), graph().shape(to.get(i)), results.get(i)));
        }
        return tensors.build();
    }

    @Override
    protected Tensor runGradient(int from, Tensor x, int to, int channel) {
        Program program = program(
                new Way(from, ImmutableList.of(to), channel),
                () -> Program.gradient(ChannelSlice.of(graph(), from, to, channel), constants, pool));
        float[] result = new float[x.count() * x.shape().size()];
        inPieces(program, List.of(x.toFloats()), x.count(), List.of(result));
        return Tensor.ofFloats(x.count(), x.shape(), result);
    }

    /** {@inheritDoc} The means are computed by the engine, in single precision; feature maps stay outside the Java heap. */
    @Override
    public ImmutableMap<Layer, double[][]> pooled(Tensor inputs, Set<Layer> of) {
        return pooled(inputs, of, Set.of(), (layer, maps) -> {});
    }

    /** {@inheritDoc} Feature maps that are not wanted stay outside the Java heap. */
    @Override
    public ImmutableMap<Layer, double[][]> pooled(
            Tensor inputs, Set<Layer> of, Set<Layer> whole, BiConsumer<Layer, Tensor> maps) {
        ImmutableList<Layer> sorted = checkSeveral(inputs, of);
        ImmutableList<Layer> kept = checkSeveral(inputs, whole);
        int count = inputs.count();
        List<float[]> results = new ArrayList<>();
        sorted.forEach(layer -> results.add(new float[count * layer.shape().channels()]));
        kept.forEach(layer -> results.add(new float[count * layer.shape().size()]));
        if (count > 0 && !results.isEmpty()) {
            ImmutableList<Integer> to = values(sorted);
            ImmutableList<Integer> more = values(kept);
            ImmutableList<Integer> both =
                    ImmutableList.<Integer>builder().addAll(to).addAll(more).build();
            // The number of means tells which are which.
            Way way = new Way(NetworkGraph.INPUT, both, Way.MEANS - to.size());
            inPieces(
                    program(way, () -> Program.means(graph(), to, more, constants, pool)),
                    List.of(inputs.toFloats()),
                    count,
                    results);
        }
        ImmutableMap.Builder<Layer, double[][]> means = ImmutableMap.builder();
        for (int i = 0; i < sorted.size(); i++) {
            Layer layer = sorted.get(i);
            Shape units = Shape.units(layer.shape().channels());
            means.put(layer, Tensor.ofFloats(count, units, results.get(i)).spatialMeans());
        }
        for (int i = 0; i < kept.size(); i++) {
            Layer layer = kept.get(i);
            maps.accept(layer, Tensor.ofFloats(count, layer.shape(), results.get(sorted.size() + i)));
        }
        return means.buildOrThrow();
    }

    /**
     * {@inheritDoc} By events where the block allows it, else densely: see {@link RayEngine}. {@link Quadrature#exact()} only by
     * events, and not where a convolution stands between two gates.
     *
     * @throws IllegalArgumentException for {@link Quadrature#exact()} where it is not closed form; names block and operator
     */
    @Override
    public ImportanceScores importance(Layer from, Tensor activations, Neuron target, Quadrature quadrature) {
        ImmutableIntArray all = ImmutableIntArray.copyOf(IntStream.range(0, activations.count()));
        return Objects.requireNonNull(importance(from, activations, ImmutableMap.of(target, all), quadrature)
                .get(target));
    }

    /** {@inheritDoc} What lies along the ray of a patch is computed once for all targets. */
    @Override
    public ImmutableMap<Neuron, ImportanceScores> importance(
            Layer from, Tensor activations, Map<Neuron, ImmutableIntArray> targets, Quadrature quadrature) {
        checkOpen();
        targets.forEach((target, rows) -> checkTarget(from, activations, target, rows));
        Map<Neuron, ImportanceScores> results = new HashMap<>();
        targets.keySet().stream().collect(groupingBy(Neuron::layer)).forEach((layer, neurons) -> {
            Map<Integer, ImmutableIntArray> channels = new TreeMap<>();
            neurons.forEach(neuron -> channels.put(neuron.channel(), targets.get(neuron)));
            rays.run(value(from), value(layer), activations, channels, quadrature)
                    .forEach((channel, scores) -> results.put(
                            layer.neuron(channel),
                            new ImportanceScores(layer.neuron(channel), from, scores.values(), scores.changes())));
        });
        ImmutableMap.Builder<Neuron, ImportanceScores> inOrder = ImmutableMap.builder();
        targets.forEach((target, rows) -> {
            ImportanceScores known = results.get(target);
            checkArgument(
                    known != null || !quadrature.isExact(),
                    "expected a block whose integral is closed form for EXACT, but %s <- %s is not: %s; use GAUSS_LEGENDRE",
                    target,
                    from.name(),
                    known == null ? rays.obstacle(value(from), value(target.layer()), target.channel()) : "");
            inOrder.put(target, known == null ? dense(from, activations.select(rows), target, quadrature) : known);
        });
        return inOrder.buildOrThrow();
    }

    private ImportanceScores dense(Layer from, Tensor activations, Neuron target, Quadrature quadrature) {
        double[][] scores = new double[activations.count()][];
        double[] changes = new double[activations.count()];
        DenseRay ray = denseRay(value(from), value(target.layer()), target.channel());
        for (int start = 0; start < scores.length; start += batch) {
            int end = Math.min(start + batch, scores.length);
            double[][] rows = ray.scores(activations.slice(start, end), quadrature, changes, start);
            System.arraycopy(rows, 0, scores, start, rows.length);
        }
        return new ImportanceScores(target, from, scores, changes);
    }

    private int value(Layer layer) {
        return values(ImmutableList.of(layer)).get(0);
    }

    private void inPieces(Program program, List<float[]> values, int count, List<float[]> results) {
        for (int start = 0; start < count; start += batch) {
            program.run(values, start, Math.min(batch, count - start), results);
        }
    }

    /** The affine parts of blocks, for the ray engine. */
    private final class Affine implements Numerics {
        @Override
        public float[] forward(int from, int to, float[] x, int count) {
            ImmutableList<Integer> only = ImmutableList.of(to);
            Program program =
                    program(new Way(from, only, Way.ALL), () -> Program.forward(graph(), from, only, constants, pool));
            return pieces(program, List.of(x), count, graph().shape(to).size());
        }

        @Override
        public float[] pullback(int from, int to, float[] cotangents, int count) {
            Way way = new Way(from, ImmutableList.of(to), Way.PULLBACK);
            Program program = program(way, () -> Program.pullback(graph(), from, to, constants, pool));
            return pieces(
                    program, List.of(cotangents), count, graph().shape(from).size());
        }

        private float[] pieces(Program program, List<float[]> values, int count, int size) {
            float[] results = new float[count * size];
            inPieces(program, values, count, List.of(results));
            return results;
        }
    }

    private Program program(Way way, Supplier<Program> write) {
        return kept(programs, PROGRAMS, way, write);
    }

    /** A sweep over a layer comes back to each of its targets again and again. */
    private DenseRay denseRay(int from, int to, int channel) {
        return kept(denseRays, DENSE_RAYS, new Way(from, ImmutableList.of(to), channel), () -> {
            NetworkGraph block = ChannelSlice.of(graph(), from, to, channel);
            return new DenseRay(block, constants, pool, LARGEST_ARRAY);
        });
    }

    /** The one that is kept, or a new one in place of that which has not been used for longest. */
    private static <T extends Closing> T kept(Map<Way, T> all, int most, Way way, Supplier<T> write) {
        T one = all.get(way);
        if (one == null) {
            while (all.size() >= most) {
                Objects.requireNonNull(all.remove(all.keySet().iterator().next()))
                        .close();
            }
            one = write.get();
            all.put(way, one);
        }
        return one;
    }

    @Override
    protected void release() {
        programs.values().forEach(Program::close);
        programs.clear();
        denseRays.values().forEach(DenseRay::close);
        denseRays.clear();
        rays.clear();
        constants.close();
        pool.close();
    }
}
