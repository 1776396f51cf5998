package io.neurflow.cuda;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.GraphProbe;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * A probe on NVIDIA cards of compute capability 7.5 and newer, in single precision: convolutions by cuDNN, dense operators by
 * cuBLAS, all else by kernels that NVRTC compiles when the card is first used. Weights stay on the card; patches go there in
 * batches, and pooled activations or scores come back. Batch normalisation is folded into the convolutions before it.
 *
 * <p>Importance scores are taken at the nodes of the quadrature, patches, steps and targets batched, what is affine in x once
 * for each patch; of an Inception module only the branch of the target, of a last convolution only its row. Derivatives at
 * kinks are those of {@link io.neurflow.core.reference.ReferenceProbe}, and of equal maxima in a pooling window the first.
 *
 * <p>Memory on the card: the weights, and batches as large as fit; when there is not enough after all, batches are halved and
 * the work goes on. {@link #close()} frees everything.
 *
 * <p>Nothing of this has run on a GPU yet: what is above the driver is tested with a driver in plain Java.
 */
public final class CudaProbe extends GraphProbe {
    /** How {@link #info()} names the engine, in front of what it runs on. */
    static final String ENGINE = "CudaProbe";

    private static final int BATCH = 64;

    private final ImmutableList<DeviceEngine> engines;
    private final Crew crew;

    private CudaProbe(GraphLayers layers, String settings, ImmutableList<DeviceEngine> engines) {
        super(layers, engine(settings, engines), Precision.FLOAT32);
        this.engines = engines;
        this.crew = new Crew(engines.size());
    }

    private static String engine(String settings, List<DeviceEngine> engines) {
        List<String> devices =
                engines.stream().map(e -> e.kit().driver().device()).toList();
        return ENGINE + ", " + settings + ", on " + String.join(" and ", devices);
    }

    /**
     * Opens a probe on GPU 0.
     *
     * @param graph the network
     * @param plan names of the layers; the logits are always one
     * @return a probe
     * @throws IllegalArgumentException if a name is unknown or not a place where the network can be cut, or an operator has no
     *     kernel; names node and operator
     * @throws io.neurflow.api.NeurflowException if there is no such card, or its libraries cannot be used; never falls back to
     *     the CPU
     */
    public static CudaProbe open(NetworkGraph graph, LayerPlan plan) {
        return open(plan.layersOf(graph), CudaSettings.standard());
    }

    /**
     * Opens a probe.
     *
     * @param layers the network and which of its values are layers
     * @param settings which cards, and how to compute
     * @return a probe
     * @throws IllegalArgumentException if an operator has no kernel; names node and operator
     * @throws io.neurflow.api.NeurflowException if there is no such card, or its libraries cannot be used; never falls back to
     *     the CPU
     */
    public static CudaProbe open(GraphLayers layers, CudaSettings settings) {
        Kit.check(layers.graph());
        Engines here = Engines.here();
        settings.gpus().forEach(gpu -> here.choose(Engine.CUDA_PROBE, gpu));
        List<Driver> drivers = new ArrayList<>();
        try {
            settings.gpus().forEach(gpu -> drivers.add(CudaDriver.open(gpu, settings)));
        } catch (RuntimeException e) {
            drivers.forEach(Driver::close);
            throw e;
        }
        return on(layers, settings.toString(), drivers);
    }

    /** On drivers that are open; they belong to the probe from then on. */
    static CudaProbe on(GraphLayers layers, String settings, List<? extends Driver> drivers) {
        Kit.check(layers.graph());
        GraphLayers folded = layers.withFoldedNormalisation();
        return new CudaProbe(
                folded,
                settings,
                drivers.stream()
                        .map(driver -> new DeviceEngine(folded.graph(), driver))
                        .collect(ImmutableList.toImmutableList()));
    }

    /** {@inheritDoc} Here 64 for each card; it is the card's memory that decides how many run at once. */
    @Override
    public int preferredBatch() {
        return BATCH * engines.size();
    }

    @Override
    protected ImmutableList<Tensor> run(int from, Tensor x, ImmutableList<Integer> to) {
        ImmutableList<DeviceEngine.Wanted> wanted = to.stream()
                .map(value -> new DeviceEngine.Wanted(value, false))
                .collect(ImmutableList.toImmutableList());
        List<float[]> values = forward(from, x, wanted);
        ImmutableList.Builder<Tensor> tensors = ImmutableList.builder();
        for (int i = 0; i < values.size(); i++) {
            tensors.add(Tensor.ofFloats(x.count(), graph().shape(to.get(i)), values.get(i)));
        }
        return tensors.build();
    }

    private List<float[]> forward(int from, Tensor x, ImmutableList<DeviceEngine.Wanted> wanted) {
        List<List<float[]>> shares = crew.split(x.count(), (worker, start, end) -> engines.get(worker)
                .forward(from, x.slice(start, end).toFloats(), end - start, wanted));
        return IntStream.range(0, wanted.size())
                .mapToObj(i -> joined(shares.stream().map(share -> share.get(i)).toList()))
                .toList();
    }

    private static float[] joined(List<float[]> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @Override
    protected Tensor runGradient(int from, Tensor x, int to, int channel) {
        List<float[]> shares = crew.split(x.count(), (worker, start, end) -> engines.get(worker)
                .gradient(from, x.slice(start, end).toFloats(), end - start, to, channel));
        return Tensor.ofFloats(x.count(), x.shape(), joined(shares));
    }

    /** {@inheritDoc} The means are computed on the card, in single precision; feature maps stay there. */
    @Override
    public ImmutableMap<Layer, double[][]> pooled(Tensor inputs, Set<Layer> of) {
        return pooled(inputs, of, Set.of(), (layer, maps) -> {});
    }

    /** {@inheritDoc} Feature maps that are not wanted stay on the card. */
    @Override
    public ImmutableMap<Layer, double[][]> pooled(
            Tensor inputs, Set<Layer> of, Set<Layer> whole, BiConsumer<Layer, Tensor> maps) {
        ImmutableList<Layer> sorted = checkSeveral(inputs, of);
        ImmutableList<Layer> kept = checkSeveral(inputs, whole);
        ImmutableList.Builder<DeviceEngine.Wanted> wanted = ImmutableList.builder();
        values(sorted).forEach(value -> wanted.add(new DeviceEngine.Wanted(value, true)));
        values(kept).forEach(value -> wanted.add(new DeviceEngine.Wanted(value, false)));
        ImmutableList<DeviceEngine.Wanted> all = wanted.build();
        int count = inputs.count();
        List<float[]> results = count == 0 || all.isEmpty()
                ? all.stream().map(one -> new float[0]).toList()
                : forward(NetworkGraph.INPUT, inputs, all);
        ImmutableMap.Builder<Layer, double[][]> means = ImmutableMap.builder();
        for (int i = 0; i < sorted.size(); i++) {
            Shape units = Shape.units(sorted.get(i).shape().channels());
            means.put(
                    sorted.get(i), Tensor.ofFloats(count, units, results.get(i)).spatialMeans());
        }
        for (int i = 0; i < kept.size(); i++) {
            maps.accept(kept.get(i), Tensor.ofFloats(count, kept.get(i).shape(), results.get(sorted.size() + i)));
        }
        return means.buildOrThrow();
    }

    /**
     * {@inheritDoc} In single precision at the nodes of the quadrature.
     *
     * @throws IllegalArgumentException for {@link Quadrature#exact()}
     */
    @Override
    public ImportanceScores importance(Layer from, Tensor activations, Neuron target, Quadrature quadrature) {
        ImmutableIntArray all = ImmutableIntArray.copyOf(IntStream.range(0, activations.count()));
        return Objects.requireNonNull(importance(from, activations, ImmutableMap.of(target, all), quadrature)
                .get(target));
    }

    /** {@inheritDoc} What lies along the ray of a patch is computed once for all targets that come from one branch. */
    @Override
    public ImmutableMap<Neuron, ImportanceScores> importance(
            Layer from, Tensor activations, Map<Neuron, ImmutableIntArray> targets, Quadrature quadrature) {
        checkOpen();
        targets.forEach((target, rows) -> checkTarget(from, activations, target, rows));
        if (targets.isEmpty()) {
            return super.importance(from, activations, targets, quadrature);
        }
        int below = value(from);
        float[] x = activations.toFloats();
        List<Neuron> order = List.copyOf(targets.keySet());
        Map<Neuron, RayRun.Target> open = new HashMap<>();
        Map<Neuron, Integer> tops = new HashMap<>();
        for (Neuron target : order) {
            DeviceEngine.Peeled peeled = engines.get(0).peel(value(target.layer()), target.channel(), below);
            open.put(target, RayRun.Target.of(peeled.channel(), Objects.requireNonNull(targets.get(target))));
            tops.put(target, peeled.value());
        }
        crew.split(order.size(), (worker, start, end) -> {
            Map<Integer, List<RayRun.Target>> groups = new LinkedHashMap<>();
            for (Neuron target : order.subList(start, end)) {
                groups.computeIfAbsent(Objects.requireNonNull(tops.get(target)), top -> new ArrayList<>())
                        .add(Objects.requireNonNull(open.get(target)));
            }
            groups.forEach((top, group) ->
                    new RayRun(engines.get(worker), new RayPlan(graph(), below, top), quadrature).run(x, group));
            return groups.size();
        });
        ImmutableMap.Builder<Neuron, ImportanceScores> results = ImmutableMap.builder();
        for (Neuron target : order) {
            RayRun.Target done = Objects.requireNonNull(open.get(target));
            double[] changes = done.changes().stream().mapToDouble(d -> d).toArray();
            results.put(target, new ImportanceScores(target, from, done.scores().toArray(double[][]::new), changes));
        }
        return results.buildOrThrow();
    }

    private int value(Layer layer) {
        return values(ImmutableList.of(layer)).get(0);
    }

    @Override
    protected void release() {
        crew.close();
        engines.forEach(DeviceEngine::close);
    }
}
