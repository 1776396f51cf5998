package io.neurflow.examples;

import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.NamedCut;
import io.neurflow.core.graph.NetworkGraph;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists where a model can be cut into layers. */
@Command(
        name = "layers",
        description = "Lists the layers of a model, from the input to the logits: name, operator, shape, other names.",
        footer = {
            "%nOf the embedded model, and of a model of your own:",
            "  neurflow layers",
            "  neurflow layers --model m.onnx"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class LayersCommand implements Callable<Integer> {
    @Mixin
    private ModelOption model = new ModelOption();

    @Override
    public Integer call() {
        NetworkGraph graph = model.graph();
        System.out.println(Printable.line(graph.toString()));
        LayerNames names = LayerNames.of(graph);
        for (NamedCut cut : names.all()) {
            System.out.printf(Locale.ROOT, "%-40s %-14s %-14s", cut.name(), cut.kind(), cut.shape());
            List<String> others = cut.aliases().stream()
                    .filter(alias -> !alias.equals(cut.name()))
                    .toList();
            System.out.println(others.isEmpty() ? "" : " also " + String.join(", ", others));
        }
        System.out.println("suggested for --layers: " + String.join(",", names.suggested(3)));
        return 0;
    }
}
