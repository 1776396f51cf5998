package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model a command is about. */
final class ModelOption {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description =
                    "A classifier: ONNX (.onnx, .onnx.gz), Keras (.h5, .keras), Deeplearning4j (.zip) or SameDiff (.fb); the"
                            + " embedded model by default.")
    private @Nullable Path file;

    @Option(
            names = "--side",
            paramLabel = "N",
            description = "Rows and columns of the model's input, for a model that leaves them open.")
    private @Nullable Integer side;

    /** Whether no file was named. */
    boolean embedded() {
        return file == null;
    }

    NetworkGraph graph() {
        if (file == null) {
            checkArgument(
                    side == null,
                    "expected a model whose input --side can set, but the embedded model's is 64; name one with --model");
            return EmbeddedModel.graph();
        }
        if (side != null) {
            checkArgument(side > 0, "expected 1 pixel or more for --side, but it is %s", side);
        }
        try {
            return ModelFormat.of(file).read(file, Optional.ofNullable(side).map(s -> new Shape(3, s, s)));
        } catch (NeurflowException e) {
            // The library's advice is in terms of Java.
            throw new NeurflowException(
                    String.valueOf(e.getMessage())
                            .replaceFirst("say them: \\w+Importer\\.read.*$", "say how many pixels with --side")
                            .replaceFirst("; leave the (shape|size) away$", "; leave --side out")
                            .replaceFirst(
                                    " but it reads 3 channels or features$",
                                    " but images have 3 channels here; read models of other images from Java")
                            .replaceFirst(
                                    "; (what cannot be imported can be wrapped with|wrap \\w+ graphs? with) SameDiffWrap.*$",
                                    "; from Java, SameDiffWrap explains such graphs"),
                    e);
        }
    }

    /** Finds layers; what the library says about them in terms of Java is put in ours. */
    GraphLayers layers(NetworkGraph graph, LayerPlan plan) {
        try {
            return plan.layersOf(graph);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage()).replaceFirst(", LayerNames lists all \\d+$", "");
            throw new IllegalArgumentException(message + "; '" + layersCommand() + "' lists all", e);
        }
    }

    /** What to type to see the names of the model's layers. */
    String layersCommand() {
        return file == null ? "neurflow layers" : "neurflow layers --model " + file;
    }
}
