"""All blocks that have a goal, Neurflow against the authors' way in PyTorch, in one go: prints a table of ratios.

    python3 ratios.py --resnet50 resnet50.onnx --googlenet googlenet.onnx --images photographs/bee --class 309

For each block `neurflow bench --dump` runs, and right behind it `authors_way.py` on the same activations, so that both meet
the machine in the same state; it ends with 1 if the scores of the two differ. Of the authors' way one target is timed on the
first few patches of its concept (`--timed-k`, 8 unless told), and scaled to all 50: its cost is that of its patches, one
after the other. The convolution peaks of the two sides stand in the last columns: where they differ much from row to row, the
machine was busy with other things, and the row is worth little. README.md explains the fields. Takes several minutes.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def spread(first, end, count):
    """So many channels from the first to the one before the end, evenly."""
    return ",".join(str(first + (end - first) * i // count) for i in range(count))


CLASSES = spread(300, 364, 64)
RESNET50 = [
    # layers, channels of the upper one (none: the class, or --targets that are spread over it), what they are, goal
    ("layer4.2:fc", "", "one class", 1000),
    ("layer4.2:fc", CLASSES, "64 classes", 1000),
    ("layer4.1:layer4.2", "", "", 50),
    ("layer3.5:layer4.0", "", "stride, projection", 60),
    ("layer3.4:layer3.5", "", "", 50),
]
GOOGLENET = [
    ("inception5b:fc", "", "one class", 1000),
    ("inception5b:fc", CLASSES, "64 classes", 1000),
    ("inception5a:inception5b", spread(0, 384, 64), "1x1 branch", 500),
    ("inception5a:inception5b", spread(384, 768, 64), "3x3 branch", 200),
    ("inception5a:inception5b", spread(768, 896, 64), "5x5 branch", 200),
    ("inception5a:inception5b", spread(896, 1024, 64), "pool branch", 500),
    ("inception4d:inception4e", "", "over all branches", 200),
]


def lines(command):
    """What a program prints, as JSON; its errors go where ours go."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 and not found:
        raise SystemExit("ratios: '%s' ended with %s" % (" ".join(map(str, command)), done.returncode))
    return found, done.returncode


def measure(model, block, arguments, dump):
    pair, channels, what, goal = block
    command = ["java", *os.environ.get("JAVA_OPTS", "").split(), "-jar", arguments.jar, "bench", "--model", model, "--pair", pair,
               "--images", arguments.images, "--class", arguments.class_index, "--dump", dump]
    if model == arguments.googlenet:
        command += ["--preprocessing", arguments.googlenet_preprocessing]
    command += ["--neuron", channels] if channels else ["--targets", arguments.targets]
    ours, _ = lines(list(map(str, command)))
    theirs, code = lines(list(map(str, [
        sys.executable, HERE / "authors_way.py", "--model", model, "--dump", dump, "--threads", arguments.threads,
        "--k", arguments.timed_k, "--batch", arguments.batch])))
    best = min(theirs, key=lambda line: line["seconds_per_target"])
    return code, [
        pair.replace(":", " -> ") + (", " + what if what else ""),
        "%.4f" % ours[0]["seconds_per_target"], "%.2f" % best["seconds_per_target"], "%.0f" % best["ratio"], "%d" % goal,
        "%.0e" % best["relative_l2_to_neurflow"],
        "%.0f" % ours[0]["convolution_peak_gflops_per_second"], "%.0f" % best["convolution_peak_gflops_per_second"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resnet50", type=pathlib.Path, help="ONNX file of ResNet50; without it its blocks are left out")
    parser.add_argument("--googlenet", type=pathlib.Path, help="the same of GoogLeNet")
    parser.add_argument("--googlenet-preprocessing", default="caffe", help="imagenet, caffe or a file; caffe by default")
    parser.add_argument("--images", type=pathlib.Path, required=True, help="photographs of one class")
    parser.add_argument("--class", dest="class_index", type=int, required=True, help="their class")
    parser.add_argument("--timed-k", type=int, default=8, help="patches of the authors' way that are timed; 8 by default")
    parser.add_argument("--targets", type=int, default=64, help="targets in a sweep, where the table names none; 64 by default")
    parser.add_argument("--batch", default="32", help="points at a time of the authors' way; 32 by default")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="PyTorch's threads")
    parser.add_argument("--jar", type=pathlib.Path, default=HERE / ".." / "target" / "neurflow.jar", help="neurflow.jar")
    arguments = parser.parse_args()
    if not arguments.jar.exists():
        raise SystemExit("ratios: there is no %s; run 'mvn -q package -DskipTests' first" % arguments.jar)
    work = [(model, block) for model, blocks in ((arguments.resnet50, RESNET50), (arguments.googlenet, GOOGLENET))
            if model is not None for block in blocks]
    print("| block | Neurflow, s a target | authors' way, s a target (k = %d, scaled) | ratio | goal | relative difference of scores"
          " | peak, GFLOP/s, ours | theirs |" % arguments.timed_k)
    print("|---|---|---|---|---|---|---|---|", flush=True)
    worst = 0
    for model, block in work:
        dump = tempfile.mkdtemp()
        try:
            code, cells = measure(model, block, arguments, dump)
        finally:
            shutil.rmtree(dump)
        worst = max(worst, code)
        print("| " + " | ".join(cells) + " |", flush=True)
    sys.exit(worst)


if __name__ == "__main__":
    main()
