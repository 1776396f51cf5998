package io.neurflow.core.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Shape;
import io.neurflow.core.golden.GoldenCase;
import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.NamedCut;
import io.neurflow.core.graph.NetworkGraph;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Names of layers as exporters leave them, whole and with the names of all nodes taken away. */
class LayerNamesTest {
    private static byte[] tiny() throws IOException {
        return Files.readAllBytes(GoldenCase.tiny("tiny-paper").folder().resolve("model.onnx"));
    }

    private static LayerNames names(byte[] bytes) {
        return LayerNames.of(OnnxImporter.read("model", bytes));
    }

    /** The same model as an old exporter writes it: nodes have no names, weights do. */
    private static byte[] withoutNodeNames(byte[] model) {
        return OnnxBytes.message(to -> {
            Wire in = new Wire("test", model);
            while (in.next()) {
                switch (in.field()) {
                    case 1, 5 -> to.integer(in.field(), in.integer());
                    case 7 -> to.bytes(7, graph(in.message()));
                    default -> to.bytes(in.field(), bytes(in.data()));
                }
            }
        });
    }

    private static byte[] graph(Wire in) {
        return OnnxBytes.message(to -> {
            while (in.next()) {
                to.bytes(in.field(), in.field() == 1 ? node(in.message()) : bytes(in.data()));
            }
        });
    }

    private static byte[] node(Wire in) {
        return OnnxBytes.message(to -> {
            while (in.next()) {
                if (in.field() == 3) {
                    in.skip();
                } else {
                    to.bytes(in.field(), bytes(in.data()));
                }
            }
        });
    }

    private static byte[] bytes(ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }

    private static ImmutableList<String> primary(LayerNames names) {
        return names.all().stream().map(NamedCut::name).collect(ImmutableList.toImmutableList());
    }

    @Test
    void scopesRepeatTheirParentOrNot() {
        assertThat(Modules.ofScopes("/layer4/layer4.2/relu_2/Relu")).isEqualTo("layer4.2.relu_2");
        assertThat(Modules.ofScopes("/layer4/layer4.2/layer4.2.conv1/Conv")).isEqualTo("layer4.2.conv1");
        assertThat(Modules.ofScopes("/a/branch2/branch2.0/conv/Conv")).isEqualTo("a.branch2.0.conv");
        assertThat(Modules.ofScopes("/features/features.3/conv/conv.0/conv.0.1/Clip"))
                .isEqualTo("features.3.conv.0.1");
        assertThat(Modules.ofScopes("/Flatten")).isEmpty();
    }

    @Test
    void cutsOfTheTinyNetworkAreNamedByTheirModules() throws IOException {
        LayerNames names = names(tiny());
        assertThat(primary(names))
                .containsExactly(
                        "conv1",
                        "bn1",
                        "relu",
                        "/layer1/Add_output_0",
                        "layer1",
                        "maxpool",
                        "layer2",
                        "/layer3/Add_output_0",
                        "layer3",
                        "layer4.0",
                        "layer4.1",
                        "avgpool",
                        "flatten",
                        "fc");
        assertThat(names.suggested(4)).containsExactly("fc", "layer4.1", "layer3", "layer2", "layer1");
        assertThat(names.suggested(2)).containsExactly("fc", "layer3", "layer2");
        assertThat(names.logits().name()).isEqualTo("fc");
        assertThat(names.resolve("layer4").name()).isEqualTo("layer4");
        int layer4 = names.resolve("layer4").value();
        assertThat(names.resolve("layer4.1").value()).isEqualTo(layer4);
        assertThat(names.resolve("/layer4/layer4.1/Relu").value()).isEqualTo(layer4);
        assertThat(names.resolve("/layer4/layer4.1/Relu_output_0").value()).isEqualTo(layer4);
        assertThat(names.resolve("logits").kind()).isEqualTo("Dense");
    }

