package io.neurflow.cuda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.onnx.OnnxImporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

/** A probe against the numbers of a golden case, on those patches that are whole images: the others need photographs. */
final class GoldenCheck {
    private final Path folder;
    private final JsonNode about;
    private double logits;
    private double pooled;
    private double scores;
    private int compared;

    private GoldenCheck(Path folder) {
        this.folder = folder;
        this.about = json("case");
    }

    /**
     * The largest differences, each relative to the largest number of its row.
     *
     * @param logits of whole images
     * @param pooled activations of all layers
     * @param scores importance scores; 0 if none could be compared
     * @param compared rows of scores
     */
    record Differences(double logits, double pooled, double scores, int compared) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "logits off by %.1e, pooled activations by %.1e, %d rows of scores by %.1e of their largest number",
                    logits,
                    pooled,
                    compared,
                    scores);
        }
    }

    /**
     * Compares.
     *
     * @param folder of the case
     * @param model an ONNX file
     * @param open opens the probe to check; it is closed afterwards
     * @throws NeurflowException if a file cannot be read
     */
    static Differences of(Path folder, Path model, Function<GraphLayers, ModelProbe> open) {
        GoldenCheck check = new GoldenCheck(folder);
        List<String> names = new ArrayList<>();
        check.about.get("layers").forEach(layer -> names.add(layer.get("name").asText()));
        try (ModelProbe probe = open.apply(LayerPlan.of(names).layersOf(OnnxImporter.read(model)))) {
            Tensor images = check.images(probe.inputShape());
            check.activations(probe, images);
            check.scores(probe, images);
        }
        return new Differences(check.logits, check.pooled, check.scores, check.compared);
    }

    private JsonNode json(String name) {
        Path file = folder.resolve(name + ".json");
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new NeurflowException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private GoldenArray array(String name) {
        return GoldenArray.read(folder.resolve(name + ".npy"));
    }

    private void activations(ModelProbe probe, Tensor images) {
        Layer top = probe.logits();
        GoldenArray expected = array("logits");
        double[] actual = probe.forward(images, top).toDoubles();
        int classes = top.shape().channels();
        for (int i = 0; i < images.count(); i++) {
            double[] row = Arrays.copyOfRange(actual, i * classes, (i + 1) * classes);
            logits = Math.max(logits, difference(expected.row(i), row));
        }
        ImmutableSet<Layer> below =
                probe.layers().stream().filter(layer -> !layer.equals(top)).collect(ImmutableSet.toImmutableSet());
        JsonNode patches = about.get("pooled_patches");
        ImmutableMap<Layer, double[][]> means = probe.pooled(images, below);
        for (Layer layer : below) {
            GoldenArray rows = array("pooled_" + layer.name());
            boolean all = rows.rows() != patches.size();
            for (int row = 0; row < rows.rows(); row++) {
                int patch = all ? row : patches.get(row).asInt();
                if (patch < images.count()) {
                    double[] mine = Objects.requireNonNull(means.get(layer))[patch];
                    pooled = Math.max(pooled, difference(rows.row(row), mine));
                }
            }
        }
    }

    private void scores(ModelProbe probe, Tensor images) {
        for (JsonNode entry : json("importance")) {
            Layer from = probe.layer(entry.get("lower").asText());
            Layer to = probe.layer(entry.get("upper").asText());
            for (int i = 0; i < entry.get("concept").size(); i++) {
                int patch = entry.get("concept").get(i).asInt();
                if (patch >= images.count()) {
                    continue;
                }
                Tensor x = probe.forward(images.select(ImmutableIntArray.of(patch)), from);
                for (Quadrature rule : List.of(Quadrature.riemannRight(50), Quadrature.gaussLegendre(50))) {
                    JsonNode numbers = entry.get(rule.rule().name().toLowerCase(Locale.ROOT));
                    ImportanceScores mine = probe.importance(
                            from, x, to.neuron(entry.get("neuron").asInt()), rule);
                    double[] expected = array(numbers.get("file").asText()).row(i);
                    scores = Math.max(scores, difference(expected, mine.values()[0]));
                    compared++;
                }
            }
        }
    }

    private Tensor images(Shape shape) {
        GoldenArray pixels = array("inputs_u8");
        JsonNode p = about.get("preprocessing");
        boolean bgr = "BGR".equals(p.get("order").asText());
        int n = about.get("images").size();
        int positions = shape.positions();
        double[] values = new double[n * shape.size()];
        for (int i = 0; i < n; i++) {
            for (int at = 0; at < positions; at++) {
                for (int c = 0; c < 3; c++) {
                    double pixel = pixels.at((i * positions + at) * 3 + (bgr ? 2 - c : c));
                    double v = pixel / p.get("divisor").asDouble()
                            - p.get("mean").get(c).asDouble();
                    values[(i * 3 + c) * positions + at] =
                            (float) (v / p.get("std").get(c).asDouble());
                }
            }
        }
        return Tensor.ofDoubles(n, shape, values);
    }

    private static double difference(double[] expected, double[] actual) {
        if (expected.length != actual.length) {
            throw new NeurflowException("expected a row of " + expected.length + " numbers, but there are "
                    + actual.length + "; the model is not that of the golden case");
        }
        double largest = Double.MIN_NORMAL;
        double off = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            off = Math.max(off, Math.abs(expected[i] - actual[i]));
        }
        return off / largest;
    }
}
