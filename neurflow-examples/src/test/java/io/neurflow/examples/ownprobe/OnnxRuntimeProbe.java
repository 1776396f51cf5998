package io.neurflow.examples.ownprobe;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.common.collect.ImmutableList;
import io.neurflow.api.CheckedProbe;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model in blocks, run by ONNX Runtime, which computes no gradients. So the way back is exported like the way there: for
 * each block above the first there is a second model, from (x, v) to J(x)<sup>T</sup> v, the gradient of what the block
 * makes of x, weighted with v. Gradients over several blocks are one such model after the other.
 */
final class OnnxRuntimeProbe extends CheckedProbe {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    /** From the layer below (the input, for the first) to the layer of the same number. */
    private final List<OrtSession> blocks = new ArrayList<>();
    /** The way back through the block of the same number; the first one's is never asked for. */
    private final List<OrtSession> backs = new ArrayList<>();

    /**
     * Takes models that read "x" of shape [n, extent below], the ones back also "v" of shape [n, extent above], any n.
     *
     * @param name for people
     * @param digest of all models
     * @param inputs extent of one input
     * @param layers what each block makes, from below upwards
     * @param blocks an ONNX model for each layer
     * @param backs an ONNX model for each layer but the first
     */
    OnnxRuntimeProbe(
            String name, String digest, Shape inputs, List<Layer> layers, List<byte[]> blocks, List<byte[]> backs) {
        super(
                new ModelInfo(
                        name,
                        digest,
                        "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion(),
                        Precision.FLOAT32),
                inputs,
                layers);
        blocks.forEach(model -> this.blocks.add(session(model)));
        backs.forEach(model -> this.backs.add(session(model)));
    }

    private OrtSession session(byte[] model) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1); // the same call gives the same bits
            return environment.createSession(model, options);
        } catch (OrtException e) {
            throw new IllegalArgumentException("ONNX Runtime refuses a block: " + e.getMessage(), e);
        }
    }

    @Override
    protected Tensor compute(Tensor inputs, Layer to) {
        return chain(inputs, 0, to.index()).get(to.index());
    }

    @Override
    protected Tensor computeBetween(Layer from, Tensor activations, Layer to) {
        return chain(activations, from.index() + 1, to.index()).get(to.index() - from.index() - 1);
    }

    /** What each block from the first to the last makes. */
    private List<Tensor> chain(Tensor x, int first, int last) {
        List<Tensor> made = new ArrayList<>();
        Tensor below = x;
        for (int block = first; block <= last; block++) {
            below = run(
                    blocks.get(block), Map.of("x", below), layers().get(block).shape());
            made.add(below);
        }
        return made;
    }

    @Override
    protected Tensor differentiate(Layer from, Tensor activations, Neuron target) {
        int last = target.layer().index();
        List<Tensor> below = new ArrayList<>(ImmutableList.of(activations));
        below.addAll(chain(activations, from.index() + 1, last - 1));
        Tensor gradient = mean(target, activations.count());
        for (int block = last; block > from.index(); block--) {
            Tensor x = below.get(block - from.index() - 1);
            gradient = run(backs.get(block - 1), Map.of("x", x, "v", gradient), x.shape());
        }
        return gradient;
    }

    /** The gradient of the target itself: the mean over its positions. */
    private static Tensor mean(Neuron target, int count) {
        Shape shape = target.layer().shape();
        float[] values = new float[count * shape.size()];
        for (int item = 0; item < count; item++) {
            for (int p = 0; p < shape.positions(); p++) {
                values[item * shape.size() + target.channel() * shape.positions() + p] = 1f / shape.positions();
            }
        }
        return Tensor.ofFloats(count, shape, values);
    }

    private Tensor run(OrtSession session, Map<String, Tensor> inputs, Shape shape) {
        Map<String, OnnxTensor> tensors = new HashMap<>();
        try {
            for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                tensors.put(input.getKey(), tensor(input.getValue()));
            }
            try (OrtSession.Result result = session.run(tensors)) {
                FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] values = new float[buffer.remaining()];
                buffer.get(values);
                return Tensor.ofFloats(values.length / shape.size(), shape, values);
            }
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    /** [n, channels] for units and [n, channels, rows, columns] for maps. */
    private OnnxTensor tensor(Tensor x) throws OrtException {
        Shape s = x.shape();
        long[] shape = s.positions() == 1
                ? new long[] {x.count(), s.channels()}
                : new long[] {x.count(), s.channels(), s.height(), s.width()};
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.toFloats()), shape);
    }

    @Override
    protected void release() {
        blocks.forEach(OnnxRuntimeProbe::close);
        backs.forEach(OnnxRuntimeProbe::close);
    }

    private static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot close a block: " + e.getMessage(), e);
        }
    }
}
