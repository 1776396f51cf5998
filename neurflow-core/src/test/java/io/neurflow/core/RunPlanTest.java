package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.core.store.RunStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunPlanTest {
    /** Eight inputs, and above them sums of two, of two of these, of two of those: no neuron has two parents. */
    private static ToyProbe tree() {
        double[][][] weights = new double[4][][];
        for (int l = 0; l < 4; l++) {
            int out = 8 >> l;
            int in = l == 0 ? 8 : 2 * out;
            weights[l] = new double[out][in];
            for (int o = 0; o < out; o++) {
                weights[l][o][l == 0 ? o : 2 * o] = 1;
                weights[l][o][l == 0 ? o : 2 * o + 1] = 1;
            }
        }
        return new ToyProbe(weights);
    }

    /** Each is seen by one half of the tree, most by one quarter of it. */
    private static VectorPatches halves() {
        double[][] vectors = new double[16][8];
        for (int v = 0; v < 16; v++) {
            for (int i = 0; i < 8; i++) {
                if (i / 4 == v / 8) {
                    vectors[v][i] = (i / 2 == v / 4 ? 2 : 1) + 0.01 * v + 0.001 * i;
                }
            }
        }
        return new VectorPatches(vectors);
    }

    @Test
    void countsAreReachedWhereNothingIsShared() {
        try (ToyProbe toy = tree()) {
            CountingProbe counting = new CountingProbe(toy);
            ModelProbe probe = counting.probe();
            List<Progress> heard = new ArrayList<>();
            CircuitBuilder builder = CircuitBuilder.using(
                            CoreConceptFinder.over(probe).topPatches(2).maxCoreNeurons(2))
                    .preset(Preset.PAPER)
                    .onProgress(heard::add);
            Neuron root = probe.logits().neuron(0);
            RunPlan plan = builder.plan(root, halves());
            assertThat(plan.steps()).extracting(RunPlan.Step::targets).containsExactly(1, 2, 4);
            assertThat(plan.steps()).extracting(RunPlan.Step::patches).containsExactly(2, 4, 8);
            assertThat(plan.forwards()).isEqualTo(16 + 2 + 4 + 8);
            assertThat(plan.backwards()).isEqualTo(2 * (1 + 2 + 4));
            counting.fromPixels = 0;
            builder.build(root, halves());
            assertThat(counting.fromPixels).isEqualTo(plan.forwards());
            assertThat(pairs(heard)).isEqualTo(plan.backwards());
        }
    }

    /** Integrals that were computed. */
    private static long pairs(List<Progress> heard) {
        Map<String, Long> last = new HashMap<>();
        heard.stream()
                .filter(progress -> progress.stage().startsWith("core"))
                .forEach(progress -> last.put(progress.stage(), progress.done() - progress.reused()));
        return last.values().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void aRunDoesNoMoreThanItsPlanWithFilesAndWithout() {
        try (ModelProbe engine = SameDiffProbe.open(SmallGraphs.residual())) {
            CountingProbe counting = new CountingProbe(engine);
            ModelProbe probe = counting.probe();
            PatchSet patches = StoredRun.patches(probe.inputShape());
            Neuron root = probe.logits().neuron(2);
            long bytesOfRows = 8L * 600 * 25;
            for (long disk : new long[] {0, bytesOfRows + 100_000, bytesOfRows + 300_000, 1L << 30}) {
                List<Progress> heard = new ArrayList<>();
                CircuitBuilder builder = StoredRun.builder(probe)
                        .preset(Preset.PAPER)
                        .featureMapDisk(disk)
                        .onProgress(heard::add);
                RunPlan plan = builder.plan(root, patches);
                assertThat(plan.temporaryBytes()).isLessThanOrEqualTo(disk);
                counting.fromPixels = 0;
                counting.onward = 0;
                builder.build(root, patches);
                assertThat(counting.fromPixels).isBetween(600L, plan.forwards());
                assertThat(counting.onward).isLessThanOrEqualTo(plan.onward());
                assertThat(pairs(heard)).isBetween(1L, plan.backwards());
                if (disk == 1L << 30) {
                    assertThat(plan.forwards()).isEqualTo(600);
                    assertThat(counting.onward).isEqualTo(plan.onward());
                }
            }
        }
    }

    @Test
    void whatAStoreHoldsIsTakenOff(@TempDir Path folder) {
        try (ModelProbe probe = SameDiffProbe.open(SmallGraphs.residual())) {
            PatchSet patches = StoredRun.patches(probe.inputShape());
            Neuron root = probe.logits().neuron(2);
            CircuitBuilder builder = StoredRun.builder(probe).store(RunStore.at(folder));
            RunPlan first = builder.plan(root, patches);
            assertThat(first.storedForwards()).isZero();
            try {
                builder.onProgress(progress -> {
                            if (progress.stage().contains("block2") && progress.done() > 0) {
                                throw new CancellationException("enough");
                            }
                        })
                        .build(root, patches);
            } catch (CancellationException e) {
                assertThat(e).hasMessage("enough");
            }
            RunPlan second = builder.plan(root, patches);
            assertThat(second.storedForwards()).isEqualTo(600);
            assertThat(second.steps().get(0).stored()).isEqualTo(50);
            assertThat(second.steps().get(1).stored()).isPositive();
            assertThat(second.backwards()).isLessThan(first.backwards());
            assertThat(second.toString()).contains("(600 are stored)").contains("of them stored");
            List<Progress> heard = new ArrayList<>();
            builder.onProgress(heard::add).build(root, patches);
            assertThat(pairs(heard)).isLessThanOrEqualTo(second.backwards());
            RunPlan done = builder.onProgress(ProgressListener.NONE).plan(root, patches);
            assertThat(done.backwards()).isZero();
            assertThat(done.forwards()).isZero();
        }
    }
}
