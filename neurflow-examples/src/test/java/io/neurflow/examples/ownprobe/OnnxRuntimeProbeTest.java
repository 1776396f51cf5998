package io.neurflow.examples.ownprobe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.io.Resources;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.reference.ReferenceProbe;
import io.neurflow.testkit.ModelProbeContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The models are made by make_blocks.py beside them: a convolution, another one with stride 2, a mean and a dense top. */
class OnnxRuntimeProbeTest extends ModelProbeContract {
    private static byte[] model(String name) {
        try {
            return Resources.toByteArray(Resources.getResource(OnnxRuntimeProbeTest.class, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected ModelProbe open() {
        return new OnnxRuntimeProbe(
                "blocks",
                "0",
                new Shape(3, 8, 8),
                List.of(
                        new Layer("edges", 0, "Relu", new Shape(6, 8, 8)),
                        new Layer("parts", 1, "Relu", new Shape(8, 4, 4)),
                        new Layer("logits", 2, "Gemm", Shape.units(4))),
                List.of(model("block0.onnx"), model("block1.onnx"), model("block2.onnx")),
                List.of(model("back1.onnx"), model("back2.onnx")));
    }

    @Test
    void gradientsAreThoseOfTheWholeModelInPlainJava() {
        Random random = new Random(seed());
        try (ModelProbe probe = open();
                ModelProbe reference = ReferenceProbe.open(
                        OnnxImporter.read("whole.onnx", model("whole.onnx")), LayerPlan.of("edges", "parts"))) {
            Tensor x = inputs(probe.inputShape(), 2, random);
            Tensor edges = probe.forward(x, probe.layer("edges"));
            assertThat(probe.forward(x, probe.logits()).toDoubles())
                    .containsExactly(reference.forward(x, reference.logits()).toDoubles(), within(1e-5));
            for (String layer : List.of("parts", "logits")) {
                int index = layer.equals("parts") ? 1 : 2;
                double[] exact = reference
                        .gradient(
                                reference.layers().get(0),
                                edges,
                                reference.layers().get(index).neuron(3))
                        .toDoubles();
                double[] found = probe.gradient(
                                probe.layer("edges"),
                                edges,
                                probe.layers().get(index).neuron(3))
                        .toDoubles();
                assertThat(found).as(layer).containsExactly(exact, within(1e-6));
                assertThat(Arrays.stream(exact).map(Math::abs).max().orElse(0)).isGreaterThan(1e-4);
            }
        }
    }
}
