package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ModelProbe;
import io.neurflow.core.diff.CircuitDiff;
import io.neurflow.core.diff.GroupAlignment;
import io.neurflow.core.diff.WeightDraws;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ImagePatches;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.PatchGrid;
import io.neurflow.core.report.CircuitJson;
import io.neurflow.core.report.DiffReport;
import io.neurflow.core.report.WeightDrawsJson;
import io.neurflow.core.samediff.SameDiffProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares two circuits. */
@Command(
        name = "diff",
        description = {
            "Compares two circuits: of two classes, two models (before and after fine-tuning), or two presets. Says which neuron"
                    + " groups are in both, and which edges were added, lost or re-weighted. Writes diff.html and diff.json.",
            "Groups are paired by the patches of their concepts if the circuits were built from the same images; otherwise"
                    + " by what the models see in images that you name with --images.",
            "Where both circuits have an intervals.json beside them ('neurflow explain --intervals'), a difference counts only if its"
                    + " interval of 95 %% excludes 0; else it is unclear.",
        },
        footer = {
            "%nTwo presets:",
            "  neurflow explain --preset PAPER --intervals --out paper",
            "  neurflow explain --intervals --out ours",
            "  neurflow diff paper ours --out paper-ours",
            "Two classes of one model:",
            "  neurflow diff bee ant --model m.onnx --images bees-and-ants"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class DiffCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "BEFORE",
            description = "A circuit.json that 'neurflow explain' wrote, or its folder.")
    private Path before = Path.of("");

    @Parameters(index = "1", paramLabel = "AFTER", description = "Another one.")
    private Path after = Path.of("");

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "A folder of images for both models to look at, some of each class.")
    private @Nullable Path images;

    @Option(names = "--max-images", paramLabel = "N", description = "Use the first N of them; all by default.")
    private @Nullable Integer maxImages;

    @Mixin
    private ModelOption model = new ModelOption();

    @Option(
            names = "--other-model",
            paramLabel = "FILE",
            description = "The model of the second circuit, if it is another one. For --images.")
    private @Nullable Path otherModel;

    @Mixin
    private PreprocessingOption preprocessing = new PreprocessingOption();

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            defaultValue = "0.01",
            description = "How far weights may differ and still count as the same. Default: ${DEFAULT-VALUE}.")
    private double tolerance;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "diff",
            description = "Where to write; made if need be. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("diff");

    @Option(names = "--quiet", description = "Say nothing but errors.")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        checkArgument(
                maxImages == null || maxImages >= 1, "expected 1 or more for --max-images, but it is %s", maxImages);
        checkArgument(tolerance >= 0, "expected 0 or more for --tolerance, but it is %s", tolerance);
        OutputFolder.check(out);
        ConceptCircuit one = CircuitJson.read(CircuitOption.file(before));
        ConceptCircuit other = CircuitJson.read(CircuitOption.file(after));
        GroupAlignment alignment = images == null ? GroupAlignment.byPatches(one, other) : byImages(one, other, images);
        Optional<WeightDraws> drawn = draws(before, one);
        Optional<WeightDraws> drawnAfter = draws(after, other);
        CircuitDiff diff = drawn.isPresent() && drawnAfter.isPresent()
                ? CircuitDiff.of(alignment, tolerance, drawn.get(), drawnAfter.get())
                : CircuitDiff.of(alignment, tolerance);
        DiffReport report = DiffReport.of(diff);
        Files.createDirectories(out);
        Path page = out.resolve("diff.html");
        Path json = out.resolve("diff.json");
        report.write(page);
        report.writeJson(json);
        if (!quiet) {
            System.out.println(diff + "\nwrote " + page + "\nwrote " + json);
        }
        return 0;
    }

    /** What {@code explain --intervals} left beside a circuit. */
    private static Optional<WeightDraws> draws(Path named, ConceptCircuit circuit) {
        Path beside = CircuitOption.file(named).resolveSibling(WeightDrawsJson.FILE);
        return Files.exists(beside) ? Optional.of(WeightDrawsJson.read(beside, circuit)) : Optional.empty();
    }

    private GroupAlignment byImages(ConceptCircuit one, ConceptCircuit other, Path folder) {
        NetworkGraph graph = model.graph();
        ImageSource source = ImageSource.directory(folder, preprocessing.fittedTo(graph.input()));
        ImagePatches windows = PatchGrid.paper().cut(maxImages == null ? source : source.limit(maxImages));
        NetworkGraph otherGraph =
                otherModel == null ? graph : ModelFormat.of(otherModel).read(otherModel, Optional.empty());
        checkArgument(
                otherGraph.input().equals(graph.input()),
                "expected two models with inputs of one size, but they take %s and %s",
                graph.input(),
                otherGraph.input());
        try (ConsoleProgress progress = new ConsoleProgress(quiet, Optional.empty());
                ModelProbe probe = SameDiffProbe.open(graph, CircuitOption.plan(Optional.of(one)));
                ModelProbe otherProbe = SameDiffProbe.open(otherGraph, CircuitOption.plan(Optional.of(other)))) {
            return GroupAlignment.byImages(one, probe, other, otherProbe, windows, progress);
        }
    }
}
