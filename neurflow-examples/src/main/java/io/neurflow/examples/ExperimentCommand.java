package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.Progress;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Selection;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.attribution.Attribution;
import io.neurflow.core.attribution.Attributions;
import io.neurflow.core.experiment.AgainstWeights;
import io.neurflow.core.experiment.AttributionComparison;
import io.neurflow.core.experiment.AttributionTimes;
import io.neurflow.core.experiment.ConceptSizes;
import io.neurflow.core.experiment.ConvolutionPairs;
import io.neurflow.core.experiment.CropShares;
import io.neurflow.core.experiment.ExperimentResult;
import io.neurflow.core.experiment.Fidelity;
import io.neurflow.core.experiment.Importance;
import io.neurflow.core.experiment.KnockOutLosses;
import io.neurflow.core.experiment.KnockOutStudy;
import io.neurflow.core.experiment.LayerPair;
import io.neurflow.core.experiment.Optimality;
import io.neurflow.core.experiment.RankingOverlap;
import io.neurflow.core.experiment.SumAgainstAverage;
import io.neurflow.core.experiment.WeightLossCorrelation;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ClassImages;
import io.neurflow.core.image.ImagePatches;
import io.neurflow.core.image.ImageSet;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.PatchGrid;
import io.neurflow.core.rival.ChannelRanking;
import io.neurflow.core.rival.Rivals;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the paper's experiments on a model. */
@Command(
        name = "experiment",
        description = {
            "Runs the experiments of the NeurFlow paper on a class of a model and writes experiments.md, and a table (CSV) and"
                    + " plots (SVG, PNG) of each.",
            "Without --model: on the embedded model."
        },
        footer = {
            "%nWhat there is to choose from with --only:",
            "  FIDELITY     accuracy with core neurons masked or retained, against random sets (Fig. 5, 16)",
            "  KNOCK_OUTS   what knocking out sets does to targets: optimality (Fig. 4), weight-loss correlation",
            "               (Fig. 6), other scores (Fig. 11), sum against average (Fig. 12)",
            "  OVERLAP      overlap with other rankings (Table 3)",
            "  WEIGHTS      against L2 norms of weights (Table 4)",
            "  CONCEPT_SIZE dependence on k (Table 5)",
            "  CROPS        crop sizes of concepts (Fig. 18)",
            "  TIMES        run time of scores (Fig. 10); not run unless named",
            "  ATTRIBUTIONS what the attributions of appendix D.1 would choose (saliency, SmoothGrad, guided backpropagation, LRP,",
            "               gradient SHAP, knockoffs): what is left of concepts without it, overlap with ours, run time. Not run",
            "               unless named; named with KNOCK_OUTS they are among its other scores, too",
            "%nA session with a model of your own; the first half of the class's images finds, the second half judges:",
            "  neurflow experiment --model m.onnx --images bees --class 309 --layers layer4.1,layer4.2 \\",
            "      --max-images 20 --only FIDELITY,CROPS --out bee-experiments",
            "Each set of KNOCK_OUTS costs a pass of all patches from one layer to the next: begin with few images, and name few"
                    + " layers."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ExperimentCommand implements Callable<Integer> {
    /** What can be run. */
    enum Kind {
        FIDELITY,
        KNOCK_OUTS,
        OVERLAP,
        WEIGHTS,
        CONCEPT_SIZE,
        CROPS,
        TIMES,
        ATTRIBUTIONS
    }

    private static final Set<Kind> ON_REQUEST = EnumSet.of(Kind.TIMES, Kind.ATTRIBUTIONS);
    /** Draws of SmoothGrad and of gradient SHAP. */
    private static final int DRAWS = 20;
    /** SmoothGrad's noise, in the middle of what its authors take. */
    private static final double NOISE = 0.15;

    private static final int MOST_VALUES = 512 * 28 * 28;
    private static final List<Integer> KS = List.of(10, 20, 30, 40, 50, 60, 70, 90, 110, 130, 150, 170, 190);

    @Mixin
    private ModelOption model = new ModelOption();

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description =
                    "A folder of JPEG or PNG photographs. Those that the model assigns to the class are taken in the order of"
                            + " their names.")
    private @Nullable Path images;

    @Option(
            names = "--held-out",
            paramLabel = "DIR",
            description =
                    "A folder of other photographs of the class, which have no part in finding the circuit. Without it, the"
                            + " images of the class that --max-images leaves over, or every second one.")
    private @Nullable Path heldOutImages;

    @Option(
            names = "--class",
            paramLabel = "N",
            description = "The class: its index among the logits, from 0. ImageNet's bee is 309.")
    private @Nullable Integer target;

    @Mixin
    private PreprocessingOption preprocessing = new PreprocessingOption();

    @Option(
            names = "--layers",
            paramLabel = "NAMES",
            description =
                    "Layers below the logits, with commas between them, in any order; 'neurflow layers' lists them. By default"
                            + " the two highest blocks; of the embedded model all three.")
    private @Nullable String layers;

    @Option(
            names = "--only",
            paramLabel = "NAMES",
            split = ",",
            description = "Which experiments, with commas between them; all but TIMES and ATTRIBUTIONS by default.")
    private List<Kind> only = new ArrayList<>();

    @Option(
            names = "--tau",
            paramLabel = "N",
            split = ",",
            defaultValue = "4,8,16",
            description =
                    "Values of tau for FIDELITY, with commas between them. The circuit is built with the largest, which is also"
                            + " that of the other experiments. Default: ${DEFAULT-VALUE}.")
    private List<Integer> taus = new ArrayList<>();

    @Option(
            names = "--k",
            paramLabel = "N",
            defaultValue = "50",
            description = "Patches of each concept. Default: ${DEFAULT-VALUE}.")
    private int k;

    @Option(
            names = "--targets",
            paramLabel = "N",
            defaultValue = "10",
            description = "Random target neurons in each layer. Default: ${DEFAULT-VALUE}.")
    private int targets;

    @Option(
            names = "--sets",
            paramLabel = "N",
            defaultValue = "40",
            description = "Random sets of each size, 20 or more. Default: ${DEFAULT-VALUE}.")
    private int sets;

    @Option(
            names = "--sizes",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,5,10,20,50",
            description = "Sizes of the sets of KNOCK_OUTS. Default: ${DEFAULT-VALUE}.")
    private List<Integer> sizes = new ArrayList<>();

    @Option(
            names = "--convolutions",
            paramLabel = "N",
            defaultValue = "6",
            description = "Random convolutions that WEIGHTS looks at. Default: ${DEFAULT-VALUE}.")
    private int convolutions;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of everything random. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--max-images",
            paramLabel = "N",
            description = "Find from the first N images of the class; half of them by default, or all with --held-out.")
    private @Nullable Integer maxImages;

    @Option(
            names = "--max-held-out",
            paramLabel = "N",
            description = "Judge on the first N held-out images; all by default.")
    private @Nullable Integer maxHeldOut;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "experiments",
            description = "Where to write; made if need be. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("experiments");

    @Option(names = "--quiet", description = "Say nothing but errors.")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        checkOptions();
        OutputFolder.check(out);
        NetworkGraph graph = model.graph();
        LayerPlan plan = plan();
        GraphLayers opened = model.layers(graph, plan);
        checkArgument(
                opened.layers().size() > 1,
                "expected a layer below the logits, but there is none; choose from '%s' with --layers",
                model.layersCommand());
        int classIndex = target == null ? EmbeddedModel.defaultClass() : target;
        try (ConsoleProgress progress = new ConsoleProgress(quiet, Optional.empty());
                ModelProbe probe = SameDiffProbe.open(opened)) {
            Split split = split(probe, graph, classIndex, progress);
            new Run(opened, probe, classIndex, split, progress).run();
        }
        return 0;
    }

    private void checkOptions() {
        checkArgument(
                model.embedded() || images != null,
                "expected a folder of photographs for the model, but there is none; name it with --images");
        checkArgument(
                model.embedded() || target != null,
                "expected the class, but there is none; name its index with --class");
        checkArgument(
                images != null || (heldOutImages == null && !preprocessing.given()),
                "expected photographs for --held-out and --preprocessing, but there are none; name their folder with --images");
        preprocessing.read();
        atLeast(2, "--k", k);
        atLeast(1, "--targets", targets);
        atLeast(20, "--sets", sets);
        atLeast(1, "--convolutions", convolutions);
        taus.forEach(tau -> atLeast(1, "--tau", tau));
        sizes.forEach(size -> atLeast(1, "--sizes", size));
        if (maxImages != null) {
            atLeast(1, "--max-images", maxImages);
        }
        if (maxHeldOut != null) {
            atLeast(1, "--max-held-out", maxHeldOut);
        }
    }

    private static void atLeast(int least, String option, int value) {
        checkArgument(value >= least, "expected %s or more for %s, but it is %s", least, option, value);
    }

    private LayerPlan plan() {
        if (layers != null) {
            List<String> names =
                    Splitter.on(',').trimResults().omitEmptyStrings().splitToList(layers);
            checkArgument(
                    !names.isEmpty(),
                    "expected names of layers after --layers, with commas between them, but there are none; '%s' lists them",
                    model.layersCommand());
            return LayerPlan.of(names);
        }
        return model.embedded() ? LayerPlan.of(EmbeddedModel.layers()) : LayerPlan.suggested(2);
    }

    /** Images that find, and images that judge. */
    private record Split(ImageSet found, ImageSet heldOut) {}

    private Split split(ModelProbe probe, NetworkGraph graph, int classIndex, ConsoleProgress progress) {
        ImageSource source = images == null
                ? EmbeddedModel.images(classIndex)
                : ImageSource.directory(images, preprocessing.fittedTo(graph.input()));
        if (heldOutImages != null) {
            ImageSource other = ImageSource.directory(heldOutImages, preprocessing.fittedTo(graph.input()));
            return new Split(
                    ClassImages.select(probe, source, classIndex, orAll(maxImages), progress)
                            .images(),
                    ClassImages.select(probe, other, classIndex, orAll(maxHeldOut), progress)
                            .images());
        }
        // No more than are needed: looking at an image takes a forward pass.
        int most = maxImages == null || maxHeldOut == null ? Integer.MAX_VALUE : maxImages + maxHeldOut;
        ImageSet all =
                ClassImages.select(probe, source, classIndex, most, progress).images();
        int finding = maxImages == null ? (all.size() + 1) / 2 : maxImages;
        if (finding >= all.size()) {
            throw new NeurflowException("expected more than " + finding
                    + " images that the model assigns to the class, so that some are held out, but there are "
                    + all.size()
                    + "; take fewer with --max-images, or name others with --held-out");
        }
        ImageSet rest = all.select(ImmutableIntArray.copyOf(IntStream.range(finding, all.size())));
        return new Split(first(all, finding), first(rest, maxHeldOut));
    }

    private static int orAll(@Nullable Integer most) {
        return most == null ? Integer.MAX_VALUE : most;
    }

    private static ImageSet first(ImageSet set, @Nullable Integer most) {
        return most == null || most >= set.size()
                ? set
                : set.select(ImmutableIntArray.copyOf(IntStream.range(0, most)));
    }

    private final class Run {
        private final GraphLayers opened;
        private final ModelProbe probe;
        private final Neuron root;
        private final ImagePatches patches;
        private final ImagePatches found;
        private final ImagePatches heldOut;
        private final ConsoleProgress progress;
        private final CoreConceptFinder finder;
        private final List<ExperimentResult> results = new ArrayList<>();

        Run(GraphLayers opened, ModelProbe probe, int classIndex, Split split, ConsoleProgress progress) {
            this.opened = opened;
            this.probe = probe;
            this.root = probe.logits().neuron(classIndex);
            PatchGrid grid = PatchGrid.paper().withBorderWindows();
            this.patches = grid.cut(split.found());
            this.found = grid.fractions(1).cut(split.found());
            this.heldOut = grid.fractions(1).cut(split.heldOut());
            this.progress = progress;
            this.finder = CoreConceptFinder.over(probe)
                    .topPatches(k)
                    .maxCoreNeurons(
                            taus.stream().mapToInt(Integer::intValue).max().orElseThrow());
        }

        void run() throws IOException {
            Files.createDirectories(out);
            Set<Kind> kinds = only.isEmpty() ? EnumSet.complementOf(EnumSet.copyOf(ON_REQUEST)) : EnumSet.copyOf(only);
            CircuitBuilder builder = CircuitBuilder.using(finder).onProgress(progress);
            try (PatchActivations activations = builder.activations(root, patches)) {
                if (kinds.contains(Kind.FIDELITY) || kinds.contains(Kind.OVERLAP) || kinds.contains(Kind.CROPS)) {
                    circuit(builder.neurons(root, activations), kinds);
                }
                if (kinds.contains(Kind.CONCEPT_SIZE)) {
                    add(ConceptSizes.measure(finder, pairs(), root, activations, KS, targets, seed));
                }
                if (kinds.contains(Kind.TIMES)) {
                    add(AttributionTimes.measure(
                            finder, pairs(), root, activations, timed(), 5, seed, System::nanoTime));
                }
                if (kinds.contains(Kind.ATTRIBUTIONS)) {
                    add(study().rankings(others(true)).choices(root, activations, System::nanoTime));
                }
                if (kinds.contains(Kind.KNOCK_OUTS)) {
                    knockOuts(activations, kinds.contains(Kind.ATTRIBUTIONS));
                }
            }
            if (kinds.contains(Kind.WEIGHTS)) {
                weights();
            }
        }

        private List<LayerPair> pairs() {
            List<Layer> all = probe.layers();
            return IntStream.range(1, all.size())
                    .mapToObj(i -> new LayerPair(all.get(all.size() - i - 1), all.get(all.size() - i)))
                    .toList();
        }

        private void circuit(NeuronCircuit circuit, Set<Kind> kinds) throws IOException {
            if (kinds.contains(Kind.FIDELITY)) {
                add(Fidelity.over(probe)
                        .taus(taus.stream().mapToInt(Integer::intValue).toArray())
                        .seed(seed)
                        .onProgress(progress)
                        .measure(circuit, heldOut));
            }
            if (kinds.contains(Kind.OVERLAP)) {
                add(RankingOverlap.measure(
                        probe,
                        circuit,
                        found,
                        List.of(
                                Rivals.neuronMct(root),
                                Rivals.neuronIntGrad(root, Quadrature.gaussLegendre(50)),
                                Rivals.knockoffs(seed),
                                Rivals.meanActivation(),
                                Rivals.random(seed))));
            }
            if (kinds.contains(Kind.CROPS)) {
                add(CropShares.measure(circuit, patches, seed));
            }
        }

        private List<ChannelRanking> timed() {
            List<ChannelRanking> all = new ArrayList<>();
            all.add(new Importance(finder.quadrature(), Selection.ABS_OF_SUM));
            all.addAll(others(true));
            return all;
        }

        /** What is held against our scores; with the attributions of appendix D.1 or without. */
        private List<ChannelRanking> others(boolean attributions) {
            ImmutableList.Builder<ChannelRanking> all = ImmutableList.builder();
            all.add(Rivals.gradientTimesActivation());
            if (attributions) {
                all.add(Rivals.supporting(new Importance(finder.quadrature(), Selection.ABS_OF_SUM)));
                for (Attribution attribution : List.of(
                        Attributions.saliency(),
                        Attributions.smoothGrad(DRAWS, NOISE, seed),
                        Attributions.guidedBackpropagation(opened),
                        Attributions.lrpEpsilon(opened, 1e-6),
                        Attributions.lrpZPlus(opened),
                        Attributions.gradientShap(DRAWS, seed))) {
                    all.add(Rivals.attribution(attribution));
                }
                all.add(Rivals.knockoffs(seed));
            }
            return all.add(Rivals.meanActivation(), Rivals.random(seed)).build();
        }

        private KnockOutStudy study() {
            return KnockOutStudy.with(finder)
                    .targets(targets)
                    .seed(seed)
                    .narrowed(opened, SameDiffProbe::open)
                    .onProgress(progress);
        }

        private void knockOuts(PatchActivations activations, boolean attributions) throws IOException {
            KnockOutLosses losses = study().rankings(others(attributions))
                    .sizes(sizes.stream().mapToInt(Integer::intValue).toArray())
                    .sets(sets)
                    .measure(root, activations);
            add(Optimality.of(losses));
            add(WeightLossCorrelation.of(losses));
            add(AttributionComparison.of(losses));
            add(SumAgainstAverage.of(losses));
        }

        private void weights() throws IOException {
            List<AgainstWeights> parts = new ArrayList<>();
            int least = finder.maxCoreNeurons() + 1;
            for (GraphLayers pair : ConvolutionPairs.choose(opened.graph(), convolutions, least, MOST_VALUES, seed)) {
                try (ModelProbe part = SameDiffProbe.open(pair)) {
                    CoreConceptFinder own =
                            CoreConceptFinder.over(part).topPatches(k).maxCoreNeurons(finder.maxCoreNeurons());
                    parts.add(AgainstWeights.measure(own, pair, SameDiffProbe::open, patches, targets, seed));
                }
                progress.onProgress(new Progress("convolutions", parts.size(), convolutions, Duration.ZERO));
            }
            add(AgainstWeights.together(parts));
        }

        /** Written at once: what comes later may take long. */
        private void add(ExperimentResult result) throws IOException {
            results.add(result);
            ImmutableList<Path> files = result.write(out);
            StringBuilder text = new StringBuilder("# Experiments\n\n");
            text.append("Model ")
                    .append(probe.info().name())
                    .append(", class ")
                    .append(root.channel())
                    .append(", layers ")
                    .append(probe.layers())
                    .append(". Found from ")
                    .append(found.patches().size())
                    .append(" images (")
                    .append(patches.patches().size())
                    .append(" patches), judged on ")
                    .append(heldOut.patches().size())
                    .append(" others. Seed ")
                    .append(seed)
                    .append(".\n");
            for (ExperimentResult one : results) {
                text.append('\n').append(one.markdown());
                int plots = one.charts().size();
                for (int i = 1; i <= plots; i++) {
                    String number = plots == 1 ? "" : "-" + i;
                    text.append("\n![")
                            .append(one.charts().get(i - 1).title())
                            .append("](")
                            .append(one.name())
                            .append(number)
                            .append(".svg)\n");
                }
            }
            Path page = out.resolve("experiments.md");
            Files.writeString(page, text);
            if (!quiet) {
                System.out.println(result.name() + "\n" + result.question() + "\n" + result.table() + "\n");
                files.forEach(file -> System.out.println("wrote " + file));
            }
        }
    }
}
