package io.neurflow.examples.jmh;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.examples.bench.Flops;
import io.neurflow.examples.embedded.EmbeddedModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** From the input to the logits, by this library and by ONNX Runtime, on the same inputs and as many threads. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(1)
public class ForwardBenchmark {
    private static final int BATCH = 16;
    private static final long SEED = 3;
    private static final double AGREEMENT = 1e-3;

    /** An ONNX file, not compressed, whose batch is open; the embedded model if empty. */
    @Param("")
    public String model = "";

    private ModelProbe probe;
    private Tensor inputs;
    private double gflop;
    private OrtEnvironment environment;
    private OrtSession session;
    private OnnxTensor tensor;

    /** Opens the model twice, and sees that both engines give the same logits. */
    @Setup(Level.Trial)
    public void open() throws IOException, OrtException {
        byte[] bytes = model.isEmpty() ? EmbeddedModel.modelBytes() : Files.readAllBytes(Path.of(model));
        NetworkGraph graph = model.isEmpty() ? EmbeddedModel.graph() : OnnxImporter.read(Path.of(model));
        gflop = Flops.forward(graph) / 1e9 * BATCH;
        Shape shape = graph.input();
        SplittableRandom random = new SplittableRandom(SEED);
        float[] values = new float[BATCH * shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (2 * random.nextDouble() - 1);
        }
        inputs = Tensor.ofFloats(BATCH, shape, values);
        probe = SameDiffProbe.open(graph, LayerPlan.suggested(1));
        environment = OrtEnvironment.getEnvironment();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(Runtime.getRuntime().availableProcessors());
        session = environment.createSession(bytes, options);
        tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), new long[] {
            BATCH, shape.channels(), shape.height(), shape.width()
        });
        check(neurflow(new Work()).toFloats(), onnxRuntime(new Work()));
    }

    private static void check(float[] ours, float[] theirs) {
        double difference = 0;
        double length = 0;
        for (int i = 0; i < ours.length; i++) {
            difference += (ours[i] - theirs[i]) * (ours[i] - theirs[i]);
            length += theirs[i] * theirs[i];
        }
        if (!(Math.sqrt(difference / length) <= AGREEMENT)) {
            throw new IllegalStateException("the two engines disagree, so their times do not compare");
        }
    }

    /** This library. */
    @Benchmark
    public Tensor neurflow(Work work) {
        work.gflop += gflop;
        work.items += BATCH;
        return probe.forward(inputs, probe.logits());
    }

    /** ONNX Runtime. */
    @Benchmark
    public float[] onnxRuntime(Work work) throws OrtException {
        work.gflop += gflop;
        work.items += BATCH;
        String name = session.getInputNames().iterator().next();
        try (OrtSession.Result result = session.run(Map.of(name, tensor))) {
            return ((OnnxTensor) result.get(0)).getFloatBuffer().array();
        }
    }

    /** Frees both engines. */
    @TearDown(Level.Trial)
    public void close() throws OrtException {
        tensor.close();
        session.close();
        probe.close();
    }
}
