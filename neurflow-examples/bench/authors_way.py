"""Importance scores the way NeurFlow's authors compute them, to be timed beside `neurflow bench` on the same activations.

    java -jar neurflow.jar bench --model resnet50.onnx --pair layer4.1:layer4.2 --dump dump
    python3 authors_way.py --model resnet50.onnx --dump dump --threads 2

What the authors' code does, as captum's IntegratedGradients does it: one target at a time; every point alpha_n x of the ray
from 0 to x of each of the k patches is passed forward through the whole block, and autograd brings back the gradient of the
target's spatial mean; 50 Gauss-Legendre nodes. The block is taken from the ONNX file, operator by operator, batch
normalisation not folded, ReLU in place where torchvision has it so. `--batch` says how many points go through the block at a
time. Needs torch, onnx and numpy; onnxruntime is timed on the forward pass if it is there. README.md explains the fields.
"""
import argparse
import gzip
import json
import pathlib
import statistics
import sys
import time

import numpy as np
import onnx
import onnx.numpy_helper
import torch
import torch.nn.functional as F

AGREEMENT = 1e-3
CONVOLUTION_REPEATS, CONVOLUTION_BATCH, CONVOLUTION_CHANNELS, CONVOLUTION_SIDE = 10, 32, 256, 14


class Network:
    """An ONNX graph of the operators that image classifiers are made of, run by PyTorch."""

    def __init__(self, path):
        with gzip.open(path) if str(path).endswith(".gz") else open(path, "rb") as file:
            graph = onnx.load(file).graph
        self.weights = {t.name: torch.from_numpy(onnx.numpy_helper.to_array(t).copy()) for t in graph.initializer}
        self.maker = {}
        for node in graph.node:
            if node.op_type == "Identity" and node.input[0] in self.weights:
                self.weights[node.output[0]] = self.weights[node.input[0]]
            elif node.op_type == "Constant":
                self.weights[node.output[0]] = torch.from_numpy(onnx.numpy_helper.to_array(node.attribute[0].t).copy())
            else:
                for value in node.output:
                    self.maker[value] = node
        self.input = next(i.name for i in graph.input if i.name not in self.weights)
        self.output = graph.output[0].name

    def between(self, lower, upper):
        """The nodes on the way from one value to another, in the order of the file."""
        needed, todo = {}, [upper]
        while todo:
            value = todo.pop()
            if value == lower or value in self.weights or value == "" or value in needed:
                continue
            if value not in self.maker:
                raise SystemExit("'%s' cannot be computed from '%s' alone" % (upper, lower))
            needed[value] = self.maker[value]
            todo += self.maker[value].input
        order = {key: i for i, key in enumerate(dict.fromkeys(id(node) for node in self.maker.values()))}
        return sorted({id(n): n for n in needed.values()}.values(), key=lambda n: order[id(n)])


class Block(torch.nn.Module):
    """What lies between two values of a network. Counts the multiplications and additions of its convolutions and matrices."""

    def __init__(self, network, lower, upper):
        super().__init__()
        self.weights, self.lower, self.upper = network.weights, lower, upper
        self.nodes = [(node, {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute})
                      for node in network.between(lower, upper)]
        self.readers = {}
        for node, _ in self.nodes:
            for value in node.input:
                self.readers[value] = self.readers.get(value, 0) + 1
        self.operations = 0

    def forward(self, x):
        values = {self.lower: x}
        self.operations = 0
        for node, attributes in self.nodes:
            inputs = [values[name] if name in values else self.weights[name] for name in node.input if name]
            values[node.output[0]] = self.apply(node, attributes, inputs)
        return values[self.upper]

    def apply(self, node, a, inputs):
        kind, x = node.op_type, inputs[0]
        if kind == "Conv":
            x, pads = padded(x, a.get("pads", [0, 0, 0, 0]), 0)
            y = F.conv2d(x, inputs[1], inputs[2] if len(inputs) > 2 else None, a.get("strides", [1, 1]), pads,
                         a.get("dilations", [1, 1]), a.get("group", 1))
            self.operations += 2 * inputs[1].numel() * y.shape[2] * y.shape[3]
            return y
        if kind == "BatchNormalization":
            scale, shift, mean, variance = inputs[1:5]
            return F.batch_norm(x, mean, variance, scale, shift, False, 0, a.get("epsilon", 1e-5))
        if kind == "Relu":
            # Not the block's input, which is a leaf, and not what somebody else reads, too.
            alone = node.input[0] != self.lower and self.readers[node.input[0]] == 1
            return F.relu(x, inplace=alone)
        if kind == "MaxPool":
            x, pads = padded(x, a.get("pads", [0, 0, 0, 0]), -float("inf"))
            return F.max_pool2d(x, a["kernel_shape"], a.get("strides", [1, 1]), pads, a.get("dilations", [1, 1]),
                                bool(a.get("ceil_mode", 0)))
        if kind == "AveragePool":
            pads = a.get("pads", [0, 0, 0, 0])
            return F.avg_pool2d(x, a["kernel_shape"], a.get("strides", [1, 1]), pads[:2], bool(a.get("ceil_mode", 0)),
                                bool(a.get("count_include_pad", 0)))
        if kind == "GlobalAveragePool":
            return F.adaptive_avg_pool2d(x, 1)
        if kind == "Gemm":
            matrix = a.get("alpha", 1.0) * (inputs[1] if a.get("transB", 0) else inputs[1].t())
            self.operations += 2 * inputs[1].numel()
            return F.linear(x, matrix, a.get("beta", 1.0) * inputs[2] if len(inputs) > 2 else None)
        if kind == "LRN":
            return F.local_response_norm(x, a["size"], a.get("alpha", 1e-4), a.get("beta", 0.75), a.get("bias", 1.0))
        if kind in ("Add", "Sum"):
            return sum(inputs[1:], x)
        if kind == "Concat":
            return torch.cat(inputs, a["axis"])
        if kind == "Flatten":
            return x.flatten(a.get("axis", 1))
        if kind in ("Identity", "Dropout"):
            return x
        raise SystemExit("operator %s of node '%s' is not known here" % (kind, node.name))


