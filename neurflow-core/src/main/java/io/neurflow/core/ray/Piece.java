package io.neurflow.core.ray;

import io.neurflow.core.ray.RayEngine.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Some patches with all of their targets: what is dense in one batch, what is not on all processors, a patch on each. */
final class Piece {
    private final Stage stage;
    private final Points points;
    private final List<List<Pair>> pairs;
    private final int count;
    private final Map<Integer, float[]> sources = new HashMap<>();

    Piece(Stage stage, Points points, float[] x, Map<Integer, List<Pair>> byPatch) {
        this.stage = stage;
        this.points = points;
        this.pairs = new ArrayList<>(byPatch.values());
        this.count = pairs.size();
        int size = stage.size(stage.key.from());
        float[] chosen = new float[count * size];
        int i = 0;
        for (int patch : byPatch.keySet()) {
            System.arraycopy(x, patch * size, chosen, i++ * size, size);
        }
        sources.put(stage.key.from(), chosen);
        source(stage.key.source());
        pairs.stream().flatMap(List::stream).map(pair -> pair.target().route()).forEach(route -> {
            route.directs().forEach(direct -> source(direct.source()));
            route.rows().forEach(row -> source(row.input));
        });
    }

    private void source(int value) {
        if (!sources.containsKey(value)) {
            sources.put(value, stage.numerics.forward(stage.key.from(), value, values(stage.key.from()), count));
        }
    }

    private float[] values(int source) {
        return Objects.requireNonNull(sources.get(source), "source");
    }

    void run() {
        if (stage.c.length == 0) {
            each(item -> pairs.get(item).forEach(pair -> finish(pair, item, line(pair, item))));
            return;
        }
        float[] d = stage.prefix(values(stage.key.source()), count);
        for (int i = 0; i < d.length; i++) {
            d[i] -= stage.c[i % stage.c.length];
        }
        int units = stage.c.length;
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
        prefixScores(cotangents, first);
    }

    private void each(IntConsumer action) {
        IntStream.range(0, count).parallel().forEach(action);
    }

    private void rows(int item, float[] d, float[] cotangents, int firstPair) {
        int units = stage.c.length;
        GateTimes gates = new GateTimes(stage.c, d, item * units, points);
        for (int i = 0; i < pairs.get(item).size(); i++) {
            Pair pair = pairs.get(item).get(i);
            Route.Gated gated = pair.target().route().gated().orElseThrow();
            RowSweep sweep = new RowSweep(gated.row(), gated.slope(), gates, points);
            Line line = line(pair, item);
            sweep.forward(stage.c, d, item * units, line.z);
            sweep.back(finish(pair, item, line), cotangents, (firstPair + i) * units);
        }
    }

    private void middle(MiddleStage middle, float[] d, float[] cotangents, int[] first) {
        int units = stage.c.length;
        float[] slopes = stage.slopes(d, count);
        int outs = middle.outChannels * middle.outPositions;
        float[] sums = new float[first[count] * outs];
        boolean[][] open = new boolean[count][];
        float slope = (float) stage.slope(stage.key.gate());
        float factor = 1 - slope;
        each(item -> {
            GateTimes gates = new GateTimes(stage.c, d, item * units, points);
            open[item] = gates.openAtEnd;
            MiddleSweep sweep = new MiddleSweep(middle, points, gates);
            List<Pair> here = pairs.get(item);
            List<Line> lines = here.stream().map(pair -> line(pair, item)).toList();
            sweep.run(
                    stage.c,
                    d,
                    item * units,
                    factor,
                    middle.byPosition(slopes, item * outs),
                    here.stream().map(Piece::gatedRow).toList(),
                    lines.stream().map(line -> line.z).toArray(float[][]::new));
            for (int i = 0; i < here.size(); i++) {
                float[] top = finish(here.get(i), item, lines.get(i));
                PairSweep back = new PairSweep(middle, points);
                back.run(sweep, gatedRow(here.get(i)), top);
                int at = first[item] + i;
                middle.byChannel(back.sums, sums, at * outs);
                for (int unit = 0; unit < units; unit++) {
                    cotangents[at * units + unit] = factor * back.corrections[unit];
                }
            }
        });
        float[] whole = stage.numerics.pullback(stage.key.gate(), stage.key.middle(), sums, first[count]);
        for (int item = 0; item < count; item++) {
            for (int at = first[item]; at < first[item + 1]; at++) {
                for (int unit = 0; unit < units; unit++) {
                    cotangents[at * units + unit] += (open[item][unit] ? 1 : slope) * whole[at * units + unit];
                }
            }
        }
    }

