package io.neurflow.core.onnx;

import static io.neurflow.core.onnx.OnnxBytes.attribute;
import static io.neurflow.core.onnx.OnnxBytes.integers;
import static io.neurflow.core.onnx.OnnxBytes.ints;
import static io.neurflow.core.onnx.OnnxBytes.scalar;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise;
import io.neurflow.core.graph.Op.Elementwise.Function;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each operator in each form that the operator sets give it. */
class OnnxOperatorsTest {
    /** An image of 2 x 6 x 6; the operator under test makes "y", of which a global pool makes the scores. */
    private static OnnxBytes.Model image() {
        return new OnnxBytes.Model().input(-1, 2, 6, 6).output("scores");
    }

    private static NetworkGraph read(OnnxBytes.Model model, int opset) {
        return OnnxImporter.read("test", model.bytes(opset));
    }

    private static Op first(OnnxBytes.Model model, int opset) {
        return read(model.node("GlobalAveragePool", "y", "p").node("Flatten", "p", "scores"), opset)
                .nodes()
                .get(0)
                .op();
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22})
    void everyOperatorSetFrom7To22IsRead(int opset) {
        assertThat(first(image().initializer("w", counting(4), 2, 2, 1, 1).node("Conv", "input w", "y"), opset))
                .isInstanceOf(Op.Conv.class);
    }

    private static float[] counting(int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i;
        }
        return values;
    }

    private static float[] floats(float... values) {
        return values;
    }

    @Test
    void convTakesEveryAttribute() {
        Op op = first(
                image().initializer("w", counting(4 * 9), 4, 1, 3, 3)
                        .initializer("b", floats(1, 2, 3, 4), 4)
                        .node(
                                "Conv",
                                "input w b",
                                "y",
                                attribute("group", 2),
                                ints("kernel_shape", 3, 3),
                                ints("strides", 2, 1),
                                ints("dilations", 1, 2),
                                ints("pads", 1, 2, 0, 3)),
                13);
        Op.Conv conv = (Op.Conv) op;
        assertThat(conv.window()).isEqualTo(new Op.Window(3, 3, 2, 1, 1, 2, new Op.Padding(1, 2, 0, 3), false));
        assertThat(conv.groups()).isEqualTo(2);
        assertThat(conv.weights().get(35)).isEqualTo(35);
        assertThat(conv.bias().orElseThrow().toFloats()).containsExactly(1, 2, 3, 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SAME_UPPER", "SAME_LOWER", "VALID"})
    void automaticPaddingIsWorkedOutFromTheInput(String auto) {
        Op.MaxPool pool = (Op.MaxPool) first(
                image().node(
                                "MaxPool",
                                "input",
                                "y",
                                ints("kernel_shape", 3, 3),
                                ints("strides", 2, 2),
                                attribute("auto_pad", auto)),
                11);
        assertThat(pool.window().padding())
                .isEqualTo(
                        switch (auto) {
                            case "SAME_UPPER" -> new Op.Padding(0, 0, 1, 1);
                            case "SAME_LOWER" -> new Op.Padding(1, 1, 0, 0);
                            default -> Op.Padding.NONE;
                        });
    }

    @Test
    void poolsKnowCeilModeAndCountedPadding() {
        Op.AveragePool pool = (Op.AveragePool) first(
                image().node(
                                "AveragePool",
                                "input",
                                "y",
                                ints("kernel_shape", 3, 3),
                                ints("pads", 1, 1, 1, 1),
                                attribute("ceil_mode", 1),
                                attribute("count_include_pad", 1)),
                11);
        assertThat(pool.countPadding()).isTrue();
        assertThat(pool.window().ceil()).isTrue();
    }

    @Test
    void clipIsAnAttributeInOldSetsAndAnInputInNewOnes() {
        Elementwise six = new Elementwise(Function.CLIP, 0, 6);
        assertThat(first(image().node("Clip", "input", "y", attribute("min", 0f), attribute("max", 6f)), 9))
                .isEqualTo(six);
        assertThat(first(
                        image().initializer(scalar("lo", 0))
                                .initializer(scalar("hi", 6))
                                .node("Clip", "input lo hi", "y"),
                        11))
                .isEqualTo(six);
        assertThat(first(image().initializer(scalar("lo", 0)).node("Clip", "input lo", "y"), 13))
                .isEqualTo(new Elementwise(Function.RELU, 0, 0));
        assertThat(first(image().initializer(scalar("hi", 6)).node("Clip", "input - hi", "y"), 13))
                .isEqualTo(new Elementwise(Function.CLIP, Double.NEGATIVE_INFINITY, 6));
    }

    @Test
    void padIsAnAttributeInOldSetsAndAnInputInNewOnes() {
        Op pad = new Op.Pad(new Op.Padding(1, 2, 3, 4), 0);
        assertThat(first(image().node("Pad", "input", "y", ints("pads", 0, 0, 1, 2, 0, 0, 3, 4)), 9))
                .isEqualTo(pad);
        assertThat(first(
                        image().initializer(integers("p", 0, 0, 1, 2, 0, 0, 3, 4))
                                .node("Pad", "input p", "y"),
                        13))
                .isEqualTo(pad);
        assertThat(first(
                        image().initializer(integers("p", 1, 2, 3, 4))
                                .initializer(integers("a", 2, -1))
                                .node("Pad", "input p - a", "y"),
                        18))
                .isEqualTo(pad);
    }

    @Test
    void reduceMeanOverRowsAndColumnsIsAGlobalPool() {
        for (NetworkGraph graph : List.of(
                read(image().node("ReduceMean", "input", "scores", ints("axes", 2, 3), attribute("keepdims", 0)), 13),
                read(
                        image().initializer(integers("a", -1, -2))
                                .node("ReduceMean", "input a", "scores", attribute("keepdims", 0)),
                        18))) {
            assertThat(graph.nodes()).extracting(n -> n.op().kind()).containsExactly("GlobalAveragePool", "Reshape");
            assertThat(graph.output().dimensions()).isEqualTo(ImmutableIntArray.of(2));
            assertThat(graph.output().value()).isEqualTo("scores");
        }
    }

    @Test
    void batchNormalisationBecomesScaleAndShift() {
        Op.Affine affine = (Op.Affine) first(
                image().initializer("g", floats(2, 3), 2)
                        .initializer("b", floats(1, -1), 2)
                        .initializer("m", floats(0.5f, 4), 2)
                        .initializer("v", floats(3, 15), 2)
                        .node(
                                "BatchNormalization",
                                "input g b m v",
                                "y",
                                attribute("epsilon", 1f),
                                attribute("momentum", 0.9f)),
                15);
        assertThat(affine.scale().toFloats()).containsExactly(1f, 0.75f);
        assertThat(affine.shift().toFloats()).containsExactly(0.5f, -4f);
    }

    @Test
    void arithmeticWithConstantsBecomesScaleAndShift() {
        OnnxBytes.Model two = image().initializer("c", floats(2, 4), 1, 2, 1, 1);
        assertThat(parts(first(two.node("Mul", "c input", "y"), 13))).containsExactly(2, 4, 0, 0);
        two = image().initializer("c", floats(2, 4), 2, 1, 1);
        assertThat(parts(first(two.node("Div", "input c", "y"), 13))).containsExactly(0.5f, 0.25f, 0, 0);
        two = image().initializer("c", floats(2, 4), 2, 1, 1);
        assertThat(parts(first(two.node("Sub", "c input", "y"), 13))).containsExactly(-1, -1, 2, 4);
        OnnxBytes.Model one = image().initializer(scalar("c", 3));
        assertThat(parts(first(one.node("Sub", "input c", "y"), 13))).containsExactly(1, -3);
        one = image().initializer(scalar("c", 3));
        assertThat(parts(first(one.node("Add", "input c", "y"), 13))).containsExactly(1, 3);
    }

    private static float[] parts(Op op) {
        Op.Affine affine = (Op.Affine) op;
        float[] both = new float[2 * affine.scale().length()];
        for (int i = 0; i < both.length / 2; i++) {
            both[i] = affine.scale().get(i);
            both[i + both.length / 2] = affine.shift().get(i);
        }
        return both;
    }

    @Test
    void gemmTakesTransposedWeightsAndFactors() {
        NetworkGraph graph = read(
                image().initializer("w", counting(6), 2, 3)
                        .initializer("b", floats(1, 2, 3), 3)
                        .node("GlobalMaxPool", "input", "p")
                        .node("Flatten", "p", "f")
                        .node("Gemm", "f w b", "scores", attribute("alpha", 2f), attribute("beta", 0.5f)),
                13);
        Op.Dense dense = (Op.Dense) graph.output().op();
        assertThat(dense.weights().toFloats()).containsExactly(0, 6, 2, 8, 4, 10);
        assertThat(dense.bias().orElseThrow().toFloats()).containsExactly(0.5f, 1, 1.5f);
    }

    @Test
    void matMulAndAddAreADenseLayerAndAShift() {
        NetworkGraph graph = read(
                image().initializer("w", counting(6), 2, 3)
                        .initializer("b", floats(1, 2, 3), 3)
                        .node("GlobalAveragePool", "input", "p")
                        .node("Flatten", "p", "f")
                        .node("MatMul", "f w", "m")
                        .node("Add", "b m", "scores"),
                13);
        assertThat(graph.nodes()).extracting(n -> n.op().kind()).endsWith("Dense", "Affine");
    }

    @Test
    void theFlatSizeMayBeComputedFromTheShape() {
        NetworkGraph graph = read(
                image().node("GlobalAveragePool", "input", "p")
                        .node("Shape", "p", "s")
                        .node("Constant", "", "zero", attribute("value", OnnxBytes.message(t -> t.integer(2, 7)
                                .integer(7, 0))))
                        .node("Gather", "s zero", "n", attribute("axis", 0))
                        .node("Unsqueeze", "n", "u", ints("axes", 0))
                        .initializer(integers("rest", -1))
                        .node("Concat", "u rest", "to", attribute("axis", 0))
                        .node("Reshape", "p to", "scores"),
                11);
        assertThat(graph.output().dimensions()).isEqualTo(ImmutableIntArray.of(2));
    }

    @Test
    void aFixedBatchMayStandInTheNewShape() {
        OnnxBytes.Model model = new OnnxBytes.Model()
                .input(1, 2, 6, 6)
                .output("scores", 1, 2)
                .initializer(integers("to", 1, -1))
                .node("GlobalAveragePool", "input", "p")
                .node("Reshape", "p to", "scores");
        assertThat(read(model, 13).output().dimensions()).isEqualTo(ImmutableIntArray.of(2));
    }

    @Test
    void identityDropoutAndCastsVanish() {
        NetworkGraph graph = read(
                image().node("Identity", "input", "a")
                        .node("Dropout", "a", "b", attribute("ratio", 0.5f))
                        .node("Cast", "b", "c", attribute("to", 1))
                        .node("GlobalAveragePool", "c", "p")
                        .node("Squeeze", "p", "scores", ints("axes", 2, 3)),
                10);
        assertThat(graph.nodes()).extracting(n -> n.op().kind()).containsExactly("GlobalAveragePool", "Reshape");
    }

    @Test
    void channelsAreSelectedByGatherSliceAndSplit() {
        Op one = new Op.SelectChannels(ImmutableIntArray.of(1));
        assertThat(first(
                        image().initializer(integers("i", -1)).node("Gather", "input i", "y", attribute("axis", 1)), 9))
                .isEqualTo(one);
        assertThat(first(image().node("Slice", "input", "y", ints("starts", 1), ints("ends", 99), ints("axes", 1)), 9))
                .isEqualTo(one);
        assertThat(first(
                        image().initializer(integers("s", 1))
                                .initializer(integers("e", Long.MAX_VALUE))
                                .initializer(integers("a", 1))
                                .node("Slice", "input s e a", "y"),
                        13))
                .isEqualTo(one);
        NetworkGraph split = read(
                image().node("Split", "input", "a b", attribute("axis", 1))
                        .node("GlobalAveragePool", "b", "p")
                        .node("Flatten", "p", "scores"),
                13);
        assertThat(split.nodes().get(0).op()).isEqualTo(one);
    }

    /** Groups of channels become channels of groups, as in ShuffleNet: c = 3 g + i goes to 2 i + g. */
    @Test
    void aChannelShuffleIsAnotherOrderOfChannels() {
        NetworkGraph graph = read(
                image().initializer("w", counting(12), 6, 2, 1, 1)
                        .initializer(integers("apart", 0, 2, 3, 6, 6))
                        .initializer(integers("together", 0, -1, 6, 6))
                        .node("Conv", "input w", "c")
                        .node("Reshape", "c apart", "r")
                        .node("Transpose", "r", "t", ints("perm", 0, 2, 1, 3, 4))
                        .node("Reshape", "t together", "s")
                        .node("GlobalAveragePool", "s", "p")
                        .node("Flatten", "p", "scores"),
                13);
        assertThat(graph.nodes())
                .extracting(Node::op)
                .contains(new Op.SelectChannels(ImmutableIntArray.of(0, 3, 1, 4, 2, 5)));
        assertThat(graph.nodes().stream().map(node -> node.op().kind()))
                .containsSubsequence("Conv", "SelectChannels", "GlobalAveragePool");
    }

    @Test
    void softmaxOverFourAxesOfAnOldSetIsFlattenedAndShapedBack() {
        NetworkGraph graph =
                read(image().node("GlobalAveragePool", "input", "p").node("Softmax", "p", "scores"), 11);
        assertThat(graph.nodes())
                .extracting(n -> n.op().kind())
                .containsExactly("GlobalAveragePool", "Reshape", "Softmax", "Reshape");
    }

    @Test
    void elementwiseOperatorsKeepTheirParameters() {
        assertThat(first(image().node("LeakyRelu", "input", "y", attribute("alpha", 0.5f)), 13))
                .isEqualTo(new Elementwise(Function.LEAKY_RELU, 0.5, 0));
        assertThat(first(image().node("HardSigmoid", "input", "y", attribute("alpha", 0.25f)), 13))
                .isEqualTo(new Elementwise(Function.HARD_SIGMOID, 0.25, 0.5));
        assertThat(first(image().node("Gelu", "input", "y"), 20)).isEqualTo(new Elementwise(Function.GELU, 0, 0));
        assertThat(first(image().node("LRN", "input", "y", attribute("size", 5), attribute("alpha", 0.5f)), 13))
                .isEqualTo(new Op.Lrn(5, 0.5, 0.75, 1));
    }

    @Test
    void sumsProductsAndConcatenationsOfValuesStay() {
        NetworkGraph graph = read(
                image().node("Relu", "input", "a")
                        .node("Add", "a input", "b")
                        .node("GlobalAveragePool", "b", "g")
                        .node("Mul", "b g", "c")
                        .node("Concat", "c b", "d", attribute("axis", -3))
                        .node("GlobalMaxPool", "d", "scores"),
                13);
        assertThat(graph.nodes().stream().map(Node::op).map(Op::kind).toList())
                .containsExactly("Relu", "Add", "GlobalAveragePool", "Mul", "Concat", "GlobalMaxPool");
        assertThat(IntStream.range(0, 3).mapToObj(graph.output().dimensions()::get))
                .containsExactly(4, 1, 1);
    }
}