    @Test
    void modulesAreFoundByTheNamesOfWeightsAlone() throws IOException {
        LayerNames whole = names(tiny());
        LayerNames stripped = names(withoutNodeNames(tiny()));
        for (String name : new String[] {"conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "layer4.0", "fc"}) {
            assertThat(stripped.resolve(name).value())
                    .as(name)
                    .isEqualTo(whole.resolve(name).value());
        }
        assertThat(stripped.suggested(3)).containsExactly("fc", "layer3", "layer2", "layer1");
    }

    @Test
    void aNameThatIsNoLayerIsExplained() throws IOException {
        LayerNames names = names(tiny());
        assertThatThrownBy(() -> names.resolve("layr3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "there is no layer 'layr3'; the nearest names are [layer3, layer1, layer2], LayerNames lists all 14");
        assertThatThrownBy(() -> names.resolve("layer3.conv1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "'layer3.conv1' is bypassed: some way from the input to the logits goes around it; the nearest"
                                + " layer above it is 'layer3'");
    }

    @Test
    void ofProbabilitiesTheLogitsAreWhatTheSoftmaxReads() {
        for (boolean flat : new boolean[] {true, false}) {
            OnnxBytes.Model model =
                    new OnnxBytes.Model().input(-1, 2, 4, 4).output("scores").node("GlobalAveragePool", "input", "p");
            if (flat) {
                model.node("Flatten", "p", "f");
            }
            LayerNames names =
                    names(model.node("Softmax", flat ? "f" : "p", "scores").bytes(11));
            assertThat(names.logits().shape()).isEqualTo(Shape.units(2));
            assertThat(names.logits().kind()).isEqualTo("Reshape");
        }
    }

    private static byte[] real(String name) throws IOException {
        Path file = GoldenCase.data().resolve("models").resolve(name);
        if (!name.endsWith(".gz")) {
            return Files.readAllBytes(file);
        }
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }

    @Test
    void blocksOfTheRealResNet50AreFoundWithAndWithoutNodeNames() throws IOException {
        byte[] bytes = real("resnet50.onnx.gz");
        NetworkGraph graph = OnnxImporter.read("resnet50", bytes);
        assertThat(graph.nodes()).hasSize(175);
        LayerNames names = LayerNames.of(graph);
        assertThat(primary(names).stream().filter(name -> !name.contains("/")).toList())
                .containsExactly(
                        "conv1",
                        "bn1",
                        "relu",
                        "maxpool",
                        "layer1.0",
                        "layer1.1",
                        "layer1.2",
                        "layer2.0",
                        "layer2.1",
                        "layer2.2",
                        "layer2.3",
                        "layer3.0",
                        "layer3.1",
                        "layer3.2",
                        "layer3.3",
                        "layer3.4",
                        "layer3.5",
                        "layer4.0",
                        "layer4.1",
                        "layer4.2",
                        "avgpool",
                        "fc");
        assertThat(names.suggested(4)).containsExactly("fc", "layer4.2", "layer4.1", "layer4.0", "layer3.5");
        assertThat(names.resolve("layer4")).hasToString("layer4 2048x7x7 (Relu)");
        LayerNames stripped = names(withoutNodeNames(bytes));
        assertThat(stripped.suggested(4)).isEqualTo(names.suggested(4));
        assertThat(stripped.resolve("layer4").value())
                .isEqualTo(names.resolve("layer4.2").value());
    }

    @Test
    void modulesOfTheRealGoogLeNetAreFoundWithAndWithoutNodeNames() throws IOException {
        byte[] bytes = real("googlenet.onnx");
        LayerNames names = names(bytes);
        assertThat(primary(names))
                .containsExactly(
                        "conv1",
                        "relu1",
                        "maxpool1",
                        "norm1",
                        "conv2",
                        "relu2",
                        "conv3",
                        "relu3",
                        "norm2",
                        "maxpool2",
                        "inception3a",
                        "inception3b",
                        "maxpool3",
                        "inception4a",
                        "inception4b",
                        "inception4c",
                        "inception4d",
                        "inception4e",
                        "maxpool4",
                        "inception5a",
                        "inception5b",
                        "avgpool",
                        "flatten",
                        "fc");
        LayerNames stripped = names(withoutNodeNames(bytes));
        assertThat(stripped.suggested(3))
                .isEqualTo(names.suggested(3))
                .containsExactly("fc", "inception5b", "inception5a", "inception4e");
        assertThat(stripped.resolve("inception4e").value())
                .isEqualTo(names.resolve("inception4e").value());
    }

    @Test
    void theGoogLeNetOfTorchvisionIsReadWithItsInputTransform() throws IOException {
        LayerNames names = names(real("googlenet_torchvision_random.onnx"));
        assertThat(names.suggested(3)).containsExactly("fc", "inception5b", "inception5a", "inception4e");
        assertThat(names.all().get(0).shape()).isEqualTo(new Shape(3, 224, 224));
        assertThat(names.resolve("conv1").shape()).isEqualTo(new Shape(64, 112, 112));
    }
}