    private static float[] gatedRow(Pair pair) {
        return pair.target().route().gated().orElseThrow().row().weights;
    }

    private void prefixScores(float[] cotangents, int[] first) {
        int size = stage.size(stage.key.source());
        float[] y = values(stage.key.source());
        float[] repeated = new float[first[count] * size];
        for (int item = 0; item < count; item++) {
            for (int at = first[item]; at < first[item + 1]; at++) {
                System.arraycopy(y, item * size, repeated, at * size, size);
            }
        }
        float[] scores = stage.numerics.scores(stage.key.source(), stage.key.u(), repeated, cotangents, first[count]);
        int channels = stage.channels(stage.key.source());
        for (int item = 0; item < count; item++) {
            for (int i = 0; i < pairs.get(item).size(); i++) {
                double[] row = row(pairs.get(item).get(i));
                for (int c = 0; c < channels; c++) {
                    row[c] += scores[(first[item] + i) * channels + c];
                }
            }
        }
    }

    private static double[] row(Pair pair) {
        return pair.target().scores().values()[pair.row()];
    }

    /** What is affine in alpha under the last gate. */
    private Line line(Pair pair, int item) {
        Route route = pair.target().route();
        Line line = new Line(points, positions(route), route.topSlope());
        for (Route.Direct direct : route.directs()) {
            int positions = positions(direct.source());
            int at = item * stage.size(direct.source()) + direct.channel() * positions;
            for (int p = 0; p < positions; p++) {
                line.add(p, 0, values(direct.source())[at + p]);
            }
        }
        for (Route.Row row : route.rows()) {
            double[] steps = new double[row.taps.outputs];
            overTaps(row, item, (channel, value, weight, p) -> steps[p] += (double) value * weight);
            for (int p = 0; p < steps.length; p++) {
                line.add(p, row.bias, steps[p]);
            }
        }
        route.gated().ifPresent(gated -> {
            for (int p = 0; p < gated.row().taps.outputs; p++) {
                line.add(p, gated.row().bias, 0);
            }
        });
        return line;
    }

    /** The change along the ray and the scores of what is affine; returns the cotangents under the last gate. */
    private float[] finish(Pair pair, int item, Line line) {
        Route route = pair.target().route();
        float[] top = line.cotangents();
        double[] sums = line.sums(top);
        double[] scores = row(pair);
        pair.target().scores().changes()[pair.row()] = line.change();
        for (Route.Direct direct : route.directs()) {
            int positions = positions(direct.source());
            int at = item * stage.size(direct.source()) + direct.channel() * positions;
            for (int p = 0; p < positions; p++) {
                scores[direct.channel()] += sums[p] * values(direct.source())[at + p];
            }
        }
        for (Route.Row row : route.rows()) {
            overTaps(row, item, (channel, value, weight, p) -> scores[channel] += sums[p] * value * weight);
        }
        return top;
    }

    private interface TapAction {
        void apply(int channel, float value, float weight, int position);
    }

    private void overTaps(Route.Row row, int item, TapAction action) {
        Taps taps = row.taps;
        int positions = taps.start.length - 1;
        float[] values = values(row.input);
        int base = item * stage.size(row.input);
        for (int channel = 0; channel < row.channels(); channel++) {
            for (int q = 0; q < positions; q++) {
                float value = values[base + channel * positions + q];
                for (int i = taps.start[q]; value != 0 && i < taps.start[q + 1]; i++) {
                    action.apply(channel, value, row.weights[channel * taps.size + taps.tap[i]], taps.output[i]);
                }
            }
        }
    }

    private int positions(int value) {
        return stage.size(value) / stage.channels(value);
    }

    private int positions(Route route) {
        if (!route.directs().isEmpty()) {
            return positions(route.directs().get(0).source());
        }
        return route.gated().map(Route.Gated::row).orElseGet(() -> route.rows().get(0)).taps.outputs;
    }
}
