package io.neurflow.core.ray;

import io.neurflow.api.Tensor;
import io.neurflow.core.ray.RayEngine.Pair;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Targets with no convolution between gates, patch by patch on all processors: the feature map of a patch is read once for
 * the targets of all stages, and what gates do along its ray is found once for all targets of a stage.
 */
final class PatchSweep {
    private final Tensor x;
    private final Points points;
    private final Map<Stage, Map<Integer, List<Pair>>> groups;

    PatchSweep(Tensor x, Points points, Map<Stage, Map<Integer, List<Pair>>> groups) {
        this.x = x;
        this.points = points;
        this.groups = groups;
    }

    /** Whether targets of a stage can be done this way. */
    static boolean suits(Stage stage) {
        return stage.middle.isEmpty() && (stage.c.length == 0 || stage.pointwise.isPresent());
    }

    void run() {
        TreeSet<Integer> patches = groups.values().stream()
                .flatMap(byPatch -> byPatch.keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        patches.parallelStream().forEach(this::patch);
    }

    private void patch(int patch) {
        Stage any = groups.keySet().iterator().next();
        Sources sources = new Sources(any.graph, any.key.from(), x, patch);
        groups.forEach((stage, byPatch) -> {
            List<Pair> pairs = byPatch.get(patch);
            if (pairs == null) {
                return;
            }
            if (stage.c.length == 0) {
                for (Pair pair : pairs) {
                    pair.change(new Straight(pair.target().route(), sources).closed(points, pair.scores()));
                }
            } else {
                gated(stage, stage.pointwise.orElseThrow(), pairs, sources);
            }
        });
        if (!sources.isFinite()) {
            groups.values().forEach(byPatch -> Objects.requireNonNullElse(byPatch.get(patch), List.<Pair>of())
                    .forEach(Pair::isNotANumber));
        }
    }

    private void gated(Stage stage, Pointwise prefix, List<Pair> pairs, Sources sources) {
        Entries source = sources.entries(stage.key.source());
        float[][] d = prefix.forward(source);
        int channels = d[0].length;
        double slope = stage.slope(stage.key.gate());
        AtStart maps = new AtStart(stage.c, d, (float) slope);
        boolean apart = !points.exact
                && pairs.stream()
                        .allMatch(pair -> maps.pays(
                                pair.target().route().gated().orElseThrow().row()));
        Optional<AtStart> atStart = apart ? Optional.of(maps) : Optional.empty();
        Steps steps = new Steps(points, slope, d.length * channels / 2);
        for (int q = 0; q < d.length; q++) {
            float[] row = d[q];
            for (int j = 0; j < channels; j++) {
                float c = stage.c[j * d.length + q];
                if (apart) {
                    steps.addChange(0, j, q, c, row[j]);
                } else {
                    steps.add(0, j, q, c, row[j]);
                }
            }
        }
        steps.sorted();
        for (Pair pair : pairs) {
            float[] @Nullable [] cotangents = new float[d.length][];
            RowSweep.run(pair, sources, steps, atStart, points, (unit, j, q, cotangent) -> {
                if (cotangent != 0) {
                    float[] row = cotangents[q] == null ? new float[channels] : cotangents[q];
                    row[j] += cotangent;
                    cotangents[q] = row;
                }
            });
            prefix.scores(source, cotangents, pair.scores());
        }
    }
}