def padded(x, pads, value):
    """PyTorch pads both sides alike; where ONNX does not, that is done before."""
    top, left, bottom, right = pads
    if (top, left) == (bottom, right):
        return x, (top, left)
    return F.pad(x, (left, right, top, bottom), value=value), (0, 0)


def quadrature(rule, steps):
    """Nodes and weights on [0, 1]."""
    if rule == "GAUSS_LEGENDRE":
        nodes, weights = np.polynomial.legendre.leggauss(steps)
        return (1 + nodes) / 2, weights / 2
    if rule == "RIEMANN_RIGHT":
        return np.arange(1, steps + 1) / steps, np.full(steps, 1 / steps)
    if rule == "MIDPOINT":
        return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)
    raise SystemExit("the rule %s is not known here; run bench with --rule GAUSS_LEGENDRE" % rule)


def scores(block, x, channel, rule, steps, batch):
    """T[v, c]: for each patch and channel the sum over positions of x times the averaged gradient of the target's mean."""
    nodes, weights = (torch.from_numpy(values.astype(np.float32)) for values in quadrature(rule, steps))
    total = torch.zeros_like(x)
    points = torch.arange(len(x) * steps)
    column = (-1,) + (1,) * (x.dim() - 1)
    for part in points.split(batch):
        patch, step = part // steps, part % steps
        at = (nodes[step].reshape(column) * x[patch]).requires_grad_(True)
        y = block(at)
        mean = y[:, channel] if y.dim() == 2 else y[:, channel].mean((1, 2))
        gradient, = torch.autograd.grad(mean.sum(), at)
        total.index_add_(0, patch, weights[step].reshape(column) * gradient)
    return (x * total).reshape(x.shape[0], x.shape[1], -1).sum(2).numpy()


