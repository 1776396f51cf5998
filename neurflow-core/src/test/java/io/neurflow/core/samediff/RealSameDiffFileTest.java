package io.neurflow.core.samediff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Tensor;
import io.neurflow.core.golden.GoldenCase;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.onnx.OnnxImporter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** torchvision's ResNet50 as a SameDiff file, against the same weights from ONNX, which are held to PyTorch elsewhere. */
class RealSameDiffFileTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "channels last: {0}")
    @ValueSource(booleans = {false, true})
    void resNet50IsTheSameAsFromOnnx(boolean last) {
        NetworkGraph onnx = OnnxImporter.read(GoldenCase.data().resolve("models/resnet50.onnx.gz"));
        Path file = folder.resolve("resnet50.fb");
        RewrittenNetwork.of(onnx, last).save(file.toFile(), false);
        NetworkGraph read = SameDiffImporter.read(file);
        assertThat(read.input()).isEqualTo(onnx.input());
        GraphLayers expectedLayers = LayerPlan.of("layer1.2", "layer2.3", "layer3.5", "layer4.0", "layer4.2")
                .layersOf(onnx);
        String[] names = expectedLayers.values().stream()
                .map(value -> RewrittenNetwork.name(onnx.nodes().get(value)))
                .toArray(String[]::new);
        Tensor x = images(onnx);
        try (ModelProbe expected = SameDiffProbe.open(expectedLayers);
                ModelProbe found = SameDiffProbe.open(read, LayerPlan.of(names))) {
            ImmutableMap<Layer, double[][]> theirs = expected.pooled(x, ImmutableSet.copyOf(expected.layers()));
            ImmutableMap<Layer, double[][]> ours = found.pooled(x, ImmutableSet.copyOf(found.layers()));
            for (int i = 0; i < names.length; i++) {
                double[] a = flat(theirs.get(expected.layers().get(i)));
                double[] b = flat(ours.get(found.layers().get(i)));
                double largest = Arrays.stream(a).map(Math::abs).max().orElseThrow();
                assertThat(b).as(expected.layers().get(i).name()).containsExactly(a, within(TOLERANCE * largest));
            }
        }
    }

    private static double[] flat(double[][] rows) {
        return Stream.of(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    private static Tensor images(NetworkGraph graph) {
        Random random = new Random(309);
        float[] values = new float[2 * graph.input().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.ofFloats(2, graph.input(), values);
    }
}
