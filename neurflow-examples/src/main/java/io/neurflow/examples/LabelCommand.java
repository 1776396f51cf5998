package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.Shape;
import io.neurflow.core.image.CircuitPictures;
import io.neurflow.core.image.ImageSet;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.PatchPictures;
import io.neurflow.core.label.CircuitLabeler;
import io.neurflow.core.label.ConceptLabeler;
import io.neurflow.core.label.ConceptLabels;
import io.neurflow.core.label.FolderNames;
import io.neurflow.core.label.FormationLabeler;
import io.neurflow.core.label.LabelAudit;
import io.neurflow.core.label.LabelsJson;
import io.neurflow.core.label.NameLabeler;
import io.neurflow.core.label.OddOneOutJudge;
import io.neurflow.core.label.PictureSheet;
import io.neurflow.core.label.StatisticsLabeler;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says in words what the groups of a circuit stand for. */
@Command(
        name = "label",
        description = {
            "Says in words what the neuron groups of a circuit stand for. Writes labels.json, and the patches of each group as"
                    + " one picture into the folder 'sheets'.",
            "Three labelers: 'statistics' describes colours, edges and texture, and needs no network; 'names' takes words"
                    + " from the names of the images; 'openai' shows the sheets to a multimodal language model, at OpenAI or"
                    + " at any server that speaks its protocol, and also asks how each group forms from those below.",
            "Without --circuit the circuit of the embedded model's class beetle is built first.",
        },
        footer = {
            "%nA session, without a network:",
            "  neurflow explain --model m.onnx --images bees --class 309 --layers layer4.2 --out bee",
            "  neurflow label --circuit bee --images bees --audit",
            "With a model on this machine (Ollama), no key needed:",
            "  neurflow label --circuit bee --images bees --labeler openai --base-url http://localhost:11434/v1 --model"
                    + " gemma3 --audit",
            "With OpenAI. What it costs is said if you say the prices; look first with --dry-run:",
            "  export OPENAI_API_KEY=...",
            "  neurflow label --circuit bee --images bees --labeler openai --model gpt-4o --prices 2.50,10 --dry-run",
            "The pictures that are sent are those in 'sheets'. Names of files, layers and classes are not sent. Answers are"
                    + " kept in --store, and a question is asked once. The key is taken from an environment variable, never"
                    + " from the command line, and written nowhere.",
            "How far to trust a label: --audit gives the labeler its own labels and, for each, patches of which one belongs"
                    + " to another group. Near 1/choices the labels say nothing."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class LabelCommand implements Callable<Integer> {
    /** Who labels. */
    enum Labeler {
        STATISTICS,
        NAMES,
        OPENAI
    }

    @Mixin
    private CircuitOption circuitOption = new CircuitOption();

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description =
                    "The folder of images that the circuit was built from. Not needed for the embedded model, nor for"
                            + " --labeler names.")
    private @Nullable Path images;

    @Mixin
    private PreprocessingOption preprocessing = new PreprocessingOption();

    @Option(
            names = "--labeler",
            paramLabel = "L",
            defaultValue = "STATISTICS",
            description = "Who labels: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Labeler labeler = Labeler.STATISTICS;

    @Option(
            names = "--folders",
            paramLabel = "DIR",
            description =
                    "For names: look for the images below this folder, and take the names of the folders they are in"
                            + " instead of their own.")
    private @Nullable Path folders;

    @Mixin
    private LanguageModelOptions languageModel = new LanguageModelOptions();

    @Option(
            names = "--patches",
            paramLabel = "N",
            defaultValue = "16",
            description = "Patches of each group that the labeler sees. Default: ${DEFAULT-VALUE}.")
    private int patches;

    @Option(
            names = "--below",
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "From how many groups below the language model explains a group; 0 for captions only. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int below;

    @Option(
            names = "--audit",
            description = "Test the labels: the labeler has to find the patch that does not belong to a label.")
    private boolean audit;

    @Option(
            names = "--choices",
            paramLabel = "M",
            defaultValue = "5",
            description = "For --audit: patches to choose from. Default: ${DEFAULT-VALUE}.")
    private int choices;

    @Option(
            names = "--questions",
            paramLabel = "N",
            defaultValue = "8",
            description = "For --audit: questions for each group. Default: ${DEFAULT-VALUE}.")
    private int questions;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of patches to compare with, and of the audit. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--dry-run", description = "Write the sheets, say how many questions there would be, and ask none.")
    private boolean dryRun;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "labels",
            description = "Where to write; made if need be. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("labels");

    @Option(names = "--quiet", description = "Say nothing but errors.")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        checkOptions();
        OutputFolder.check(out);
        Optional<ConceptCircuit> known = circuitOption.read();
        try (ConsoleProgress progress = new ConsoleProgress(quiet, Optional.empty())) {
            Material material = known.isPresent() ? material(known.get()) : embedded(progress);
            ConceptLabeler asked = labeler(material.circuit());
            CircuitLabeler run = CircuitLabeler.using(asked)
                    .patches(patches)
                    .formationFrom(below)
                    .seed(seed)
                    .onProgress(progress);
            Files.createDirectories(out);
            int sheets = writeSheets(run, material);
            if (dryRun) {
                System.out.println(plan(run, asked, material.circuit(), sheets));
                return 0;
            }
            ConceptLabels labels = run.label(material.circuit(), material.picturesOrNone());
            // What was paid for is on disk before the audit starts.
            Path file = out.resolve("labels.json");
            LabelsJson.write(labels, file);
            if (audit) {
                labels = labels.with(LabelAudit.by((OddOneOutJudge) asked, asked.name())
                        .choices(choices)
                        .questions(questions)
                        .seed(seed)
                        .onProgress(progress)
                        .of(material.circuit(), material.picturesOrNone(), labels, patches));
                LabelsJson.write(labels, file);
            }
            if (!quiet) {
                System.out.print(Printable.lines(labels.toString()));
                System.out.println("wrote " + file + (sheets == 0 ? "" : " and " + sheets + " sheets beside it"));
            }
            if (labels.labels().isEmpty()) {
                throw new NeurflowException("expected a label for some group, but there is none, for instance "
                        + labels.problems().get(0) + "; try another model");
            }
        }
        return 0;
    }

    /** A circuit, and its pictures if they are needed or at hand. */
    private record Material(ConceptCircuit circuit, Optional<PatchPictures> pictures) {
        PatchPictures picturesOrNone() {
            return pictures.orElse((patch, side) -> {
                throw new NeurflowException(
                        "expected the circuit's images, but there are none; name them with --images");
            });
        }
    }

    private void checkOptions() {
        languageModel.check(labeler == Labeler.OPENAI);
        checkArgument(patches >= 1 && patches <= 100, "expected 1 to 100 for --patches, but it is %s", patches);
        checkArgument(below >= 0, "expected 0 or more for --below, but it is %s", below);
        checkArgument(choices >= 2 && choices <= 20, "expected 2 to 20 for --choices, but it is %s", choices);
        checkArgument(questions >= 1, "expected 1 or more for --questions, but it is %s", questions);
        checkArgument(
                folders == null || labeler == Labeler.NAMES,
                "expected --labeler names for --folders, but it is %s; leave --folders out, or say --labeler names",
                labeler.name().toLowerCase(java.util.Locale.ROOT));
        checkArgument(
                circuitOption.given() || images == null,
                "expected a circuit that the images belong to, but there is none; build one with 'neurflow explain' and"
                        + " name it with --circuit");
        checkArgument(
                images != null || !preprocessing.given(),
                "expected images for --preprocessing, but there are none; name them with --images, or leave"
                        + " --preprocessing out");
        preprocessing.read();
    }

    private Material material(ConceptCircuit circuit) {
        boolean ofEmbedded = circuit.provenance().model().name().equals("embedded model");
        if (images == null && !ofEmbedded) {
            checkArgument(
                    labeler == Labeler.NAMES,
                    "expected the folder of images that the circuit was built from, but there is none; name it with"
                            + " --images, or say --labeler names");
            return new Material(circuit, Optional.empty());
        }
        ImageSource source = images == null
                ? EmbeddedModel.images(circuit.root().members().get(0).neuron().channel())
                : ImageSource.directory(images, preprocessing.fittedTo(input(circuit)));
        CircuitOption.checkPreprocessing(Optional.of(circuit), source.preprocessing());
        ImageSet loaded = source.load();
        return new Material(circuit, Optional.of(CircuitPictures.of(circuit, loaded)));
    }

    /** The model's input, which the largest window is all of. */
    private static Shape input(ConceptCircuit circuit) {
        int side = circuit.patches().stream()
                .mapToInt((Patch patch) -> patch.top() + patch.size())
                .max()
                .orElseThrow(() -> new NeurflowException(
                        "expected a circuit with patches, but it has none; build it with 'neurflow explain'"));
        return new Shape(3, side, side);
    }

    private static Material embedded(ConsoleProgress progress) {
        try (ModelProbe probe = SameDiffProbe.open(EmbeddedModel.graph(), CircuitOption.plan(Optional.empty()))) {
            CircuitOption.Found found =
                    CircuitOption.embedded(probe, EmbeddedModel.layers().get(0), progress);
            return new Material(found.circuit(), found.patches().map(PatchPictures.class::cast));
        }
    }

    private ConceptLabeler labeler(ConceptCircuit circuit) {
        return switch (labeler) {
            case STATISTICS -> new StatisticsLabeler();
            case NAMES ->
                folders == null ? new NameLabeler() : new NameLabeler(FolderNames.below(folders, circuit.images()));
            case OPENAI -> languageModel.labeler(out, dryRun);
        };
    }

    private int writeSheets(CircuitLabeler run, Material material) throws IOException {
        if (material.pictures().isEmpty()) {
            return 0;
        }
        Path folder = Files.createDirectories(out.resolve("sheets"));
        ImmutableList<NeuronGroup> groups = material.circuit().groups();
        for (NeuronGroup group : groups) {
            Path file = folder.resolve(group.name().replaceAll("[^A-Za-z0-9._-]+", "-") + ".png");
            Files.write(
                    file,
                    PictureSheet.of(
                                    run.view(
                                            material.circuit(),
                                            group,
                                            material.pictures().get()),
                                    LanguageModelOptions.PATCH_SIDE)
                            .bytes());
        }
        return groups.size();
    }

    private String plan(CircuitLabeler run, ConceptLabeler asked, ConceptCircuit circuit, int sheets) {
        int captions = circuit.groups().size();
        long formations = asked instanceof FormationLabeler
                ? circuit.groups().stream()
                        .filter(group -> !run.below(circuit, group).isEmpty())
                        .count()
                : 0;
        long questionsOfAudit = audit ? (long) captions * questions : 0;
        return asked.name() + ": " + captions + " captions, " + formations + " formations, at most " + questionsOfAudit
                + " questions of the audit"
                + (sheets == 0 ? "" : "; wrote " + sheets + " sheets into " + out.resolve("sheets"));
    }
}
