package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.core.report.CircuitJson;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.core.store.RunStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** A circuit of a small residual network over 600 random inputs; as a program it can be killed. */
public final class StoredRun {
    private static final int PATCHES = 600;
    private static final int SEED = 5;
    private static final long NANOS_A_REPORT = 15_000_000;

    private StoredRun() {}

    /**
     * Builds and writes the circuit; slowly with a store.
     *
     * @param arguments the store, if any, and the file to write
     * @throws Exception if that does not work
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            Files.writeString(Path.of(arguments[0]), json(Optional.empty(), ProgressListener.NONE));
            return;
        }
        RunStore store = RunStore.at(Path.of(arguments[0]));
        String json = json(Optional.of(store), progress -> LockSupport.parkNanos(NANOS_A_REPORT));
        Files.writeString(Path.of(arguments[1]), json);
    }

    static String json(Optional<RunStore> store, ProgressListener listener) {
        try (ModelProbe probe = SameDiffProbe.open(SmallGraphs.residual())) {
            CircuitBuilder builder = builder(probe).onProgress(listener);
            return CircuitJson.write(store.map(builder::store)
                    .orElse(builder)
                    .build(probe.logits().neuron(2), patches(probe.inputShape())));
        }
    }

    static CircuitBuilder builder(ModelProbe probe) {
        return CircuitBuilder.using(
                CoreConceptFinder.over(probe).topPatches(50).maxCoreNeurons(4).integrationSteps(20));
    }

    static PatchSet patches(Shape shape) {
        return new PatchSet() {
            @Override
            public ImmutableList<SourceImage> images() {
                return ImmutableList.of(new SourceImage(0, "random", "%064x".formatted(SEED)));
            }

            @Override
            public ImmutableList<Patch> patches() {
                return IntStream.range(0, PATCHES)
                        .mapToObj(i -> new Patch(i, 0, 1, 0, 0, 1))
                        .collect(ImmutableList.toImmutableList());
            }

            @Override
            public Tensor inputs(ImmutableIntArray patches) {
                float[] values = new float[patches.length() * shape.size()];
                for (int i = 0; i < patches.length(); i++) {
                    SplittableRandom random = new SplittableRandom(SEED * 1000L + patches.get(i));
                    for (int j = 0; j < shape.size(); j++) {
                        values[i * shape.size() + j] = (float) (random.nextDouble() * 2 - 1);
                    }
                }
                return Tensor.ofFloats(patches.length(), shape, values);
            }
        };
    }
}
