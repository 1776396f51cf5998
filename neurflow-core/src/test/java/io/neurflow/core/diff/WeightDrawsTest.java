package io.neurflow.core.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Counting;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SemanticGroups;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.Finding;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.ToyProbe;
import io.neurflow.core.VectorPatches;
import io.neurflow.core.report.WeightDrawsJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightDrawsTest {
    /** Images of some patches each, unlike {@link VectorPatches}, whose patches are images of their own. */
    private record Clustered(double[] numbers, int width, int perImage, long identity) implements PatchSet {
        private VectorPatches vectors() {
            double[][] rows = new double[numbers.length / width][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(numbers, i * width, (i + 1) * width);
            }
            return new VectorPatches(rows);
        }

        @Override
        public ImmutableList<SourceImage> images() {
            return IntStream.range(0, numbers.length / width / perImage)
                    .mapToObj(i ->
                            new SourceImage(i, "image " + i, "%016x%048x".formatted(identity * 7919 + i * 104729L, i)))
                    .collect(ImmutableList.toImmutableList());
        }

        @Override
        public ImmutableList<Patch> patches() {
            return IntStream.range(0, numbers.length / width)
                    .mapToObj(i -> new Patch(i, i / perImage, 1, i % perImage, 0, 1))
                    .collect(ImmutableList.toImmutableList());
        }

        @Override
        public Tensor inputs(ImmutableIntArray patches) {
            return vectors().inputs(patches);
        }
    }

    private record Built(ConceptCircuit circuit, WeightDraws draws) {}

    private static double[][] random(int rows, int columns, Random random) {
        return IntStream.range(0, rows)
                .mapToObj(r -> random.doubles(columns, -1, 1).toArray())
                .toArray(double[][]::new);
    }

    private static ToyProbe toy(long seed) {
        Random random = new Random(seed);
        return new ToyProbe(random(12, 8, random), random(10, 12, random), random(3, 10, random));
    }

    private static Clustered inputs(long seed, int images, int perImage) {
        Random random = new Random(seed);
        double[] numbers = new double[images * perImage * 8];
        for (int i = 0; i < images; i++) {
            double[] own = random.doubles(8).toArray();
            for (int p = 0; p < perImage; p++) {
                for (int c = 0; c < 8; c++) {
                    numbers[(i * perImage + p) * 8 + c] = own[c] + 0.05 * random.nextGaussian();
                }
            }
        }
        return new Clustered(numbers, 8, perImage, seed);
    }

    private static Built built(ToyProbe probe, PatchSet patches, Counting counting, int draws) {
        WeightDraws.Recorder recorder = new WeightDraws.Recorder(patches);
        ConceptCircuit circuit = CircuitBuilder.using(CoreConceptFinder.over(probe)
                        .topPatches(30)
                        .maxCoreNeurons(5)
                        .integrationSteps(8))
                .counting(counting)
                .onFinding(recorder)
                .build(probe.logits().neuron(0), patches);
        return new Built(circuit, recorder.draws(circuit, draws, 1));
    }

    @ParameterizedTest
    @EnumSource(Counting.class)
    void drawsAreAroundTheWeightsOfTheCircuitHoweverItCounts(Counting counting) {
        Built built = built(toy(1), inputs(1, 20, 3), counting, 400);
        assertThat(built.draws().edges()).isEqualTo(built.circuit().edges()).isNotEmpty();
        for (int e = 0; e < built.circuit().edges().size(); e++) {
            double mean = 0;
            double squares = 0;
            for (float w : built.draws().weights(e)) {
                mean += w / 400;
                squares += w * w / 400.0;
            }
            double deviation = Math.sqrt(Math.max(0, squares - mean * mean));
            double weight = built.circuit().edges().get(e).weight();
            assertThat(mean).as("%s", built.circuit().edges().get(e)).isCloseTo(weight, offset(0.5 * deviation + 0.01));
        }
    }

    @Test
    void aCircuitDiffersFromItselfByExactlyNothing() {
        Built built = built(toy(2), inputs(2, 20, 3), Counting.FRACTIONAL, 100);
        CircuitDiff diff = CircuitDiff.of(
                GroupAlignment.byPatches(built.circuit(), built.circuit()), 0, built.draws(), built.draws());
        assertThat(diff.isEmpty()).isTrue();
        assertThat(diff.edges()).allSatisfy(edge -> edge.interval().ifPresent(i -> {
            assertThat(i.low()).isZero();
            assertThat(i.high()).isZero();
        }));
        assertThat(diff.toString()).contains("intervals of 95 % from 100 draws of the images (seed 1)");
    }

    /** Positive units, so that w of one is the share of what it contributes. */
    private static ToyProbe linear() {
        return new ToyProbe(new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, new double[][] {{1, 1, 1}, {0, 0, 0}});
    }

    private static Clustered positive(long seed, int images, int perImage) {
        Random random = new Random(seed);
        double[] numbers = new double[images * perImage * 3];
        for (int i = 0; i < images; i++) {
            double[] own = random.doubles(3).map(u -> -Math.log1p(-u)).toArray();
            for (int p = 0; p < perImage; p++) {
                for (int c = 0; c < 3; c++) {
                    numbers[(i * perImage + p) * 3 + c] = own[c] * (1 + 0.01 * random.nextDouble());
                }
            }
        }
        return new Clustered(numbers, 3, perImage, seed);
    }

    /**
     * Two sets of images from one world: every interval of the difference of w of the first unit should hold 0 in 95 % of cases.
     * Eight near-duplicates of each image make those that take patches for independent far too narrow.
     */
    @Test
    void intervalsOverImagesHoldTheTruthAboutAsOftenAsTheySayAndOverPatchesTheyDoNot() {
        int cases = 200;
        int held = 0;
        int heldOverPatches = 0;
        for (int c = 0; c < cases; c++) {
            held += holdsZero(c, 8) ? 1 : 0;
            heldOverPatches += holdsZero(c, 1) ? 1 : 0;
        }
        assertThat(held / (double) cases).isBetween(0.90, 0.99);
        assertThat(heldOverPatches / (double) cases).isLessThan(0.7);
    }

    /** Draws of w of the first unit in two circuits of other images; taken as perImage says, though there are 8 of each. */
    private static boolean holdsZero(int c, int perImage) {
        Clustered one = positive(1000 + c, 20, 8);
        Clustered other = positive(500_000 + c, 20, 8);
        double[] w = new double[2];
        double[][] draws = new double[2][];
        int i = 0;
        for (Clustered set : new Clustered[] {one, other}) {
            Clustered taken = new Clustered(set.numbers(), 3, perImage, set.identity());
            double[] drawn = firstWeight(taken);
            w[i] = drawn[0];
            draws[i] = Arrays.copyOfRange(drawn, 1, drawn.length);
            i++;
        }
        double[] differences = IntStream.range(0, 200)
                .mapToDouble(d -> draws[1][d] - draws[0][d])
                .toArray();
        int images = 160 / perImage;
        return DifferenceInterval.of(w[1] - w[0], differences, images).containsZero();
    }

    /** w of the first unit, then in each draw, over all patches as one semantic group: nothing of it depends on the images. */
    private static double[] firstWeight(Clustered patches) {
        ToyProbe probe = linear();
        Finding finding = CoreConceptFinder.over(probe)
                .topPatches(160)
                .maxCoreNeurons(3)
                .integrationSteps(1)
                .find(
                        probe.logits().neuron(0),
                        PatchActivations.of(probe, patches, probe.layers(), ProgressListener.NONE));
        SemanticGroup all = new SemanticGroup(
                finding.concept().neuron(), 0, finding.concept().patches());
        WeightDraws.Recorder recorder = new WeightDraws.Recorder(patches);
        recorder.found(
                finding,
                new SemanticGroups(ImmutableList.of(all), probe.layers().get(0), ImmutableSortedMap.of()));
        double[] sums = finding.scores().sums();
        Neuron first = probe.layers().get(0).neuron(0);
        double[] drawn = recorder.weights(patches.images(), all, first, 200, 1);
        return DoubleStream.concat(DoubleStream.of(sums[0] / (sums[0] + sums[1] + sums[2])), Arrays.stream(drawn))
                .toArray();
    }

    @Test
    void storedDrawsAreReadAgainAndThoseOfAnotherCircuitAreRefused(@TempDir Path folder) throws Exception {
        Built built = built(toy(3), inputs(3, 20, 3), Counting.FRACTIONAL, 50);
        Path file = folder.resolve(WeightDrawsJson.FILE);
        WeightDrawsJson.write(built.draws(), file);
        WeightDraws read = WeightDrawsJson.read(file, built.circuit());
        assertThat(read.seed()).isEqualTo(1);
        for (int e = 0; e < read.edges().size(); e++) {
            assertThat(read.weights(e))
                    .containsExactly(built.draws().weights(e), org.assertj.core.data.Offset.offset(1e-5f));
        }
        Built other = built(toy(4), inputs(3, 20, 3), Counting.FRACTIONAL, 50);
        assertThatThrownBy(() -> WeightDrawsJson.read(file, other.circuit()))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("--intervals");
        Files.writeString(file, "{\"format\": 3");
        assertThatThrownBy(() -> WeightDrawsJson.read(file, built.circuit())).isInstanceOf(NeurflowException.class);
    }
}
