package io.neurflow.core.golden;

import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.reference.ReferenceProbe;
import io.neurflow.core.samediff.SameDiffProbe;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The circuits of the golden cases come out: same neurons, same groups, weights and W to 1e-3. */
class GoldenCircuitTest {

    @ParameterizedTest
    @ValueSource(strings = {"tiny-paper", "tiny-authors-code"})
    void onTheReferenceProbe(String name) {
        GoldenCase golden = GoldenCase.tiny(name);
        NetworkGraph graph = OnnxImporter.read(golden.folder().resolve("model.onnx"));
        try (ReferenceProbe probe = ReferenceProbe.open(graph, LayerPlan.of(GoldenCircuit.layers(golden)))) {
            GoldenCircuit circuit = new GoldenCircuit(golden, probe);
            circuit.check();
            circuit.checkMaskedLogits();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-paper", "tiny-authors-code"})
    void onTheSameDiffProbe(String name) {
        GoldenCase golden = GoldenCase.tiny(name);
        check(golden, OnnxImporter.read(golden.folder().resolve("model.onnx")));
    }

    @ParameterizedTest
    @CsvSource({"resnet50-bee, resnet50.onnx.gz", "googlenet-bvlc-bee, googlenet.onnx"})
    void onRealModels(String name, String model) {
        GoldenCase golden = GoldenCase.real(name);
        check(golden, OnnxImporter.read(GoldenCase.data().resolve("models").resolve(model)));
    }

    private static void check(GoldenCase golden, NetworkGraph graph) {
        try (SameDiffProbe probe = SameDiffProbe.open(graph, LayerPlan.of(GoldenCircuit.layers(golden)))) {
            GoldenCircuit circuit = new GoldenCircuit(golden, probe);
            circuit.check();
            circuit.checkMaskedLogits();
        }
    }
}
