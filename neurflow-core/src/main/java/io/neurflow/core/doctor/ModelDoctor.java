package io.neurflow.core.doctor;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NamedCut;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ImageSet;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.samediff.SameDiffProbe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Examines a model before an analysis is spent on it.
 *
 * <pre>{@code
 * ModelDoctor.of(graph).reference(Path.of("reference")).images(source, 309).examine();
 * }</pre>
 *
 * <p>Looks at weights, output and shapes; runs the model over images, or over synthetic inputs if there are none, for channels
 * that are dead and numbers that are none; holds gradients between the layers of the plan to finite differences in double
 * precision; compares activations with a reference, and tries the usual preparations of images.
 *
 * <p>An immutable value: every method that configures returns a copy. The same model, files and seed give the same diagnosis.
 */
public final class ModelDoctor {
    private static final int MOST_IMAGES = 16;
    private static final int SYNTHETIC = 4;

    private final NetworkGraph graph;
    private final LayerPlan plan;
    private final Function<GraphLayers, ModelProbe> engine;
    private final @Nullable Path reference;
    private final @Nullable ImageSource images;
    private final OptionalInt target;
    private final long seed;

    private ModelDoctor(
            NetworkGraph graph,
            LayerPlan plan,
            Function<GraphLayers, ModelProbe> engine,
            @Nullable Path reference,
            @Nullable ImageSource images,
            OptionalInt target,
            long seed) {
        this.graph = graph;
        this.plan = plan;
        this.engine = engine;
        this.reference = reference;
        this.images = images;
        this.target = target;
        this.seed = seed;
    }

    /**
     * A doctor for a model, without reference and images, for the logits and the two highest blocks, on {@link SameDiffProbe}.
     *
     * @param graph the model
     * @return the doctor
     */
    public static ModelDoctor of(NetworkGraph graph) {
        return new ModelDoctor(graph, LayerPlan.suggested(2), SameDiffProbe::open, null, null, OptionalInt.empty(), 1);
    }

    /**
     * The layers to look at. Default: the logits and the two highest blocks.
     *
     * @param layers a plan that the model has
     * @return a copy
     */
    public ModelDoctor layers(LayerPlan layers) {
        return new ModelDoctor(graph, layers, engine, reference, images, target, seed);
    }

    /**
     * What runs the model. Default: {@link SameDiffProbe}.
     *
     * @param opens opens a probe, which the doctor closes
     * @return a copy
     */
    public ModelDoctor engine(Function<GraphLayers, ModelProbe> opens) {
        return new ModelDoctor(graph, plan, opens, reference, images, target, seed);
    }

    /**
     * Compares activations with those of another framework: {@code input.npy}, [n, channels, rows, columns], n at most 64;
     * {@code logits.npy}, [n, classes]; and {@code <layer>.npy} for any layers, [n, channels, rows, columns] or its means over
     * rows and columns, [n, channels]. float32 or float64, little-endian, C order. Default: none.
     *
     * @param folder where these files are
     * @return a copy
     */
    public ModelDoctor reference(Path folder) {
        return new ModelDoctor(graph, plan, engine, folder, images, target, seed);
    }

    /**
     * Runs the model over images, the first 16 of them, and tries other preparations on them. Default: synthetic inputs.
     *
     * @param source images as the model is meant to get them
     * @return a copy
     */
    public ModelDoctor images(ImageSource source) {
        return new ModelDoctor(graph, plan, engine, reference, source, OptionalInt.empty(), seed);
    }

    /**
     * The same with images of one class.
     *
     * @param source images as the model is meant to get them
     * @param classIndex their class, from 0
     * @return a copy
     */
    public ModelDoctor images(ImageSource source, int classIndex) {
        checkArgument(classIndex >= 0, "expected a class from 0, but it is %s", classIndex);
        return new ModelDoctor(graph, plan, engine, reference, source, OptionalInt.of(classIndex), seed);
    }

    /**
     * Chance in synthetic inputs and in which gradients are tried. Default: 1.
     *
     * @param value any number
     * @return a copy
     */
    public ModelDoctor seed(long value) {
        return new ModelDoctor(graph, plan, engine, reference, images, target, value);
    }

