package io.neurflow.core.doctor;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.NetworkGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/** Activations against those that the framework of the model computed for the same input, layer by layer. */
final class ParityCheck {
    /** What rounding in single precision explains, relative to the largest value. */
    static final double CLOSE = 1e-3;

    private static final String INPUT = "input";
    private static final String LOGITS = "logits";
    private static final int MOST_INPUTS = 64;

    private final NetworkGraph graph;
    private final Path folder;
    private final Consumer<Finding> to;

    ParityCheck(NetworkGraph graph, Path folder, Consumer<Finding> to) {
        this.graph = graph;
        this.folder = folder;
        this.to = to;
    }

    ImmutableList<LayerParity> run(Function<GraphLayers, ModelProbe> engine) {
        Tensor input = input();
        LayerNames names = LayerNames.of(graph);
        Map<Integer, List<String>> files = new LinkedHashMap<>();
        for (String name : names()) {
            int value;
            try {
                value = name.equals(LOGITS)
                        ? names.logits().value()
                        : names.resolve(name).value();
            } catch (IllegalArgumentException e) {
                to.accept(Finding.warning(
                        "reference",
                        name + ".npy",
                        String.valueOf(e.getMessage()),
                        "this file is not compared with anything",
                        "rename it to a layer of the model, or delete it"));
                continue;
            }
            files.computeIfAbsent(value, v -> new ArrayList<>()).add(name);
        }
        if (files.isEmpty()) {
            throw new NeurflowException("expected " + LOGITS + ".npy or <layer>.npy beside " + INPUT + ".npy in '"
                    + folder + "', but there is none for a layer of this model; write them as the documentation says");
        }
        Map<String, Integer> layers = new LinkedHashMap<>();
        files.forEach((value, all) -> layers.put(all.get(0), value));
        GraphLayers cuts = GraphLayers.of(graph, layers);
        List<LayerParity> found = new ArrayList<>();
        try (ModelProbe probe = engine.apply(cuts)) {
            Map<Layer, Tensor> ours = probe.forward(input, ImmutableSet.copyOf(cuts.layers()));
            for (Layer layer : cuts.layers()) {
                Tensor mine = ours.get(layer);
                for (String name : files.getOrDefault(cuts.value(layer), List.of())) {
                    if (mine != null) {
                        found.add(compare(name, mine, NpyArray.read(folder.resolve(name + ".npy"))));
                    }
                }
            }
        }
        report(found);
        return ImmutableList.copyOf(found);
    }

    private List<String> names() {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".npy"))
                    .map(name -> name.substring(0, name.length() - 4))
                    .filter(name -> !name.equals(INPUT))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected a folder with " + INPUT + ".npy for the reference, but '" + folder
                            + "' cannot be read; check the path",
                    e);
        }
    }

    private Tensor input() {
        Path file = folder.resolve(INPUT + ".npy");
        NpyArray array = NpyArray.read(file);
        Shape shape = graph.input();
        ImmutableIntArray d = array.shape();
        if (d.length() != 4
                || d.get(0) < 1
                || d.get(0) > MOST_INPUTS
                || !d.subArray(1, 4).equals(ImmutableIntArray.of(shape.channels(), shape.height(), shape.width()))) {
            throw new NeurflowException("expected " + file + " to be 1 to " + MOST_INPUTS + " inputs of " + shape
                    + ", but its shape is " + d + "; save the tensor that went into the model");
        }
        return Tensor.ofFloats(d.get(0), shape, array.values());
    }

    private static LayerParity compare(String name, Tensor ours, NpyArray theirs) {
        Shape shape = ours.shape();
        ImmutableIntArray d = theirs.shape();
        boolean whole = d.equals(ImmutableIntArray.of(ours.count(), shape.channels(), shape.height(), shape.width()));
        if (!whole && !d.equals(ImmutableIntArray.of(ours.count(), shape.channels()))) {
            throw new NeurflowException(
                    "expected " + name + ".npy to be [" + ours.count() + ", " + shape.channels() + ", "
                            + shape.height() + ", " + shape.width() + "] or its means [" + ours.count() + ", "
                            + shape.channels()
                            + "], but its shape is " + d + "; save the output of that very module");
        }
        boolean pooled = !whole && shape.positions() > 1;
        float[] values = ours.toFloats();
        double[][] means = pooled ? ours.spatialMeans() : new double[0][];
        int perImage = theirs.size() / ours.count();
        int perChannel = Math.max(1, perImage / shape.channels());
        double largest = 0;
        double worst = 0;
        int at = 0;
        for (int i = 0; i < theirs.size(); i++) {
            double mine = pooled ? means[i / perImage][i % perImage] : values[i];
            double error = Math.abs(mine - theirs.at(i));
            largest = Math.max(largest, Math.abs(theirs.at(i)));
            // What is no number is as wrong as can be.
            if (!Double.isNaN(worst) && !(error <= worst)) {
                worst = error;
                at = i;
            }
        }
        double relative = worst == 0 ? 0 : worst / Math.max(largest, Float.MIN_NORMAL);
        return new LayerParity(name, pooled, relative, at / perImage, at % perImage / perChannel);
    }

    private void report(List<LayerParity> found) {
        LayerParity before = null;
        for (LayerParity each : found) {
            if (!(each.relativeError() <= CLOSE)) {
                to.accept(Finding.error(
                        "reference",
                        each.layer(),
                        String.format(
                                Locale.ROOT,
                                "it is the first layer that departs from the reference, by %.1e of its largest value; %s",
                                each.relativeError(),
                                before == null
                                        ? "no layer below it agrees"
                                        : String.format(
                                                Locale.ROOT,
                                                "'%s' below it agrees to %.1e",
                                                before.layer(),
                                                before.relativeError())),
                        before == null
                                ? "the input, its preprocessing or the first layers differ"
                                : "something between these two layers is not what the framework computed",
                        "check that input.npy went into that very model in evaluation mode; else report the operators between"
                                + " them as a defect of the importer"));
                return;
            }
            before = each;
        }
    }
}
