package io.neurflow.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Precision;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.lang.management.ManagementFactory;
import java.util.AbstractList;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PatchActivationsTest {
    private static final long SEED = 31;
    private static final int CHANNELS = 700;

    @Property(tries = 200)
    void theStrongestPatchesAreTheFirstOfTheWholeRanking(
            @ForAll @IntRange(min = 1, max = 40) int count,
            @ForAll @IntRange(min = 1, max = 12) int most,
            @ForAll @IntRange(min = 1, max = 6) int levels,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[count];
        StrongestPatches strongest = new StrongestPatches(2, most);
        for (int v = 0; v < count; v++) {
            // Few levels, so that there are ties, and zeros of both signs, which have an order.
            values[v] = (random.nextInt(levels) - levels / 2) * (random.nextBoolean() ? 0.5 : -0.5);
            strongest.add(new double[] {values[v], -values[v]});
        }
        ImmutableIntArray expected = Ranking.largest(values, most);
        assertThat(strongest.patches(0, most)).isEqualTo(expected);
        assertThat(strongest.activations(0, most).stream().boxed())
                .containsExactlyElementsOf(
                        expected.stream().mapToObj(v -> values[v]).toList());
        assertThat(strongest.knows(most)).isTrue();
        assertThat(strongest.knows(most + 1)).isEqualTo(count <= most);
    }

    @Test
    void rowsComeBackFromTheFileBitForBit() {
        SplittableRandom random = new SplittableRandom(SEED);
        try (PooledFile file = new PooledFile(3);
                PooledRows heap = PooledRows.inHeap()) {
            for (int block = 0; block < 9; block++) {
                double[][] rows = new double[1 + random.nextInt(4)][3];
                for (double[] row : rows) {
                    for (int c = 0; c < 3; c++) {
                        // Every other block is of floats.
                        row[c] = block % 2 == 0 ? random.nextDouble() : (float) -random.nextDouble();
                    }
                }
                rows[0][1] = -0.0;
                file.add(rows);
                heap.add(rows);
            }
            for (int v = 0; v < 9; v++) {
                assertThat(file.row(v)).containsExactly(heap.row(v));
            }
        }
    }

    @Test
    void activationsInFilesAnswerAsThoseInTheHeapDo() {
        try (ModelProbe probe = new Wide()) {
            PatchSet patches = new Many(300);
            Neuron root = probe.logits().neuron(1);
            PatchActivations heap = PatchActivations.of(probe, patches, probe.layers(), ProgressListener.NONE);
            CircuitBuilder builder = CircuitBuilder.using(
                    CoreConceptFinder.over(probe).topPatches(20).maxCoreNeurons(3));
            for (long disk : new long[] {0, 1L << 30}) {
                try (PatchActivations bounded = builder.featureMapDisk(disk).activations(root, patches)) {
                    for (Layer layer : probe.layers()) {
                        for (int k : new int[] {1, 20, 21, 300}) {
                            assertThat(bounded.concept(layer.neuron(1), k)).isEqualTo(heap.concept(layer.neuron(1), k));
                        }
                        assertThat(bounded.representativeVector(layer, 299))
                                .containsExactly(heap.representativeVector(layer, 299));
                        assertThat(bounded.activation(layer.neuron(1), 7))
                                .isEqualTo(heap.activation(layer.neuron(1), 7));
                    }
                    assertThatThrownBy(() -> bounded.concept(root, 301)).hasMessageContaining("1 to 300 patches");
                    assertThat(builder.build(root, bounded)).isEqualTo(builder.build(root, heap));
                }
            }
        }
    }

    @Test
    void theHeapThatActivationsTakeDoesNotGrowWithThePatches() {
        bytesHeld(600); // loads classes
        long few = leastHeld(600);
        long many = leastHeld(6000);
        // 701 channels of 51 patches of 12 bytes are 0.43 MB; all activations of 6000 patches would be 34 MB.
        assertThat(few).isLessThan(1_000_000);
        assertThat(many).isLessThan(few + few / 20 + 100_000);
    }

    /** Of three, since others may leave something in the heap meanwhile. */
    private static long leastHeld(int count) {
        return Math.min(bytesHeld(count), Math.min(bytesHeld(count), bytesHeld(count)));
    }

    private static long bytesHeld(int count) {
        try (ModelProbe probe = new Wide()) {
            PatchSet patches = new Many(count);
            CircuitBuilder builder = CircuitBuilder.over(probe);
            long before = live();
            try (PatchActivations activations =
                    builder.activations(probe.logits().neuron(0), patches)) {
                long after = live();
                assertThat(activations.layers()).hasSize(2);
                return after - before;
            }
        }
    }

    private static long live() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Patches that are made when asked for. */
    private static final class Many implements PatchSet {
        private final int count;

        Many(int count) {
            this.count = count;
        }

        @Override
        public ImmutableList<SourceImage> images() {
            return ImmutableList.of(new SourceImage(0, "random", "%064x".formatted(SEED)));
        }

        @Override
        public ImmutableList<Patch> patches() {
            return ImmutableList.copyOf(new AbstractList<>() {
                @Override
                public Patch get(int index) {
                    return new Patch(index, 0, 1, 0, 0, 1);
                }

                @Override
                public int size() {
                    return count;
                }
            });
        }

        @Override
        public Tensor inputs(ImmutableIntArray which) {
            double[] values = which.stream()
                    .mapToDouble(v -> new SplittableRandom(SEED + v).nextDouble())
                    .toArray();
            return Tensor.ofDoubles(which.length(), Shape.units(1), values);
        }
    }

    /** y_c = (c + 1) x modulo 1, and two sums of them: many channels from one input. */
    private static final class Wide implements ModelProbe {
        private final Layer wide = new Layer("wide", 0, "Relu", Shape.units(CHANNELS));
        private final Layer sums = new Layer("sums", 1, "Dense", Shape.units(2));

        @Override
        public ModelInfo info() {
            return new ModelInfo("wide", "0".repeat(64), "plain Java", Precision.FLOAT64);
        }

        @Override
        public Shape inputShape() {
            return Shape.units(1);
        }

        @Override
        public ImmutableList<Layer> layers() {
            return ImmutableList.of(wide, sums);
        }

        @Override
        public Tensor forward(Tensor inputs, Layer to) {
            double[] x = inputs.toDoubles();
            double[] values = new double[inputs.count() * CHANNELS];
            for (int i = 0; i < values.length; i++) {
                values[i] = (x[i / CHANNELS] * (i % CHANNELS + 1)) % 1;
            }
            Tensor y = Tensor.ofDoubles(inputs.count(), wide.shape(), values);
            return to.equals(wide) ? y : forward(wide, y, to);
        }

        @Override
        public Tensor forward(Layer from, Tensor activations, Layer to) {
            double[] x = activations.toDoubles();
            double[] values = new double[activations.count() * 2];
            for (int i = 0; i < x.length; i++) {
                values[i / CHANNELS * 2 + i % 2] += x[i];
            }
            return Tensor.ofDoubles(activations.count(), to.shape(), values);
        }

        @Override
        public Tensor gradient(Layer from, Tensor activations, Neuron target) {
            double[] values = new double[activations.count() * CHANNELS];
            for (int i = 0; i < values.length; i++) {
                values[i] = i % CHANNELS % 2 == target.channel() ? 1 : 0;
            }
            return Tensor.ofDoubles(activations.count(), from.shape(), values);
        }

        @Override
        public void close() {}
    }
}
