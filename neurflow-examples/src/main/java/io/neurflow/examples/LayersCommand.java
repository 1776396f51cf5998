package io.neurflow.examples;

import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.NamedCut;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists where a model can be cut into layers. */
@Command(
        name = "layers",
        description = "Lists the layers of a model, from the input to the logits: name, operator, shape, other names.",
        mixinStandardHelpOptions = true)
final class LayersCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "An ONNX model, .onnx or .onnx.gz; the embedded model by default.")
    private @Nullable Path model;

    @Override
    public Integer call() {
        NetworkGraph graph = model == null ? EmbeddedModel.graph() : OnnxImporter.read(model);
        System.out.println(graph);
        LayerNames names = LayerNames.of(graph);
        for (NamedCut cut : names.all()) {
            System.out.printf(Locale.ROOT, "%-40s %-14s %-14s", cut.name(), cut.kind(), cut.shape());
            System.out.println(cut.aliases().isEmpty() ? "" : " also " + String.join(", ", cut.aliases()));
        }
        System.out.println("suggested for --layers: " + String.join(",", names.suggested(3)));
        return 0;
    }
}
