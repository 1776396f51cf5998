package io.neurflow.examples.embedded;

import com.google.common.primitives.Floats;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;

/**
 * Writes the embedded network as an ONNX model: operator set 13, single precision, input {@code image} [batch, 3, 64, 64],
 * output {@code logits} [batch, 6], batch free. Nodes are named after their modules, as PyTorch does it
 * ({@code /block2/branch1/Relu}).
 */
final class OnnxWriter implements Architecture.Builder<String> {
    private static final String INPUT = "image";
    private static final String OUTPUT = "logits";
    private static final int OPERATOR_SET = 13;
    private static final int IR_VERSION = 7;

    private final TrainedWeights weights;
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("neurflow-embedded");

    private OnnxWriter(TrainedWeights weights) {
        this.weights = weights;
    }

    /** The bytes of the model's file. */
    static byte[] write(TrainedWeights weights) {
        OnnxWriter writer = new OnnxWriter(weights);
        int side = DrawnPicture.CROP;
        writer.graph.addInput(value(INPUT, 3, side, side));
        writer.graph.addOutput(value(OUTPUT, Thing.values().length));
        Architecture.build(writer, INPUT);
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("neurflow-examples")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET))
                .setGraph(writer.graph)
                .build()
                .toByteArray();
    }

    @Override
    public String conv(String name, String input, int in, int out, int kernel, int stride) {
        weight(name, out, in, kernel, kernel);
        long pad = (kernel - 1L) / 2;
        NodeProto.Builder node = node(name, "Conv", input, name + ".weight", name + ".bias")
                .addAttribute(integers("kernel_shape", kernel, kernel))
                .addAttribute(integers("strides", stride, stride))
                .addAttribute(integers("pads", pad, pad, pad, pad));
        return add(node);
    }

    @Override
    public String relu(String name, String input) {
        return add(node(name, "Relu", input));
    }

    @Override
    public String add(String name, String first, String second) {
        return add(node(name, "Add", first, second));
    }

    @Override
    public String concat(String name, String first, String second) {
        return add(node(name, "Concat", first, second).addAttribute(integer("axis", 1)));
    }

    @Override
    public String mean(String name, String input) {
        String mean = add(node(name, "GlobalAveragePool", input));
        return add(node(name, "Flatten", mean).addAttribute(integer("axis", 1)));
    }

    @Override
    public String dense(String name, String input, int in, int out) {
        weight(name, out, in);
        return add(node(name, "Gemm", input, name + ".weight", name + ".bias")
                .addAttribute(integer("transB", 1))
                .clearOutput()
                .addOutput(OUTPUT));
    }

    private String add(NodeProto.Builder node) {
        graph.addNode(node);
        return node.getOutput(0);
    }

    private static NodeProto.Builder node(String module, String kind, String... inputs) {
        NodeProto.Builder node = NodeProto.newBuilder().setName("/" + module + "/" + kind);
        for (String input : inputs) {
            node.addInput(input);
        }
        return node.setOpType(kind).addOutput(node.getName() + "_output_0");
    }

    private void weight(String name, long... dimensions) {
        graph.addInitializer(tensor(name + ".weight", dimensions));
        graph.addInitializer(tensor(name + ".bias", dimensions[0]));
    }

    private TensorProto tensor(String name, long... dimensions) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addAllFloatData(Floats.asList(weights.get(name)));
        for (long extent : dimensions) {
            tensor.addDims(extent);
        }
        return tensor.build();
    }

    private static ValueInfoProto value(String name, long... dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder()
                .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
        for (long extent : dimensions) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(extent));
        }
        TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder()
                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                .setShape(shape);
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(type))
                .build();
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto integers(String name, long... values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute.build();
    }
}