def seconds(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def convolution_peak():
    """GFLOP/s of a 3x3 convolution at its best: that of ConvolutionPeak in Java, by PyTorch."""
    side, channels = CONVOLUTION_SIDE, CONVOLUTION_CHANNELS
    torch.manual_seed(1)
    x, w = torch.rand(CONVOLUTION_BATCH, channels, side, side), torch.rand(channels, channels, 3, 3) - 0.5
    with torch.no_grad():
        best = min(seconds(lambda: F.conv2d(x, w, padding=1))[0] for _ in range(CONVOLUTION_REPEATS))
    return 2 * w.numel() * side * side * CONVOLUTION_BATCH / best / 1e9


def digits(value):
    return float("%.5g" % value)


def common(kind):
    return {"kind": kind, "engine": "PyTorch " + torch.__version__, "threads": torch.get_num_threads()}


def time_block(network, folder, arguments, peak):
    with open(folder / "block.json") as f:
        java = json.load(f)
    x = torch.from_numpy(np.load(folder / "x.npy"))
    rows = np.load(folder / "rows.npy").astype(np.int64)
    known = np.load(folder / "scores.npy")
    block = Block(network, java["lower_tensor"], java["upper_tensor"])
    if network.maker[java["lower_tensor"]].op_type in ("Flatten", "Gemm"):
        x = x.flatten(1)
    good = True
    k = min(arguments.k or java["k"], java["k"])
    rows, known = rows[:, :k], known[:, :k]
    for batch in arguments.batch:
        count = min(arguments.targets, len(rows))
        scores(block, x[rows[0][:1]], java["channels"][0], java["rule"], java["steps"], batch)
        times, differences = [], []
        for target in range(count):
            took, found = seconds(lambda: scores(
                block, x[rows[target]], java["channels"][target], java["rule"], java["steps"], batch))
            times.append(took * java["k"] / k)
            differences.append(np.linalg.norm(found - known[target]) / max(np.linalg.norm(found), 1e-30))
        median = statistics.median(times)
        work = 2 * block.operations * java["k"] * java["steps"] / 1e9
        good &= max(differences) <= AGREEMENT
        print(json.dumps({
            **common("authors_way"), "block": java["block"], "model": java["model"], "batch": batch, "k": java["k"],
            "k_timed": k,
            "steps": java["steps"], "rule": java["rule"], "targets": count, "channels": java["channels"][:count],
            "seconds_per_target": digits(median), "target_seconds": [digits(t) for t in times],
            "gflop_per_target": digits(work), "gflops_per_second": digits(work / median),
            "convolution_peak_gflops_per_second": digits(peak), "share_of_convolution_peak": digits(work / median / peak),
            "relative_l2_to_neurflow": digits(max(differences)),
            "neurflow_seconds_per_target": java["seconds_per_target"],
            "ratio": digits(median / java["seconds_per_target"])}), flush=True)
    if not good:
        print("authors_way: the scores of %s differ by more than %g from those of neurflow; the ratio is not one of equal"
              " work" % (java["block"], AGREEMENT), file=sys.stderr)
    return good


def time_forward(network, arguments, peak):
    inputs, known = np.load(arguments.dump / "inputs.npy"), np.load(arguments.dump / "logits.npy")
    whole = Block(network, network.input, network.output)
    x = torch.from_numpy(inputs)

    def by_torch():
        with torch.no_grad():
            return whole(x).numpy()

    engines = [("PyTorch " + torch.__version__, by_torch)]
    try:
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        session = onnxruntime.InferenceSession(str(arguments.model), options, ["CPUExecutionProvider"])
        engines.append(("ONNX Runtime " + onnxruntime.__version__,
                        lambda: session.run([network.output], {network.input: inputs})[0]))
    except ImportError:
        pass
    good = True
    for name, work in engines:
        logits = work()
        median = statistics.median(seconds(work)[0] for _ in range(arguments.repeat))
        difference = np.linalg.norm(logits.reshape(-1) - known.reshape(-1)) / np.linalg.norm(known)
        gflop = whole.operations / 1e9
        good &= bool(difference <= AGREEMENT)
        print(json.dumps({
            **common("forward"), "engine": name, "batch": len(inputs), "images_per_second": digits(len(inputs) / median),
            "gflop_per_image": digits(gflop), "gflops_per_second": digits(gflop * len(inputs) / median),
            "convolution_peak_gflops_per_second": digits(peak),
            "share_of_convolution_peak": digits(gflop * len(inputs) / median / peak),
            "relative_l2_to_neurflow": digits(difference)}), flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="the ONNX file that bench was run on")
    parser.add_argument("--dump", type=pathlib.Path, required=True, help="the folder that bench wrote")
    parser.add_argument("--batch", type=lambda text: [int(part) for part in text.split(",")], default=[8, 32],
                        help="points at a time, several with commas between them; 8,32 by default")
    parser.add_argument("--targets", type=int, default=1, help="how many of the targets to time; 1 by default")
    parser.add_argument("--k", type=int, help="patches of each target that are timed and compared, the first ones; times are"
                        " scaled to all of them. All by default")
    parser.add_argument("--repeat", type=int, default=3, help="runs of the forward pass; 3 by default")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="PyTorch's threads")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    folders = sorted(path.parent for path in arguments.dump.glob("*/block.json"))
    has_inputs = (arguments.dump / "inputs.npy").exists()
    if not folders and not has_inputs:
        raise SystemExit("authors_way: there is nothing from 'neurflow bench --dump' in '%s'" % arguments.dump)
    network, peak, good = Network(arguments.model), convolution_peak(), True
    if has_inputs:
        good &= time_forward(network, arguments, peak)
    for folder in folders:
        good &= time_block(network, folder, arguments, peak)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