    /**
     * Looks without running the model: weights, output, shapes, what the importer decided. Takes well under a second for
     * ResNet50.
     *
     * @return the diagnosis
     */
    public Diagnosis look() {
        List<Finding> findings = new ArrayList<>();
        look(findings);
        return diagnosis(findings, ImmutableList.of(), ImmutableList.of());
    }

    private void look(List<Finding> findings) {
        new WeightCheck(findings::add).run(graph);
        LayerNames names = LayerNames.of(graph);
        List<NamedCut> layers = new ArrayList<>();
        layersIfAny(findings)
                .ifPresent(found -> found.layers().forEach(layer -> layers.add(names.resolve(layer.name()))));
        new StructureCheck(graph, findings::add).run(layers);
    }

    private Optional<GraphLayers> layersIfAny(List<Finding> findings) {
        try {
            return Optional.of(plan.layersOf(graph));
        } catch (IllegalArgumentException e) {
            findings.add(Finding.error(
                    "shapes",
                    plan.toString(),
                    String.valueOf(e.getMessage()),
                    "the model cannot be cut at these layers",
                    "choose others"));
            return Optional.empty();
        }
    }

    /**
     * Makes all checks.
     *
     * @return the diagnosis
     * @throws io.neurflow.api.NeurflowException if the reference or the images cannot be read
     * @throws IllegalArgumentException if the images do not fit the model, or there is no such class
     */
    public Diagnosis examine() {
        List<Finding> findings = new ArrayList<>();
        look(findings);
        ImmutableList<LayerParity> parity = ImmutableList.of();
        ImmutableList<PreprocessingGuess> guesses = ImmutableList.of();
        Optional<GraphLayers> layers = findings.stream().anyMatch(f -> f.severity() == Severity.ERROR)
                ? Optional.empty()
                : layersIfAny(findings);
        if (layers.isPresent()) {
            try (ModelProbe probe = engine.apply(layers.get())) {
                guesses = run(probe, layers.get(), findings);
            }
            if (reference != null) {
                parity = new ParityCheck(graph, reference, findings::add).run(engine);
            }
        }
        return diagnosis(findings, parity, guesses);
    }

    private ImmutableList<PreprocessingGuess> run(ModelProbe probe, GraphLayers layers, List<Finding> findings) {
        int classes = probe.logits().shape().channels();
        checkArgument(
                target.isEmpty() || target.getAsInt() < classes,
                "expected a class from 0 to %s, but it is %s",
                classes - 1,
                target.orElse(0));
        Optional<ImageSet> set = Optional.ofNullable(images)
                .map(source -> source.limit(MOST_IMAGES).load());
        Tensor inputs = set.isPresent()
                ? set.get()
                        .inputs(ImmutableIntArray.copyOf(
                                IntStream.range(0, set.get().size())))
                : SyntheticInputs.of(graph.input(), SYNTHETIC, seed);
        Map<Layer, Tensor> values = probe.forward(inputs, ImmutableSet.copyOf(probe.layers()));
        new ActivationCheck(findings::add, set.isPresent()).run(probe, values);
        boolean finite = findings.stream().noneMatch(f -> f.severity() == Severity.ERROR);
        if (finite) {
            new GradientCheck(findings::add, seed).run(layers, probe, values);
        }
        if (set.isEmpty()) {
            return ImmutableList.of();
        }
        List<byte[]> crops =
                IntStream.range(0, set.get().size()).mapToObj(set.get()::crop).toList();
        return new PreprocessingCheck(findings::add).run(probe, crops, set.get().preprocessing(), target);
    }

    private Diagnosis diagnosis(
            List<Finding> findings, ImmutableList<LayerParity> parity, ImmutableList<PreprocessingGuess> guesses) {
        return new Diagnosis(
                graph.toString(),
                findings.stream()
                        .distinct()
                        .sorted(Comparator.comparing(Finding::severity).reversed())
                        .collect(ImmutableList.toImmutableList()),
                parity,
                guesses,
                LayerNames.of(graph).suggested(3));
    }

    @Override
    public String toString() {
        return "doctor for " + graph;
    }
}
