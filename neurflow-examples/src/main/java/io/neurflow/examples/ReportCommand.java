package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.io.MoreFiles;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Patch;
import io.neurflow.api.Shape;
import io.neurflow.core.image.CircuitPictures;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.report.CircuitGraphs;
import io.neurflow.core.report.CircuitJson;
import io.neurflow.core.report.CircuitReport;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows a saved circuit again, without the model. */
@Command(
        name = "report",
        description = {
            "Makes pages and pictures of a circuit that 'neurflow explain' saved. The model is not needed; the images are, for"
                    + " pages with pictures.",
            "What to write is told by the file's ending: .html, .svg, .png, .graphml or .dot. The page is one file that works"
                    + " from disk, without a network: mail it as it is."
        },
        footer = {
            "%nA page with labels, and a picture for a slide:",
            "  neurflow explain --model m.onnx --images bees --class 309 --layers layer4.2 --out bee",
            "  neurflow label --circuit bee --images bees --out bee",
            "  neurflow report --circuit bee --images bees --labels bee/labels.json --out bee.html --out bee.png",
            "With the notes that a reader of the page saved, as labels:",
            "  neurflow report --circuit bee --images bees --labels circuit-notes.json --out noted.html",
            "The embedded model draws its own images:",
            "  neurflow explain && neurflow report --circuit circuit --out circuit.png"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ReportCommand implements Callable<Integer> {
    private static final Set<String> ENDINGS = Set.of("html", "svg", "png", "graphml", "dot");

    @Option(
            names = "--circuit",
            required = true,
            paramLabel = "FILE|DIR",
            description = "A circuit.json that 'neurflow explain' wrote, or the folder it is in.")
    private Path saved = Path.of("");

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "The folder of the images that the circuit was built from; they are found by their contents."
                    + " Without it there are no pictures, save for the embedded model's.")
    private @Nullable Path images;

    @Mixin
    private PreprocessingOption preprocessing = new PreprocessingOption();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "What to write; a file of that name is replaced. May be given several times.")
    private List<Path> outs = new ArrayList<>();

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description =
                    "What the groups are called: labels.json of 'neurflow label', notes saved from the page, or JSON by"
                            + " hand such as {\"layer4.2/G3\": \"petals\"}.")
    private @Nullable Path labels;

    @Option(names = "--title", paramLabel = "TEXT", description = "What to call the class. Default: its neuron.")
    private @Nullable String title;

    @Option(
            names = "--pictures",
            paramLabel = "N",
            defaultValue = "6",
            description = "Patches of each semantic group at most; fewer if the page gets too large. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int pictures;

    @Option(names = "--quiet", description = "Say nothing but errors.")
    private boolean quiet;

    @Override
    public Integer call() {
        outs.forEach(ReportCommand::checkOut);
        checkArgument(pictures >= 1, "expected 1 or more for --pictures, but it is %s", pictures);
        checkArgument(
                images != null || !preprocessing.given(),
                "expected images for --preprocessing, but there are none; name them with --images, or leave"
                        + " --preprocessing out");
        preprocessing.read();
        ConceptCircuit circuit = CircuitJson.read(Files.isDirectory(saved) ? saved.resolve("circuit.json") : saved);
        CircuitReport report = CircuitReport.of(circuit).picturesPerGroup(pictures);
        if (title != null) {
            report = report.className(title);
        }
        if (labels != null) {
            report = LabelsFile.show(report, labels);
        }
        report = pictures(circuit).map(report::pictures).orElse(report);
        for (Path out : outs) {
            write(report, out);
            if (!quiet) {
                System.out.println("wrote " + out);
            }
        }
        return 0;
    }

    private static String ending(Path file) {
        return MoreFiles.getFileExtension(file).toLowerCase(Locale.ROOT);
    }

    private static void checkOut(Path file) {
        checkArgument(
                ENDINGS.contains(ending(file)),
                "expected a file that ends in .html, .svg, .png, .graphml or .dot for --out, but it is '%s'",
                file);
        Path folder = file.toAbsolutePath().getParent();
        checkArgument(
                folder != null && Files.isDirectory(folder) && !Files.isDirectory(file),
                "expected a file in a folder that exists for --out, but '%s' is none; make its folder first",
                file);
    }

    private Optional<CircuitPictures> pictures(ConceptCircuit circuit) {
        ImageSource source;
        if (images != null) {
            source = ImageSource.directory(images, preprocessing.fittedTo(input(circuit)));
        } else if (circuit.provenance()
                .model()
                .name()
                .equals(EmbeddedModel.graph().name())) {
            source = EmbeddedModel.images(circuit.neurons().root().channel());
        } else {
            return Optional.empty();
        }
        CircuitOption.checkPreprocessing(Optional.of(circuit), source.preprocessing());
        return Optional.of(CircuitPictures.of(circuit, source.load()));
    }

    /** The model's input, which the largest window is all of. */
    private static Shape input(ConceptCircuit circuit) {
        int side = circuit.patches().stream()
                .mapToInt((Patch patch) -> patch.top() + patch.size())
                .max()
                .orElseThrow(() -> new NeurflowException(
                        "expected a circuit with patches for --images, but it has none; leave --images out"));
        return new Shape(3, side, side);
    }

    private static void write(CircuitReport report, Path file) {
        switch (ending(file)) {
            case "html" -> report.write(file);
            case "png" -> report.writePng(file);
            case "svg" -> put(file, report.toSvg());
            case "graphml" -> put(file, CircuitGraphs.graphMl(report.circuit()));
            default -> put(file, CircuitGraphs.dot(report.circuit()));
        }
    }

    private static void put(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected to write '" + file + "', but it cannot be written (" + e + "); check its folder", e);
        }
    }
}
