package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Quadrature;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ClassImages;
import io.neurflow.core.image.ImageSet;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.PatchGrid;
import io.neurflow.core.image.Preprocessing;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.examples.bench.BlockBench;
import io.neurflow.examples.bench.BlockDump;
import io.neurflow.examples.bench.BlockTimes;
import io.neurflow.examples.bench.ConvolutionPeak;
import io.neurflow.examples.bench.ForwardBench;
import io.neurflow.examples.bench.JsonLine;
import io.neurflow.examples.bench.LayerPair;
import io.neurflow.examples.bench.SmoothPictures;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Times importance scores block by block, and the forward pass. */
@Command(
        name = "bench",
        description = {
            "Times the importance scores of neurons, block by block: one line of JSON for each.",
            "neurflow-examples/bench/README.md says what the figures mean. For circuits see 'explain --timings'."
        },
        footer = {
            "%nTwo blocks of a model of your own:",
            "  neurflow bench --model m.onnx --pair layer4.2:fc,layer4.1:layer4.2 --images bees --class 309"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class BenchCommand implements Callable<Integer> {
    private static final String EMBEDDED_PAIRS = "block3:fc,block2:block3,block1:block2";
    /** Patches to choose concepts of k from, where there are no photographs. */
    private static final int PATCHES_FOR_EACH_PLACE = 2;

    @Mixin
    private ModelOption model = new ModelOption();

    @Option(
            names = "--pair",
            paramLabel = "LOWER:UPPER[,...]",
            description =
                    "Blocks, each by its two layers; 'neurflow layers' lists them. Of the embedded model all by default.")
    private @Nullable String pairs;

    @Option(names = "--forward", description = "Time the way from the inputs to the logits, too.")
    private boolean forward;

    @Option(
            names = "--k",
            paramLabel = "N",
            defaultValue = "50",
            description = "Patches of each concept. Default: ${DEFAULT-VALUE}.")
    private int k;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "50",
            description = "Points of integration, N. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(
            names = "--rule",
            paramLabel = "R",
            defaultValue = "GAUSS_LEGENDRE",
            description =
                    "Rule of integration: ${COMPLETION-CANDIDATES}; EXACT has no points. Default: ${DEFAULT-VALUE}.")
    private Quadrature.Rule rule = Quadrature.Rule.GAUSS_LEGENDRE;

    @Option(
            names = "--neuron",
            paramLabel = "N[,N...]",
            description = "The targets: channels of the upper layer. By default some that are spread over it.")
    private @Nullable String neurons;

    @Option(
            names = "--targets",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many targets, if --neuron does not name them. Default: ${DEFAULT-VALUE}.")
    private int targets;

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "A folder of JPEG or PNG photographs. Without it random smooth pictures, the same each time.")
    private @Nullable Path images;

    @Option(
            names = "--max-images",
            paramLabel = "N",
            defaultValue = "8",
            description = "Use the first N photographs, 59 patches each. Default: ${DEFAULT-VALUE}.")
    private int maxImages;

    @Option(
            names = "--class",
            paramLabel = "N",
            description = "Take the photographs of this class only, and its logit as the target among the logits.")
    private @Nullable Integer classIndex;

    @Mixin
    private PreprocessingOption preprocessing = new PreprocessingOption();

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "Runs after the first, whose median counts; more if they take less than 2 s together. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int repeats;

    @Option(names = "--plain", description = "Run the plain N-step way, too, for the first target: slow.")
    private boolean plain;

    @Option(
            names = "--dump",
            paramLabel = "DIR",
            description = "Write feature maps and scores there, for bench/authors_way.py.")
    private @Nullable Path dump;

    @Override
    public Integer call() {
        checkOptions();
        ImmutableList<LayerPair> chosen = chosenPairs();
        NetworkGraph graph = model.graph();
        GraphLayers layers = model.layers(graph, plan(chosen));
        checkPairs(layers, chosen);
        Preprocessing pixels = preprocessing.fittedTo(graph.input());
        try (ModelProbe probe = SameDiffProbe.open(layers)) {
            checkClass(probe.logits());
            PatchSet patches = patches(probe, pixels);
            if (forward) {
                ForwardBench bench = ForwardBench.of(layers, probe, patches);
                System.out.println(bench.run(repeats, ConvolutionPeak.gflopsPerSecond()));
                if (dump != null) {
                    new BlockDump(dump).writeForward(bench.inputs(), bench.logits());
                }
            }
            if (!chosen.isEmpty()) {
                blocks(layers, probe, chosen, patches);
            }
        }
        return 0;
    }

    private void blocks(GraphLayers layers, ModelProbe probe, List<LayerPair> chosen, PatchSet patches) {
        ImmutableSet<Layer> upper =
                chosen.stream().map(pair -> probe.layer(pair.upper())).collect(ImmutableSet.toImmutableSet());
        PatchActivations activations = PatchActivations.of(probe, patches, upper, ProgressListener.NONE);
        checkArgument(
                k <= patches.patches().size(),
                "expected at least k = %s patches, but there are %s; use a smaller --k or more --max-images",
                k,
                patches.patches().size());
        BlockBench bench = new BlockBench(layers, probe, activations, k, quadrature(), repeats, plain);
        for (LayerPair pair : chosen) {
            double peak = ConvolutionPeak.gflopsPerSecond();
            BlockTimes times = bench.run(pair, channels(bench, probe.layer(pair.upper()), probe.logits()));
            JsonLine line = times.json(probe.info().name(), probe.info().engine(), peak);
            System.out.println(line);
            if (dump != null) {
                new BlockDump(dump).write(times, line);
            }
        }
    }

    private ImmutableIntArray channels(BlockBench bench, Layer upper, Layer logits) {
        ImmutableIntArray named = namedChannels();
        if (!named.isEmpty()) {
            return named;
        }
        return classIndex != null && upper.equals(logits)
                ? ImmutableIntArray.of(classIndex)
                : bench.spread(upper, targets);
    }

    private ImmutableIntArray namedChannels() {
        if (neurons == null) {
            return ImmutableIntArray.of();
        }
        List<String> words = Splitter.on(',').trimResults().omitEmptyStrings().splitToList(neurons);
        ImmutableIntArray.Builder channels = ImmutableIntArray.builder();
        for (String word : words) {
            Integer channel = Ints.tryParse(word);
            checkArgument(
                    channel != null && channel >= 0,
                    "expected channels from 0 on after --neuron, with commas between them, but '%s' is none",
                    word);
            channels.add(channel);
        }
        checkArgument(!words.isEmpty(), "expected channels after --neuron, but there are none");
        return ImmutableIntArray.copyOf(channels.build().stream().distinct());
    }

    private ImmutableList<LayerPair> chosenPairs() {
        if (pairs != null) {
            return LayerPair.parse(pairs);
        }
        checkArgument(
                model.embedded() || forward,
                "expected blocks to time, but there are none; name them with --pair, or time the forward pass with --forward");
        return forward ? ImmutableList.of() : LayerPair.parse(EMBEDDED_PAIRS);
    }

    private static LayerPlan plan(List<LayerPair> chosen) {
        return chosen.isEmpty()
                ? LayerPlan.suggested(1)
                : LayerPlan.of(chosen.stream()
                        .flatMap(pair -> Stream.of(pair.lower(), pair.upper()))
                        .distinct()
                        .toList());
    }

    /** What can be told from the options and the model's layers, before anything is computed. */
    private void checkPairs(GraphLayers layers, List<LayerPair> chosen) {
        for (LayerPair pair : chosen) {
            Layer lower = named(layers, pair.lower());
            Layer upper = named(layers, pair.upper());
            checkArgument(
                    lower.index() < upper.index(),
                    "expected the lower layer first in --pair, but '%s' is not below '%s'; swap them",
                    pair.lower(),
                    pair.upper());
            int channels = upper.shape().channels();
            namedChannels()
                    .forEach(channel -> checkArgument(
                            channel < channels,
                            "expected 0 to %s for --neuron, since %s has %s channels, but it is %s",
                            channels - 1,
                            upper.name(),
                            channels,
                            channel));
        }
    }

    private static Layer named(GraphLayers layers, String name) {
        return layers.layers().stream()
                .filter(layer -> layer.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private PatchSet patches(ModelProbe probe, Preprocessing pixels) {
        if (images == null) {
            int count = Math.max(ForwardBench.BATCH, PATCHES_FOR_EACH_PLACE * k);
            return PatchGrid.paper().fractions(1).cut(SmoothPictures.of(count, SmoothPictures.SEED, pixels));
        }
        ImageSource source = ImageSource.directory(images, pixels);
        ImageSet set = classIndex == null
                ? source.limit(maxImages).load()
                : ClassImages.select(probe, source, classIndex, maxImages, ProgressListener.NONE)
                        .images();
        return PatchGrid.paper().cut(set);
    }

    private void checkOptions() {
        atLeast(2, "--k", k);
        atLeast(1, "--targets", targets);
        atLeast(1, "--max-images", maxImages);
        atLeast(1, "--repeat", repeats);
        quadrature();
        namedChannels();
        preprocessing.read();
        if (dump != null) {
            try {
                OutputFolder.check(dump);
            } catch (NeurflowException e) {
                throw new NeurflowException(String.valueOf(e.getMessage()).replace("with --out", "with --dump"), e);
            }
        }
    }

    private Quadrature quadrature() {
        return rule == Quadrature.Rule.EXACT ? Quadrature.exact() : new Quadrature(rule, steps);
    }

    private static void atLeast(int least, String option, int value) {
        checkArgument(value >= least, "expected %s or more for %s, but it is %s", least, option, value);
    }

    private void checkClass(Layer logits) {
        int classes = logits.shape().channels();
        checkArgument(
                classIndex == null || (classIndex >= 0 && classIndex < classes),
                "expected 0 to %s for --class, since the model has %s classes, but it is %s",
                classes - 1,
                classes,
                classIndex);
    }
}
