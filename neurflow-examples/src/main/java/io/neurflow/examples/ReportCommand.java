package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.io.MoreFiles;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.Preprocessing;
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
            "What to write is told by the file's ending: .html, .svg, .png, .graphml, .dot or .json."
        },
        footer = {
            "%nA page with labels and a certificate, and a picture for a slide:",
            "  neurflow report --circuit bee --images photographs/bee --labels bee/labels.json \\",
            "      --certificate bee/certificate.txt --out bee.html --out bee.png",
            "The embedded model draws its own images:",
            "  neurflow explain && neurflow report --circuit circuit --out circuit.png"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ReportCommand implements Callable<Integer> {
    private static final Set<String> ENDINGS = Set.of("html", "svg", "png", "graphml", "dot", "json");

    @Option(
            names = "--circuit",
            required = true,
            paramLabel = "DIR",
            description = "A folder with a circuit.json that 'neurflow explain' wrote, or that file itself.")
    private Path saved = Path.of("");

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "The folder of the photographs that the circuit was built from. Without it there are no pictures,"
                    + " save for the embedded model's.")
    private @Nullable Path images;

    @Mixin
    private PreprocessingOption preprocessing = new PreprocessingOption();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "What to write. May be given several times.")
    private List<Path> outs = new ArrayList<>();

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = "A JSON file that 'neurflow label' wrote, or one such as {\"layer4.2/G3\": \"petals\"}.")
    private @Nullable Path labels;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            description = "The certificate.txt that 'neurflow explain --certify' wrote; its verdict stands in the page's head.")
    private @Nullable Path certificate;

    @Option(names = "--title", paramLabel = "TEXT", description = "What to call the class. Default: its neuron.")
    private @Nullable String title;

    @Option(
            names = "--pictures",
            paramLabel = "N",
            defaultValue = "6",
            description = "Patches of each semantic group at most. Default: ${DEFAULT-VALUE}.")
    private int pictures;

    @Option(names = "--quiet", description = "Say nothing but errors.")
    private boolean quiet;

    @Override
    public Integer call() {
        outs.forEach(ReportCommand::checkOut);
        checkArgument(pictures >= 1, "expected 1 or more for --pictures, but it is %s", pictures);
        ConceptCircuit circuit =
                CircuitJson.read(Files.isDirectory(saved) ? saved.resolve("circuit.json") : saved);
        CircuitReport report = CircuitReport.of(circuit).picturesPerGroup(pictures);
        Optional<SavedPictures> found = pictures(circuit);
        if (found.isPresent()) {
            report = report.pictures(found.get());
        }
        if (title != null) {
            report = report.className(title);
        }
        if (labels != null) {
            report = report.labels(LabelsFile.read(labels));
        }
        if (certificate != null) {
            report = report.certificate(text(certificate));
        }
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
                "expected a file that ends in .html, .svg, .png, .graphml, .dot or .json for --out, but it is '%s'",
                file);
        Path folder = file.toAbsolutePath().getParent();
        checkArgument(
                folder != null && Files.isDirectory(folder),
                "expected a file in a folder that exists for --out, but '%s' is in none; make the folder first",
                file);
    }

    private Optional<SavedPictures> pictures(ConceptCircuit circuit) {
        int side = SavedPictures.side(circuit);
        if (images != null) {
            checkArgument(side > 0, "expected a circuit with patches for --images, but it has none");
            Preprocessing how = preprocessing.fittedTo(new Shape(3, side, side));
            CircuitOption.checkPreprocessing(Optional.of(circuit), how);
            return Optional.of(SavedPictures.of(circuit, ImageSource.directory(images, how).load()));
        }
        if (!circuit.provenance().model().name().equals(EmbeddedModel.graph().name())) {
            return Optional.empty();
        }
        int root = circuit.neurons().root().channel();
        return Optional.of(SavedPictures.of(circuit, EmbeddedModel.images(root).load()));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected a certificate.txt for --certificate, but '" + file + "' "
                            + (Files.exists(file) ? "cannot be read as UTF-8 text" : "does not exist")
                            + "; check the file",
                    e);
        }
    }

    private static void write(CircuitReport report, Path file) {
        switch (ending(file)) {
            case "html" -> report.write(file);
            case "png" -> report.writePng(file);
            case "json" -> CircuitJson.write(report.circuit(), file);
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
                    "expected to write '" + file + "', but it cannot be written; check its folder", e);
        }
    }
}
