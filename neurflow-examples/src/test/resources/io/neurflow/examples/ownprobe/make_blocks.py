#!/usr/bin/env python3
"""Makes the models of OnnxRuntimeProbeTest: three blocks, the way back through the upper two, and all in one.

image [n, 3, 8, 8] -> edges = relu(conv 3x3) [n, 6, 8, 8] -> parts = relu(conv 3x3, stride 2) [n, 8, 4, 4]
-> logits = dense(mean over positions) [n, 4]. Random weights (numpy, seed 309). Needs numpy and onnx.
"""
import pathlib
import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(309)
W = {
    "w0": rng.normal(0, 0.3, (6, 3, 3, 3)), "b0": rng.normal(0, 0.1, 6),
    "w1": rng.normal(0, 0.2, (8, 6, 3, 3)), "b1": rng.normal(0, 0.1, 8),
    "w2": rng.normal(0, 0.5, (4, 8)), "b2": rng.normal(0, 0.1, 4),
}
W = {name: value.astype(np.float32) for name, value in W.items()}


def save(name, nodes, inputs, output, extra=()):
    used = {i for node in nodes for i in node.input}
    constants = [numpy_helper.from_array(v, k) for k, v in {**W, **dict(extra)}.items() if k in used]
    info = lambda n, s: helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", *s])
    graph = helper.make_graph(nodes, name, [info(*i) for i in inputs], [info(*output)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="make_blocks.py")
    model.ir_version = 8
    checker.check_model(model)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs, [output], name=output, **attributes)


def edges(x, y):
    return [node("Conv", [x, "w0", "b0"], "z0", pads=[1] * 4), node("Relu", ["z0"], y)]


def parts(x, y):
    return [node("Conv", [x, "w1", "b1"], "z1", pads=[1] * 4, strides=[2, 2]), node("Relu", ["z1"], y)]


def logits(x, y):
    return [node("GlobalAveragePool", [x], "mean"), node("Flatten", ["mean"], "flat"),
            node("Gemm", ["flat", "w2", "b2"], y, transB=1)]


X = [("x", [3, 8, 8]), ("x", [6, 8, 8]), ("x", [8, 4, 4])]
save("whole", edges("x", "edges") + parts("edges", "parts") + logits("parts", "logits"), [X[0]], ("logits", [4]))
save("block0", edges("x", "y"), [X[0]], ("y", [6, 8, 8]))
save("block1", parts("x", "y"), [X[1]], ("y", [8, 4, 4]))
save("block2", logits("x", "y"), [X[2]], ("y", [4]))
# v counts where the rectified convolution is positive; the transposed convolution takes it back
save("back1",
     [node("Conv", ["x", "w1", "b1"], "z", pads=[1] * 4, strides=[2, 2]), node("Greater", ["z", "zero"], "on"),
      node("Cast", ["on"], "gate", to=TensorProto.FLOAT), node("Mul", ["v", "gate"], "u"),
      node("ConvTranspose", ["u", "w1"], "g", pads=[1] * 4, strides=[2, 2], output_padding=[1, 1])],
     [X[1], ("v", [8, 4, 4])], ("g", [6, 8, 8]), {"zero": np.float32(0)}.items())
# each of the 16 positions gets the same share
save("back2",
     [node("MatMul", ["v", "w2"], "u"), node("Unsqueeze", ["u", "axes"], "m"), node("Shape", ["x"], "s"),
      node("Expand", ["m", "s"], "e"), node("Div", ["e", "count"], "g")],
     [X[2], ("v", [4])], ("g", [8, 4, 4]),
     {"axes": np.array([2, 3], np.int64), "count": np.float32(16)}.items())
