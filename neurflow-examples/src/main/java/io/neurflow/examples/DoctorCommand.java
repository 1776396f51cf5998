package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import io.neurflow.core.doctor.Diagnosis;
import io.neurflow.core.doctor.ModelDoctor;
import io.neurflow.core.doctor.Severity;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ImageSource;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Examines a model before an analysis is spent on it. */
@Command(
        name = "doctor",
        description = {
            "Examines a model: weights, output, shapes, dead channels, gradients; with --reference its activations, layer by"
                    + " layer, against those of the framework that made it; with --images how they are best prepared.",
            "Exit code 0: fine. 1: warnings. 2: the model cannot be read, or an explanation of it would be wrong."
        },
        footer = {
            "%nWhat can be told from the file, and what photographs of a class add:",
            "  neurflow doctor --model m.onnx",
            "  neurflow doctor --model m.onnx --images bees --class 309 --preprocessing imagenet"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class DoctorCommand implements Callable<Integer> {
    /** Exit code if there are warnings. */
    static final int WARNINGS = 1;

    @Mixin
    private ModelOption model = new ModelOption();

    @Option(
            names = "--reference",
            paramLabel = "DIR",
            description = "A folder with input.npy, logits.npy and <layer>.npy from the framework that made the model.")
    private @Nullable Path reference;

    @Option(names = "--images", paramLabel = "DIR", description = "A folder of JPEG or PNG photographs; 16 are used.")
    private @Nullable Path images;

    @Option(names = "--class", paramLabel = "N", description = "The class that the photographs show, from 0.")
    private @Nullable Integer target;

    @Mixin
    private PreprocessingOption preprocessing = new PreprocessingOption();

    @Option(
            names = "--layers",
            paramLabel = "NAMES",
            description = "Layers to look at, with commas between them. By default the two highest blocks.")
    private @Nullable String layers;

    @Option(names = "--json", description = "Print the diagnosis as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        checkArgument(
                images != null || (target == null && !preprocessing.given()),
                "expected photographs for --class and --preprocessing, but there are none; name their folder with --images");
        NetworkGraph graph = model.graph();
        ModelDoctor doctor = ModelDoctor.of(graph);
        if (layers != null) {
            LayerPlan plan = LayerPlan.of(
                    Splitter.on(',').trimResults().omitEmptyStrings().splitToList(layers));
            model.layers(graph, plan);
            doctor = doctor.layers(plan);
        }
        doctor = reference == null ? doctor : doctor.reference(reference);
        if (images != null) {
            ImageSource source = ImageSource.directory(images, preprocessing.fittedTo(graph.input()));
            doctor = target == null ? doctor.images(source) : doctor.images(source, target);
        } else if (model.embedded()) {
            int shown = EmbeddedModel.defaultClass();
            doctor = doctor.images(EmbeddedModel.images(shown), shown);
        }
        Diagnosis diagnosis = doctor.examine();
        System.out.print(json ? diagnosis.toJson() + "\n" : Printable.lines(diagnosis.toString()));
        return code(diagnosis);
    }

    private static int code(Diagnosis diagnosis) {
        Severity worst = diagnosis.worst().orElse(Severity.NOTE);
        return worst == Severity.ERROR ? Main.ERROR : worst == Severity.WARNING ? WARNINGS : 0;
    }
}
