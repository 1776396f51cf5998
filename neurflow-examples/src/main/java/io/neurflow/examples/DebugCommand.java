package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeuronGroup;
import io.neurflow.core.debug.ConfidenceRule;
import io.neurflow.core.debug.ControlPool;
import io.neurflow.core.debug.ImageDebugger;
import io.neurflow.core.debug.Investigation;
import io.neurflow.core.debug.MaskChange;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ImagePatches;
import io.neurflow.core.image.ImageSet;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.Preprocessing;
import io.neurflow.core.report.DebugReport;
import io.neurflow.core.report.GroupExamples;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.examples.embedded.Background;
import io.neurflow.examples.embedded.DrawnPicture;
import io.neurflow.examples.embedded.DrawnWorld;
import io.neurflow.examples.embedded.EmbeddedModel;
import io.neurflow.examples.embedded.Thing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds out why a model takes images for a class. */
@Command(
        name = "debug",
        description = {
            "Finds out why a model takes images for a class: which neuron groups of its circuit fire on them and where, what"
                    + " masking each group changes beside random masks, and the fewest neurons without which the prediction"
                    + " is another one. Writes debug.html and debug.json.",
            "Without options: why the embedded model takes fish, turtles and mushrooms in front of daisies for beetles.",
        },
        footer = {
            "%nA session with a model of your own:",
            "  neurflow explain --model m.onnx --images bees --class 309 --layers layer4.2 --out bee",
            "  neurflow debug --model m.onnx --circuit bee/circuit.json --images wrongly-bees --out why-bee",
            "Put some images of the same kind that the model gets right into the folder, too: a group that fires on the ones"
                    + " and not on the others (AUC near 1) is what makes the difference."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class DebugCommand implements Callable<Integer> {
    private static final long PICTURE_SEED = 78;
    private static final int PICTURES_EACH = 8;

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private CircuitOption circuitOption = new CircuitOption();

    @Option(
            names = "--images",
            paramLabel = "PATH",
            description = "An image, or a folder of JPEG or PNG images, misclassified ones as a rule.")
    private @Nullable Path images;

    @Mixin
    private ClassNamesOption classNames = new ClassNamesOption();

    @Mixin
    private PreprocessingOption preprocessing = new PreprocessingOption();

    @Option(
            names = "--layer",
            paramLabel = "NAME",
            description = "The layer of the circuit whose groups to look at; the highest below the logits by default.")
    private @Nullable String layer;

    @Option(
            names = "--mask",
            paramLabel = "GROUP",
            description =
                    "Mask this group only, such as G3 or layer4.2/G3; may be said several times. All groups by default.")
    private List<String> masked = new ArrayList<>();

    @Option(
            names = "--rule",
            paramLabel = "R",
            defaultValue = "RELU_CLIPPED",
            description = "How M is computed: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private ConfidenceRule rule = ConfidenceRule.RELU_CLIPPED;

    @Option(
            names = "--threshold",
            paramLabel = "X",
            defaultValue = "0.5",
            description = "From which M on a group fires. Default: ${DEFAULT-VALUE}.")
    private double threshold;

    @Option(
            names = "--draws",
            paramLabel = "N",
            description =
                    "Random masks beside each mask, 20 or more. Default: 199, or 40 for each group if that is more.")
    private @Nullable Integer draws;

    @Option(
            names = "--controls",
            paramLabel = "P",
            defaultValue = "OUTSIDE_CIRCUIT",
            description =
                    "Channels that random masks are drawn from: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private ControlPool controls = ControlPool.OUTSIDE_CIRCUIT;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the random masks. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--max-images", paramLabel = "N", description = "Use the first N images; all by default.")
    private @Nullable Integer maxImages;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "debug",
            description = "Where to write; made if need be. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("debug");

    @Option(names = "--quiet", description = "Say nothing but errors.")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        checkOptions();
        OutputFolder.check(out);
        Optional<ConceptCircuit> known = circuitOption.read();
        NetworkGraph graph = model.graph();
        ImageSource source = images == null ? drawn() : source(images, preprocessing.fittedTo(graph.input()));
        CircuitOption.checkPreprocessing(known, source.preprocessing());
        try (ConsoleProgress progress = new ConsoleProgress(quiet, Optional.empty());
                ModelProbe probe = SameDiffProbe.open(graph, CircuitOption.plan(known))) {
            CircuitOption.Found found = known.map(circuit -> new CircuitOption.Found(circuit, Optional.empty()))
                    .orElseGet(() -> CircuitOption.embedded(probe, layer == null ? "block3" : layer, progress));
            ImageDebugger debugger = debugger(probe, found.circuit()).onProgress(progress);
            List<NeuronGroup> groups = masked.isEmpty()
                    ? debugger.groups()
                    : masked.stream().distinct().map(debugger::group).toList();
            ImageSet loaded = source.load();
            loaded.problems().forEach(problem -> System.err.println("neurflow: warning: left out " + problem));
            ImagePatches windows = CircuitOption.grid(known).cut(loaded);
            Investigation investigation = debugger.investigate(windows, groups);
            if (!quiet) {
                System.out.println(investigation);
            }
            found.patches().ifPresent(patches -> sayWindows(debugger, investigation, patches));
            write(investigation, windows, found);
        }
        return 0;
    }

    private void checkOptions() {
        checkArgument(
                model.embedded() || circuitOption.given(),
                "expected a circuit of the model, but there is none; build one with 'neurflow explain' and name it with"
                        + " --circuit");
        checkArgument(
                model.embedded() || images != null,
                "expected an image or a folder of images for the model, but there is none; name it with --images");
        checkArgument(
                images != null || !preprocessing.given(),
                "expected images for --preprocessing, but there are none; name them with --images, or leave"
                        + " --preprocessing out");
        preprocessing.read();
        checkArgument(
                maxImages == null || maxImages >= 1, "expected 1 or more for --max-images, but it is %s", maxImages);
        checkArgument(threshold > 0, "expected more than 0 for --threshold, but it is %s", threshold);
        checkArgument(
                draws == null || draws >= ImageDebugger.FEWEST_DRAWS,
                "expected %s or more for --draws, but it is %s",
                ImageDebugger.FEWEST_DRAWS,
                draws);
    }

    private ImageDebugger debugger(ModelProbe probe, ConceptCircuit circuit) {
        ImageDebugger debugger = ImageDebugger.of(probe, circuit)
                .rule(rule)
                .threshold(threshold)
                .controls(controls)
                .seed(seed);
        debugger = layer == null ? debugger : debugger.layer(layer);
        return draws == null ? debugger : debugger.draws(draws);
    }

    private ImageSource source(Path path, Preprocessing fitted) {
        ImageSource source = Files.isRegularFile(path)
                ? ImageSource.files(List.of(path), fitted)
                : ImageSource.directory(path, fitted);
        return maxImages == null ? source : source.limit(maxImages);
    }

    /** Things in front of daisies, most of which the model takes for beetles, and as many in front of anything else. */
    private ImageSource drawn() {
        ImmutableList.Builder<DrawnPicture> pictures = ImmutableList.builder();
        DrawnWorld world = DrawnWorld.seeded(PICTURE_SEED);
        for (Thing thing : List.of(Thing.FISH, Thing.TURTLE, Thing.MUSHROOM)) {
            pictures.addAll(world.inFrontOf(thing, Background.FLOWERS, PICTURES_EACH));
            pictures.addAll(world.withoutCue(thing, PICTURES_EACH));
        }
        ImmutableList<DrawnPicture> all = pictures.build();
        ImageSource source = ImageSource.ofCrops(
                all.stream().map(DrawnPicture::name).toList(),
                all.stream().map(DrawnPicture::crop).toList(),
                EmbeddedModel.preprocessing());
        return maxImages == null ? source : source.limit(maxImages);
    }

    /** Which patches of the circuit need the culprit most (Fig. 9, right). */
    private void sayWindows(ImageDebugger debugger, Investigation investigation, ImagePatches patches) {
        if (quiet) {
            return;
        }
        investigation.culprit().ifPresent(culprit -> {
            List<MaskChange> drops =
                    debugger.maskEverywhere(culprit.group(), patches).byLogitDrop();
            System.out.println("patches of the class that lose most of its logit without "
                    + culprit.group().name() + ":");
            drops.stream().limit(5).forEach(change -> {
                var patch = patches.patches().get(change.before().patch());
                System.out.printf(
                        java.util.Locale.ROOT,
                        "  %s, rows from %d, columns from %d, %d pixels: logit falls by %.2f%n",
                        change.before().image().name(),
                        patch.top(),
                        patch.left(),
                        patch.size(),
                        change.logitDrop());
            });
        });
    }

    private void write(Investigation investigation, ImagePatches windows, CircuitOption.Found found)
            throws IOException {
        DebugReport report =
                DebugReport.of(investigation).pictures(windows).classNames(classNames.names(model.embedded()));
        DebugReport full = found.patches()
                .map(patches -> report.examples(new GroupExamples(found.circuit(), patches)))
                .orElse(report);
        Files.createDirectories(out);
        Path page = out.resolve("debug.html");
        Path json = out.resolve("debug.json");
        full.write(page);
        full.writeJson(json);
        if (!quiet) {
            System.out.println("wrote " + page + "\nwrote " + json);
        }
    }
}
