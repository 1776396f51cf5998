package io.neurflow.core.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NamedCut;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.samediff.SameDiffProbe;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keras files against what PyTorch computes from the same weights; make_keras_models.py and make_keras_applications.py made both. */
class KerasImporterTest {
    /** Weights are float and some are multiplied and rounded once more; the rest of both sides is computed in double. */
    private static final double TOLERANCE = 2e-6;

    private static NetworkGraph graph(String file) {
        return KerasImporter.read(KerasCase.FOLDER.resolve(file));
    }

    private static void close(String what, ImmutableDoubleArray actual, ImmutableDoubleArray expected) {
        assertThat(actual.length()).as(what).isEqualTo(expected.length());
        double scale = expected.stream().map(Math::abs).max().orElse(1);
        for (int i = 0; i < expected.length(); i++) {
            assertThat(Math.abs(actual.get(i) - expected.get(i)))
                    .as("%s[%s]: %s, expected %s", what, i, actual.get(i), expected.get(i))
                    .isLessThanOrEqualTo(TOLERANCE * scale);
        }
    }

    private static ImmutableDoubleArray sorted(ImmutableDoubleArray values) {
        double[] copy = values.toArray();
        Arrays.sort(copy);
        return ImmutableDoubleArray.copyOf(copy);
    }

    @ParameterizedTest
    @CsvSource({
        "residual.h5, residual",
        "residual.keras, residual",
        "mobile.h5, mobile",
        "mobile.keras, mobile",
        "mobile_v1.keras, mobile_v1",
        "inception.h5, inception",
        "inception.keras, inception",
        "nested.h5, nested",
        "nested.keras, nested",
        "channels_first.h5, channels_first",
        "channels_first.keras, channels_first",
        "sequential.h5, sequential",
        "sequential.keras, sequential",
        "keras1.h5, sequential",
        "vgg19.keras, vgg19",
        "resnet50.keras, resnet50",
        "resnet50v2.keras, resnet50v2",
        "densenet.h5, densenet",
        "inception_v3.keras, inception_v3",
        "xception.keras, xception",
        "mobilenet_v2.keras, mobilenet_v2"
    })
    void everyLayerIsWhatPyTorchSays(String file, String name) throws IOException {
        NetworkGraph graph = graph(file);
        KerasCase expected = KerasCase.read(KerasCase.FOLDER.resolve(name + ".txt"));
        Set<String> values = graph.nodes().stream().map(Node::value).collect(Collectors.toSet());
        int compared = 0;
        for (String layer : expected.pooled().keySet()) {
            ImmutableDoubleArray pooled = expected.pooled().get(layer);
            String value = layer.equals("base") ? "base.pool" : layer;
            if (!values.contains(value)) {
                // Dropout vanishes.
                assertThat(layer).startsWith("drop");
                continue;
            }
            ImmutableDoubleArray actual = expected.pooled(graph, value);
            if (layer.startsWith("flatten") || layer.equals("act")) {
                // The graph's order of features is its own, until the next layer that has weights.
                actual = sorted(actual);
                pooled = sorted(pooled);
            }
            close(layer, actual, pooled);
            compared++;
        }
        assertThat(compared).isGreaterThan(2);
        NamedCut logits = LayerNames.of(graph).logits();
        assertThat(logits.name()).isEqualTo(expected.logits());
        close("logits", expected.pooled(graph, logits.name()), expected.scores());
    }

    @Test
    void blocksGoByTheNamesOfKeras() {
        LayerNames names = LayerNames.of(graph("residual.h5"));
        assertThat(names.suggested(2)).containsExactly("predictions", "conv2_block2_out", "conv2_block1_out");
        assertThat(names.resolve("predictions/Softmax").kind()).isEqualTo("Softmax");
        assertThat(LayerNames.of(graph("inception.keras")).blocks())
                .extracting(NamedCut::name)
                .contains("mixed0");
        assertThat(LayerNames.of(graph("nested.keras")).resolve("base").value())
                .isEqualTo(LayerNames.of(graph("nested.keras"))
                        .resolve("base.pool")
                        .value());
    }

    @Test
    void theSameModelInBothFormsIsTheSameGraph() {
        for (String name : new String[] {"residual", "mobile", "inception", "nested", "channels_first", "sequential"}) {
            NetworkGraph one = graph(name + ".h5");
            NetworkGraph other = graph(name + ".keras");
            assertThat(one.nodes().stream().map(Node::toString).toList())
                    .isEqualTo(other.nodes().stream().map(Node::toString).toList());
            assertThat(one.digest()).isNotEqualTo(other.digest()).hasSize(64);
        }
    }

    @Test
    void engineAndReferenceAgreeOnAnImportedModel() throws IOException {
        NetworkGraph graph = graph("inception.keras");
        KerasCase expected = KerasCase.read(KerasCase.FOLDER.resolve("inception.txt"));
        try (SameDiffProbe probe = SameDiffProbe.open(graph, LayerPlan.of("mixed0"))) {
            ImmutableDoubleArray mixed = KerasCase.mean(probe.forward(
                    Tensor.of(
                            1,
                            expected.shape(),
                            expected.input().toArray(),
                            probe.info().precision()),
                    probe.layer("mixed0")));
            ImmutableDoubleArray slow = expected.pooled(graph, "mixed0");
            for (int i = 0; i < slow.length(); i++) {
                assertThat(mixed.get(i)).isCloseTo(slow.get(i), offset(1e-5));
            }
        }
    }
}
