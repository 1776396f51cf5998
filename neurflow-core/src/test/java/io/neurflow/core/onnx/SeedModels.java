package io.neurflow.core.onnx;

import static io.neurflow.core.onnx.OnnxBytes.attribute;
import static io.neurflow.core.onnx.OnnxBytes.integers;
import static io.neurflow.core.onnx.OnnxBytes.ints;

/** Valid ONNX files for other packages' tests. */
public final class SeedModels {
    private SeedModels() {}

    /** A small classifier with as many kinds of operators, attributes and constants as fit. */
    public static byte[] manyOperators() {
        float[] kernel = new float[4 * 3 * 3 * 3];
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] = (i % 7 - 3) / 9f;
        }
        float[] dense = new float[4 * 5];
        for (int i = 0; i < dense.length; i++) {
            dense[i] = (i % 5 - 2) / 5f;
        }
        float[] four = {1, 0.5f, 0.25f, 2};
        return new OnnxBytes.Model()
                .input(-1, 3, 12, 12)
                .output("scores", -1, 5)
                .initializer("conv.weight", kernel, 4, 3, 3, 3)
                .initializer("bn.running_var", four, 4)
                .initializer("fc.weight", dense, 4, 5)
                .initializer(integers("two", 2))
                .initializer(integers("pads", 0, 0, 1, 1, 0, 0, 0, 0))
                .initializer(integers("axes", 2, 3))
                .initializer(integers("minus", -1))
                .initializer(integers("zero", 0))
                .initializer(integers("one", 1))
                .node("Pad", "input pads", "padded")
                .node(
                        "Conv",
                        "padded conv.weight",
                        "c",
                        ints("strides", 2, 2),
                        ints("pads", 1, 1, 1, 1),
                        ints("dilations", 1, 1))
                .node(
                        "BatchNormalization",
                        "c bn.running_var bn.running_var bn.running_var bn.running_var",
                        "b",
                        attribute("epsilon", 0.001f))
                .node("Clip", "b", "r", attribute("min", 0f), attribute("max", 6f))
                .node(
                        "MaxPool",
                        "r",
                        "m",
                        ints("kernel_shape", 3, 3),
                        ints("strides", 1, 1),
                        ints("pads", 1, 1, 1, 1),
                        attribute("ceil_mode", 1))
                .node("AveragePool", "r", "a", ints("kernel_shape", 2, 2), attribute("auto_pad", "SAME_UPPER"))
                .node("Add", "m a", "s")
                .node("LRN", "s", "l", attribute("size", 3))
                .node("Split", "l", "s1 s2", attribute("axis", 1), ints("split", 1, 3))
                .node("Concat", "s2 s1", "j", attribute("axis", 1))
                .node("GlobalAveragePool", "j", "g")
                .node("Sigmoid", "g", "gate")
                .node("Mul", "j gate", "x")
                .node("ReduceMean", "x axes", "p", attribute("keepdims", 1))
                .node("Shape", "p", "shape")
                .node("Gather", "shape zero", "batch", attribute("axis", 0))
                .node("Concat", "batch minus", "to", attribute("axis", 0))
                .node("Reshape", "p to", "flat")
                .node("ConstantOfShape", "two", "zeros", attribute("value", OnnxBytes.scalar("", 3)))
                .node("ReduceProd", "two", "prod", attribute("keepdims", 0))
                .node("Transpose", "fc.weight", "w", ints("perm", 1, 0))
                .node("Gemm", "flat w", "logits", attribute("transB", 1), attribute("alpha", 0.5f))
                .node("Softmax", "logits", "scores", attribute("axis", 1))
                .bytes(18);
    }

    /** A classifier with an auxiliary output. */
    public static byte[] twoOutputs() {
        return new OnnxBytes.Model()
                .input(-1, 3, 8, 8)
                .output("scores", -1, 3)
                .output("aux", -1, 3)
                .node("Relu", "input", "r")
                .node("GlobalMaxPool", "r", "p")
                .node("Flatten", "p", "scores")
                .node("GlobalAveragePool", "input", "q")
                .node("Flatten", "q", "aux")
                .bytes(13);
    }
}
