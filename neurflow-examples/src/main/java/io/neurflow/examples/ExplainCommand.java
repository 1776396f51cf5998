package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.Preset;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ClassImages;
import io.neurflow.core.image.ImagePatches;
import io.neurflow.core.image.ImageProblem;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.PatchGrid;
import io.neurflow.core.image.Preprocessing;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.report.CircuitFiles;
import io.neurflow.core.report.CircuitReport;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Builds the concept circuit of a class and writes it out. */
@Command(
        name = "explain",
        description = {
            "Builds the concept circuit of a class and writes circuit.html, .json, .svg, .graphml and .dot.",
            "Without --model it explains the embedded model, which was trained on pictures that this program draws."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ExplainCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "An ONNX classifier, .onnx or .onnx.gz; the embedded model by default.")
    private @Nullable Path model;

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

    @Option(
            names = "--class-names",
            paramLabel = "FILE",
            description = "A text file with the name of one class on each line, for the page's title.")
    private @Nullable Path classNames;

    @Option(
            names = "--preprocessing",
            paramLabel = "imagenet|caffe|FILE",
            description =
                    "How pixels become inputs: imagenet (RGB / 255, less mean, by deviation; default), caffe (BGR less"
                            + " mean), or a file that says it.")
    private @Nullable String preprocessing;

    @Option(
            names = "--layers",
            paramLabel = "a,b,c",
            description =
                    "Layers of the circuit below the logits, in any order; 'neurflow layers' lists them. By default the two"
                            + " highest blocks; of the embedded model all three.")
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
            defaultValue = "16",
            description = "Core concept neurons of each neuron. Default: ${DEFAULT-VALUE}.")
    private int tau;

    @Option(names = "--k", defaultValue = "50", description = "Patches of each concept. Default: ${DEFAULT-VALUE}.")
    private int k;

    @Option(
            names = "--steps",
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

    @Option(names = "--quiet", description = "Say nothing but errors.")
    private boolean quiet;

    @Override
    public Integer call() {
        checkArgument(
                model == null || images != null,
                "expected a folder of photographs for the model, but there is none; name it with --images");
        checkArgument(
                model == null || target != null,
                "expected the class to explain, but there is none; name its index with --class");
        prepareOut();
        NetworkGraph graph = model == null ? EmbeddedModel.graph() : OnnxImporter.read(model);
        LayerPlan plan = plan();
        String lowest = plan.layersOf(graph).layers().get(0).name();
        try (ConsoleProgress progress = new ConsoleProgress(quiet);
                ModelProbe probe =
                        SameDiffProbe.open(graph, preset == Preset.AUTHORS_CODE ? plan.withBlockBelow() : plan)) {
            int classIndex = target == null ? EmbeddedModel.defaultClass() : target;
            ImageSource source = source(probe.inputShape(), classIndex);
            ClassImages chosen =
                    ClassImages.select(probe, source, classIndex, maxImages().orElse(Integer.MAX_VALUE), progress);
            PatchGrid grid = preset == Preset.RECOMMENDED ? PatchGrid.paper().withBorderWindows() : PatchGrid.paper();
            ImagePatches patches = grid.cut(chosen.images());
            CircuitBuilder builder = CircuitBuilder.using(CoreConceptFinder.over(probe)
                            .topPatches(k)
                            .maxCoreNeurons(tau)
                            .integrationSteps(steps))
                    .preset(preset)
                    .downTo(probe.layer(lowest))
                    .onProgress(progress);
            ConceptCircuit circuit =
                    describe(builder, source, chosen, grid).build(probe.logits().neuron(classIndex), patches);
            CircuitReport report = CircuitReport.of(circuit).pictures(patches);
            Optional<String> name = className(classIndex);
            List<Path> written =
                    CircuitFiles.write(out, name.map(report::className).orElse(report));
            if (!quiet) {
                System.out.println(circuit);
                written.forEach(file -> System.out.println("wrote " + file));
            }
        }
        return 0;
    }

    private void prepareOut() {
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected a folder to write to, but '" + out + "' cannot be made: " + e.getMessage()
                            + "; choose another --out",
                    e);
        }
    }

    private LayerPlan plan() {
        if (layers != null) {
            return LayerPlan.of(
                    Splitter.on(',').trimResults().omitEmptyStrings().splitToList(layers));
        }
        return model == null ? LayerPlan.of(EmbeddedModel.layers()) : LayerPlan.suggested(2);
    }

    private OptionalInt maxImages() {
        return maxImages == null ? OptionalInt.empty() : OptionalInt.of(maxImages);
    }

    private ImageSource source(Shape input, int classIndex) {
        if (images == null) {
            return EmbeddedModel.images(classIndex);
        }
        checkArgument(
                input.height() == input.width(),
                "expected a model with a square input, but it has %s; cut such images in a program of your own",
                input);
        Preprocessing numbers = model == null && preprocessing == null ? EmbeddedModel.preprocessing() : named();
        return ImageSource.directory(
                images, input.height() == numbers.side() ? numbers : numbers.withSide(input.height()));
    }

    private Preprocessing named() {
        if (preprocessing == null) {
            return Preprocessing.imageNet();
        }
        Path file = Path.of(preprocessing);
        return Files.exists(file) ? Preprocessing.read(file) : Preprocessing.named(preprocessing);
    }

    private Optional<String> className(int classIndex) {
        if (classNames == null) {
            return model == null ? Optional.of(EmbeddedModel.classNames().get(classIndex)) : Optional.empty();
        }
        try {
            List<String> names = Files.readAllLines(classNames);
            return classIndex < names.size() ? Optional.of(names.get(classIndex).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new NeurflowException("the class names in '" + classNames + "' cannot be read: " + e.getMessage(), e);
        }
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
