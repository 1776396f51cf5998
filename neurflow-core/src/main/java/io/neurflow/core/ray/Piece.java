package io.neurflow.core.ray;

import io.neurflow.api.Tensor;
import io.neurflow.core.ray.RayEngine.Pair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Some patches with all of their targets: what is dense in one batch, what is not on all processors, a patch on each. */
final class Piece {
    private final Stage stage;
    private final Points points;
    private final List<List<Pair>> pairs;
    private final int count;
    private final List<Sources> sources;

    Piece(Stage stage, Points points, Tensor x, Map<Integer, List<Pair>> byPatch) {
        this.stage = stage;
        this.points = points;
        this.pairs = new ArrayList<>(byPatch.values());
        this.count = pairs.size();
        this.sources = byPatch.keySet().stream()
                .map(patch -> new Sources(stage.graph, stage.key.from(), x, patch))
                .toList();
    }

    void run() {
        int size = stage.size(stage.key.source());
        float[] source = new float[count * size];
        each(item -> System.arraycopy(sources.get(item).values(stage.key.source()), 0, source, item * size, size));
        float[] d = stage.prefix(source, count);
        int units = stage.c.length;
        each(item -> {
            for (int unit = 0; unit < units; unit++) {
                d[item * units + unit] -= stage.c[unit];
            }
        });
        int[] first = new int[count + 1];
        for (int item = 0; item < count; item++) {
            first[item + 1] = first[item] + pairs.get(item).size();
        }
        float[] cotangents = new float[first[count] * units];
        if (stage.middle.isEmpty()) {
            each(item -> rows(item, d, cotangents, first[item]));
        } else {
            middle(stage.middle.get(), d, cotangents, first);
        }
        prefixScores(source, cotangents, first);
        for (int item = 0; item < count; item++) {
            if (!sources.get(item).isFinite()) {
                pairs.get(item).forEach(Pair::isNotANumber);
            }
        }
    }

    private void each(IntConsumer action) {
        IntStream.range(0, count).parallel().forEach(action);
    }

    private void rows(int item, float[] d, float[] cotangents, int firstPair) {
        int units = stage.c.length;
        int channels = stage.channels(stage.key.u());
        int positions = units / channels;
        Steps steps = new Steps(points, stage.slope(stage.key.gate()), units / 2);
        for (int unit = 0; unit < units; unit++) {
            steps.add(unit, unit / positions, unit % positions, stage.c[unit], d[item * units + unit]);
        }
        steps.sorted();
        for (int i = 0; i < pairs.get(item).size(); i++) {
            int at = (firstPair + i) * units;
            RowSweep.run(
                    pairs.get(item).get(i),
                    sources.get(item),
                    steps,
                    Optional.empty(),
                    points,
                    (unit, j, q, cotangent) -> cotangents[at + unit] += cotangent);
        }
    }

    private Line line(Pair pair, int item) {
        Route route = pair.target().route();
        return new Line(points, new Straight(route, sources.get(item)), route.topSlope());
    }

    private void middle(MiddleStage middle, float[] d, float[] cotangents, int[] first) {
        int units = stage.c.length;
        float[] slopes = stage.slopes(d, count);
        int outs = middle.outChannels * middle.outPositions;
        float[] sums = new float[first[count] * outs];
        boolean[][] open = new boolean[count][];
        float slope = (float) stage.slope(stage.key.gate());
        float factor = 1 - slope;
        MiddleSweep[] sweeps = new MiddleSweep[count];
        float[][] tops = new float[first[count]][];
        each(item -> {
            GateTimes gates = new GateTimes(stage.c, d, item * units, middle.inPositions, points);
            open[item] = gates.openAtEnd;
            sweeps[item] = new MiddleSweep(middle, points, gates);
            List<Pair> here = pairs.get(item);
            List<Line> lines = here.stream().map(pair -> line(pair, item)).toList();
            sweeps[item].run(
                    stage.c,
                    d,
                    item * units,
                    factor,
                    middle.byPosition(slopes, item * outs),
                    here.stream().map(Piece::gatedRow).toList(),
                    lines.stream().map(line -> line.z).toArray(float[][]::new));
            for (int i = 0; i < here.size(); i++) {
                tops[first[item] + i] = lines.get(i).finish(here.get(i));
            }
        });
        parts(BackSweep.most(middle)).parallelStream().forEach(part -> {
            List<float[]> rows = pairs.get(part.item).subList(part.from, part.to).stream()
                    .map(Piece::gatedRow)
                    .toList();
            BackSweep back = new BackSweep(middle, sweeps[part.item], rows);
            int at = first[part.item] + part.from;
            back.run(points, Arrays.asList(tops).subList(at, at + rows.size()), cotangents, at * units, factor);
            for (int i = 0; i < rows.size(); i++) {
                middle.byChannel(back.sums(i), sums, (at + i) * outs);
            }
        });
        float[] whole = stage.numerics.pullback(stage.key.gate(), stage.key.middle(), sums, first[count]);
        each(item -> {
            for (int at = first[item]; at < first[item + 1]; at++) {
                for (int unit = 0; unit < units; unit++) {
                    cotangents[at * units + unit] += (open[item][unit] ? 1 : slope) * whole[at * units + unit];
                }
            }
        });
    }

    /** Targets {@code from} to {@code to} of a patch. */
    private record Part(int item, int from, int to) {}

    /** All pairs, at most so many of a patch together, and about as many in each part of a patch. */
    private List<Part> parts(int most) {
        List<Part> parts = new ArrayList<>();
        for (int item = 0; item < count; item++) {
            int size = pairs.get(item).size();
            int pieces = (size + most - 1) / most;
            for (int i = 0; i < pieces; i++) {
                parts.add(new Part(item, i * size / pieces, (i + 1) * size / pieces));
            }
        }
        return parts;
    }

    private static float[] gatedRow(Pair pair) {
        return pair.target().route().gated().orElseThrow().row().weights;
    }

    private void prefixScores(float[] y, float[] cotangents, int[] first) {
        float[] g = stage.pullback(cotangents, first[count]);
        int channels = stage.channels(stage.key.source());
        int positions = stage.size(stage.key.source()) / channels;
        each(item -> {
            for (int i = 0; i < pairs.get(item).size(); i++) {
                double[] row = pairs.get(item).get(i).scores();
                int from = item * channels * positions;
                int at = (first[item] + i) * channels * positions;
                for (int c = 0; c < channels; c++, from += positions, at += positions) {
                    row[c] += Kernels.product(y, from, g, at, positions);
                }
            }
        });
    }
}
