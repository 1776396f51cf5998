package io.neurflow.examples;

import com.google.common.collect.ImmutableMap;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.Preset;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.image.ClassImages;
import io.neurflow.core.image.ImagePatches;
import io.neurflow.core.image.PatchGrid;
import io.neurflow.core.image.Preprocessing;
import io.neurflow.core.report.CircuitJson;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which circuit a command is about. */
final class CircuitOption {
    @Option(
            names = "--circuit",
            paramLabel = "FILE|DIR",
            description =
                    "A circuit.json that 'neurflow explain' wrote for this model, or the folder it is in. Without it, and"
                            + " without a model of yours, the circuit of the embedded model's class beetle is built"
                            + " first.")
    private @Nullable Path file;

    boolean given() {
        return file != null;
    }

    /**
     * A circuit, and the patches that it was built from if they are at hand.
     *
     * @param circuit what to work with
     * @param patches its patches
     */
    record Found(ConceptCircuit circuit, Optional<ImagePatches> patches) {}

    /** Reads the circuit; empty if it has to be built. */
    Optional<ConceptCircuit> read() {
        return Optional.ofNullable(file)
                .map(named -> Files.isDirectory(named) ? named.resolve("circuit.json") : named)
                .map(CircuitJson::read);
    }

    /** The layers to open the model with. */
    static LayerPlan plan(Optional<ConceptCircuit> circuit) {
        List<String> names = circuit.map(known -> known.layers().stream()
                        .filter(layer -> !layer.equals(known.layers().get(0)))
                        .map(Layer::name)
                        .toList())
                .orElse(EmbeddedModel.layers());
        if (names.isEmpty()) {
            throw new NeurflowException(
                    "expected a circuit with a layer below the logits, but it has none; build one with"
                            + " 'neurflow explain --layers'");
        }
        return LayerPlan.of(names);
    }

    /** Builds the circuit of the embedded model's class with the planted cue, down to one layer. */
    static Found embedded(ModelProbe probe, String downTo, ProgressListener progress) {
        int beetle = EmbeddedModel.defaultClass();
        ClassImages images =
                ClassImages.select(probe, EmbeddedModel.images(beetle), beetle, Integer.MAX_VALUE, progress);
        ImagePatches patches = grid(Optional.empty()).cut(images.images());
        ConceptCircuit circuit = CircuitBuilder.over(probe)
                .downTo(probe.layer(downTo))
                .onProgress(progress)
                .build(probe.logits().neuron(beetle), patches);
        return new Found(circuit, Optional.of(patches));
    }

    /** The grid that the circuit's patches were cut by. */
    static PatchGrid grid(Optional<ConceptCircuit> circuit) {
        String preset =
                circuit.map(known -> known.provenance().options().get("preset")).orElse(Preset.RECOMMENDED.name());
        return Stream.of(Preset.values())
                .filter(known -> preset.startsWith(known.name()))
                .findFirst()
                .map(PatchGrid::of)
                .orElse(PatchGrid.of(Preset.RECOMMENDED));
    }

    /** Refuses images that are prepared otherwise than those of the circuit, if it says how they were. */
    static void checkPreprocessing(Optional<ConceptCircuit> circuit, Preprocessing preprocessing) {
        ImmutableMap<String, String> options =
                circuit.map(known -> known.provenance().options()).orElse(ImmutableMap.of());
        String expected = options.getOrDefault("preprocessing", preprocessing.describe());
        if (!expected.equals(preprocessing.describe())) {
            throw new NeurflowException("expected images prepared as for the circuit, " + expected
                    + ", but these would be " + preprocessing.describe() + "; say the former with --preprocessing");
        }
    }
}
