package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Quadrature;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.Preset;
import io.neurflow.core.certificate.Certificate;
import io.neurflow.core.certificate.Certifier;
import io.neurflow.core.diff.WeightDraws;
import io.neurflow.core.doctor.Finding;
import io.neurflow.core.doctor.ModelDoctor;
import io.neurflow.core.doctor.Severity;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ClassImages;
import io.neurflow.core.image.ImagePatches;
import io.neurflow.core.image.ImageProblem;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.PatchGrid;
import io.neurflow.core.report.CircuitFiles;
import io.neurflow.core.report.CircuitReport;
import io.neurflow.core.report.WeightDrawsJson;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.core.store.RunStore;
import io.neurflow.examples.bench.StageClock;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Builds the concept circuit of a class and writes it out. */
@Command(
        name = "explain",
        description = {
            "Builds the concept circuit of a class and writes circuit.html, .json, .svg, .graphml and .dot.",
            "Without --model it explains the embedded model, which was trained on pictures that this program draws."
        },
        footer = {
            "%nA first look that takes a minute, then a model of your own:",
            "  neurflow explain",
            "  neurflow doctor --model m.onnx --images bees --class 309",
            "  neurflow layers --model m.onnx",
            "  neurflow explain --model m.onnx --images bees --class 309 --layers layer4.1,layer4.2 --max-images 50 --out bee",
            "Say first what a long run will take, and make it one that can be continued:",
            "  neurflow explain --model m.onnx --images bees --class 309 --dry-run",
            "  neurflow explain --model m.onnx --images bees --class 309 --store bee.store --certify other-bees --out bee",
            "What to do with the result: 'neurflow debug', 'label' and 'diff' read circuit.json."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ExplainCommand implements Callable<Integer> {
    @Mixin
    private ModelOption model = new ModelOption();

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description =
                    "A folder of JPEG or PNG photographs. They are taken in the order of their names; those that the model"
                            + " does not assign to the class are left out and counted.")
    private @Nullable Path images;

    @Option(
            names = "--class",
            paramLabel = "N",
            description = "The class: its index among the logits, from 0. ImageNet's bee is 309.")
    private @Nullable Integer target;

    @Mixin
    private ClassNamesOption classNames = new ClassNamesOption();

    @Mixin
    private PreprocessingOption preprocessing = new PreprocessingOption();

    @Option(
            names = "--layers",
            paramLabel = "NAMES",
            description =
                    "Layers of the circuit below the logits, with commas between them, in any order; 'neurflow layers' lists"
                            + " them. By default the two highest blocks; of the embedded model all three.")
    private @Nullable String layers;

    @Option(
            names = "--preset",
            paramLabel = "P",
            defaultValue = "RECOMMENDED",
            description = "Where paper, authors' code and good practice differ: ${COMPLETION-CANDIDATES}. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Preset preset = Preset.RECOMMENDED;

    @Option(
            names = "--tau",
            paramLabel = "N",
            defaultValue = "16",
            description = "Core concept neurons of each neuron. Default: ${DEFAULT-VALUE}.")
    private int tau;

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
            names = "--max-images",
            paramLabel = "N",
            description = "Use the first N images of the class; all by default, 40 for the embedded model.")
    private @Nullable Integer maxImages;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "circuit",
            description = "Where to write; made if need be. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("circuit");

    @Option(
            names = "--timings",
            description = "Say at the end how long each stage took, and the most memory that was resident.")
    private boolean timings;

    @Option(
            names = "--store",
            paramLabel = "DIR",
            description =
                    "Keep what takes long in this folder as it is computed, and go on from there when started again.")
    private @Nullable Path store;

    @Option(
            names = "--certify",
            paramLabel = "DIR",
            description =
                    "A folder of other photographs of the class, which have no part in the circuit: say how far it can be"
                            + " trusted, here and in certificate.txt.")
    private @Nullable Path certify;

    @Option(
            names = "--intervals",
            description =
                    "Write intervals.json, too: how the weights of the edges vary when the images are drawn again. With it"
                            + " 'neurflow diff' has confidence intervals.")
    private boolean intervals;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Seed of what is random in --intervals and --certify; the circuit itself has nothing random. Default:"
                            + " ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--dry-run",
            description =
                    "Print forwards, backwards, memory, disk and an estimate of the time, less what --store holds; build and"
                            + " write nothing.")
    private boolean dryRun;

    @Option(names = "--quiet", description = "Say nothing but errors.")
    private boolean quiet;

    @Override
    public Integer call() {
        checkOptions();
        if (!dryRun) {
            OutputFolder.check(out);
        }
        // A plan looks into a store, but makes none.
        Optional<RunStore> kept =
                store == null || (dryRun && !Files.exists(store)) ? Optional.empty() : Optional.of(openStore(store));
        StageClock clock = new StageClock("reading the model");
        NetworkGraph graph = model.graph();
        warnBeforeTheWork(graph);
        GraphLayers chosen = chosenLayers(graph);
        int classIndex = target == null ? EmbeddedModel.defaultClass() : target;
        checkClass(classIndex, Iterables.getLast(chosen.layers()));
        Optional<String> name = classNames.name(classIndex, model.embedded());
        ImageSource source = images == null
                ? EmbeddedModel.images(classIndex)
                : ImageSource.directory(images, preprocessing.fittedTo(graph.input()));
        Optional<ImageSource> heldOut = Optional.ofNullable(certify)
                .map(other -> ImageSource.directory(other, preprocessing.fittedTo(graph.input())));
        try (ConsoleProgress progress = new ConsoleProgress(quiet, kept);
                ModelProbe engine =
                        SameDiffProbe.open(graph, preset == Preset.AUTHORS_CODE ? plan().withBlockBelow() : plan())) {
            ModelProbe probe = timings ? clock.timed(engine) : engine;
            Layer lowest = probe.layer(chosen.layers().get(0).name());
            clock.enter("images of class " + classIndex);
            Run run = prepare(probe, lowest, source, classIndex, clock.before(progress));
            CircuitBuilder builder = kept.map(run.builder()::store).orElse(run.builder());
            if (dryRun) {
                System.out.println(builder.plan(probe.logits().neuron(classIndex), run.patches()));
                return 0;
            }
            WeightDraws.Recorder recorder = new WeightDraws.Recorder(run.patches());
            ConceptCircuit circuit = (intervals ? builder.onFinding(recorder) : builder)
                    .build(probe.logits().neuron(classIndex), run.patches());
            CircuitReport report = CircuitReport.of(circuit).pictures(run.patches());
            clock.enter("report");
            List<Path> written =
                    CircuitFiles.write(out, name.map(report::className).orElse(report));
            if (!quiet) {
                System.out.println(report.circuit());
                written.forEach(file -> System.out.println("wrote " + file));
            }
            writeIntervals(recorder, circuit);
            if (heldOut.isPresent()) {
                clock.enter("certificate");
                Certificate certificate = certify(probe, circuit, run.patches(), heldOut.get(), classIndex, progress);
                CircuitReport certified = CircuitReport.of(circuit.withCertificate(certificate.summary()))
                        .pictures(run.patches());
                CircuitFiles.write(out, name.map(certified::className).orElse(certified));
            }
            if (timings) {
                System.out.print(clock.table());
            }
        }
        return 0;
    }

    private void writeIntervals(WeightDraws.Recorder recorder, ConceptCircuit circuit) {
        if (!intervals) {
            return;
        }
        Path file = out.resolve(WeightDrawsJson.FILE);
        WeightDrawsJson.write(recorder.draws(circuit, WeightDraws.DRAWS, seed), file);
        if (!quiet) {
            System.out.println("wrote " + file);
        }
    }

    /** On whole images: crops would say what the circuit does with crops. */
    private Certificate certify(
            ModelProbe probe,
            ConceptCircuit circuit,
            ImagePatches patches,
            ImageSource source,
            int classIndex,
            ProgressListener progress) {
        ClassImages others = ClassImages.select(probe, source, classIndex, Integer.MAX_VALUE, progress);
        ImagePatches whole = PatchGrid.paper().fractions(1).cut(others.images());
        Certificate certificate = Certifier.over(probe).seed(seed).certify(circuit, patches, whole);
        Path file = out.resolve("certificate.txt");
        try {
            Files.writeString(file, certificate + "\n");
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected to write '" + file + "', but it cannot be written; check its folder", e);
        }
        if (!quiet) {
            System.out.println(certificate.brief());
            System.out.println("wrote " + file);
        }
        return certificate;
    }

    /** A line for each entry that is damaged, not a log record: the command line has no log. */
    private static RunStore openStore(Path folder) {
        return RunStore.at(folder).onWarning(line -> System.err.println("neurflow: warning: " + line));
    }

    /** The cheap part of {@code doctor}: an error ends the run here, before hours are spent on it. */
    private void warnBeforeTheWork(NetworkGraph graph) {
        for (Finding finding : ModelDoctor.of(graph).layers(plan()).look().findings()) {
            if (finding.severity() == Severity.ERROR && !finding.check().equals("shapes")) {
                throw new NeurflowException(finding.line());
            }
            if (finding.severity() == Severity.WARNING && !quiet) {
                System.err.println("neurflow: warning: " + Printable.line(finding.line()));
            }
        }
    }

    private record Run(CircuitBuilder builder, ImagePatches patches) {}

    private Run prepare(ModelProbe probe, Layer lowest, ImageSource source, int classIndex, ProgressListener progress) {
        int most = maxImages == null ? Integer.MAX_VALUE : maxImages;
        ClassImages chosen = ClassImages.select(probe, source, classIndex, most, progress);
        PatchGrid grid = PatchGrid.of(preset);
        ImagePatches patches = grid.cut(chosen.images());
        CircuitBuilder builder = CircuitBuilder.using(CoreConceptFinder.over(probe)
                        .topPatches(k)
                        .maxCoreNeurons(tau)
                        .integrationSteps(steps))
                .preset(preset)
                .downTo(lowest)
                .onProgress(progress);
        return new Run(describe(builder, source, chosen, grid), patches);
    }

    /** What can be told from the options alone. */
    private void checkOptions() {
        checkArgument(
                model.embedded() || images != null,
                "expected a folder of photographs for the model, but there is none; name it with --images");
        checkArgument(
                model.embedded() || target != null,
                "expected the class to explain, but there is none; name its index with --class");
        checkArgument(
                images != null || !preprocessing.given(),
                "expected photographs for --preprocessing, but there are none; name their folder with --images, or leave"
                        + " --preprocessing out");
        preprocessing.read();
        atLeast(2, "--k", k);
        atLeast(1, "--tau", tau);
        checkArgument(
                steps >= 1 && steps <= Quadrature.MAX_STEPS,
                "expected 1 to %s for --steps, but it is %s",
                Quadrature.MAX_STEPS,
                steps);
        if (maxImages != null) {
            atLeast(1, "--max-images", maxImages);
        }
    }

    private static void atLeast(int least, String option, int value) {
        checkArgument(value >= least, "expected %s or more for %s, but it is %s", least, option, value);
    }

    private LayerPlan plan() {
        if (layers != null) {
            return LayerPlan.of(layerNames(layers));
        }
        return model.embedded() ? LayerPlan.of(EmbeddedModel.layers()) : LayerPlan.suggested(2);
    }

    private List<String> layerNames(String text) {
        List<String> names = Splitter.on(',').trimResults().omitEmptyStrings().splitToList(text);
        checkArgument(
                !names.isEmpty(),
                "expected names of layers after --layers, with commas between them, but there are none; '%s' lists them",
                model.layersCommand());
        return names;
    }

    /** The layers of the circuit from bottom to top. */
    private GraphLayers chosenLayers(NetworkGraph graph) {
        GraphLayers chosen = model.layers(graph, plan());
        checkArgument(
                chosen.layers().size() > 1,
                "expected a layer below the logits %s to explain them by, but there is none; choose from '%s' with --layers",
                chosen.layers().get(0).name(),
                model.layersCommand());
        return chosen;
    }

    private static void checkClass(int classIndex, Layer logits) {
        int classes = logits.shape().channels();
        checkArgument(
                classIndex >= 0 && classIndex < classes,
                "expected 0 to %s for --class, since the model has %s classes, but it is %s",
                classes - 1,
                classes,
                classIndex);
    }

    private static CircuitBuilder describe(
            CircuitBuilder builder, ImageSource source, ClassImages chosen, PatchGrid grid) {
        CircuitBuilder described = builder.note(
                        "preprocessing", source.preprocessing().describe())
                .note("patches", grid.toString())
                .note("images_examined", Integer.toString(chosen.examined()))
                .note("images_of_other_classes", Integer.toString(chosen.otherClass()))
                .note("images_unreadable", Integer.toString(chosen.unreadable().size()));
        ImmutableList<ImageProblem> problems = chosen.unreadable();
        for (ImageProblem problem : problems) {
            described = described.warning("left out " + problem);
        }
        return described;
    }
}
