#!/usr/bin/env python3
"""Writes the tables of docs/EXPERIMENTS.md from the CSV files that `neurflow experiment` wrote.

    python3 neurflow-examples/bench/experiments_page.py docs/EXPERIMENTS.md docs/experiments

A table stands between `<!-- table KIND RUN=LABEL ... -->` and `<!-- end -->`: KIND is one of the functions below, RUN a folder of
CSV files, LABEL what its rows are called. What stands between is replaced; everything else is left as it is.
"""

import csv
import re
import sys
from pathlib import Path


def rows(folder, name):
    with open(folder / (name + ".csv"), newline="", encoding="utf-8") as file:
        # Headings that would be the same differ by blanks at their ends, in the order of the columns.
        return list(csv.DictReader(file))


def number(text, digits=3):
    try:
        return f"{float(text):.{digits}f}".replace("nan", "-")
    except ValueError:
        return text


def ends(value, interval):
    return f"{number(value)} ({interval})" if interval.strip() not in ("", "-") else number(value)


def arrow(layers):
    return layers.replace(" <- ", " &larr; ")


def table(heads, lines, left=1):
    rule = ["---"] * left + ["---:"] * (len(heads) - left)
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in [heads, rule, *lines])


def fidelity(runs):
    by = {}
    for folder, label in runs:
        for r in rows(folder, "fidelity"):
            by.setdefault((label, r["layers"], int(r["tau"]), r["core neurons"], r["of"]), {})[r["operation"]] = r
    lines = []
    places = list(dict.fromkeys(key[:2] for key in by))
    for (label, layers, tau, count, of), both in sorted(by.items(), key=lambda item: places.index(item[0][:2])):
        line = [f"{label}, {layers}" if len(runs) > 1 else layers, tau, f"{count} of {of}"]
        for operation in ("mask", "retain"):
            r = both[operation]
            line += [
                number(r["accuracy core"]),
                f"{number(r['accuracy random'])} ({number(r['lowest'])} … {number(r['highest'])})",
                f"{number(r['logit core'], 1)} / {number(r['logit random'], 1)}",
            ]
        lines.append(line)
    heads = ["layers", "tau", "neurons"]
    for word in ("masked", "retained"):
        heads += [f"{word}: core", f"{word}: random", "logit, core / random"]
    return table(heads, lines)


def each(runs, name, cells):
    return [[f"{label}, {arrow(r['layers'])}", *cells(r)] for folder, label in runs for r in rows(folder, name)]


def optimality(runs):
    return table(
        ["layers", "set size", "L core", "L random", "random less core (95 %)", "random better"],
        each(runs, "optimality", lambda r: [
            r["set size"], number(r["L core"]), number(r["L random"]),
            ends(r["random less core"], r["95 %"]), number(r["random better"])]))


def correlation(runs):
    return table(
        ["layers", "set size", "targets", "r, concept lost (95 %)", "rho, concept lost", "r, fall (95 %)", "rho, fall"],
        each(runs, "weight-loss-correlation", lambda r: [
            r["set size"], r["targets"], ends(r["r concept lost"], r["95 %"]), number(r["rho concept lost"]),
            ends(r["r fall of target"], r["95 % "]), number(r["rho fall of target"])]))


def scores(runs):
    return table(
        ["layers", "scores", "r (95 %)", "rho", "r less ours (95 %)"],
        each(runs, "attribution-comparison", lambda r: [
            r["scores"], ends(r["r"], r["95 %"]), number(r["rho"]), ends(r["r less ours"], r["95 % "])]), 2)


def choices(runs):
    return table(
        ["layers", "scores", "L (95 %)", "L less ours (95 %)", "fall", "same as ours", "seconds"],
        each(runs, "attribution-choices", lambda r: [
            r["scores"], ends(r["L"], r["95 %"]), ends(r["L less ours"], r["95 % "]), number(r["fall"], 2),
            number(r["same as ours"], 2), number(r["seconds"])]), 2)


def sums(runs):
    return table(
        ["layers", "r of sum (95 %)", "r of mean (95 %)", "difference (95 %)"],
        each(runs, "sum-against-average", lambda r: [
            ends(r["r of sum"], r["95 %"]), ends(r["r of mean"], r["95 % "]), ends(r["difference"], r["95 %  "])]))


def weights(runs):
    def name(label, r):
        return f"{label}, {r['layers'].split(' <- ')[0]}"

    return table(
        ["convolution", "targets", "L ours", "L weights", "L random", "ours less weights (95 %)"],
        [[name(label, r), r["targets"], number(r["L ours"]), number(r["L weights"]), number(r["L random"]),
          ends(r["ours less weights"], r["95 %"])]
         for folder, label in runs for r in rows(folder, "against-weights")])


def overlap(runs):
    lines, heads = [], []
    for folder, label in runs:
        by = {}
        for r in rows(folder, "ranking-overlap"):
            if r["one"] == "NeurFlow":
                by.setdefault(r["layer"], []).append(r)
        for layer, some in by.items():
            heads = [r["other"].replace(" (to the logit)", "") for r in some]
            lines.append([f"{label}, {layer}", some[0]["neurons"], *(number(r["F1"]) for r in some),
                          number(some[0]["chance"])])
    return table(["layer", "neurons", *heads, "chance"], lines)


def crops(runs):
    lines = []
    for folder, label in runs:
        by = {}
        for r in rows(folder, "crop-shares"):
            by.setdefault(r["layer"], []).append(r)
        for layer, some in by.items():
            lines.append([f"{label}, {layer}", some[0]["neurons"], *(ends(r["share"], r["95 %"]) for r in some)])
        last = next(iter(by.values()))
        lines.append([f"{label}, all patches", "-", *(number(r["share of all patches"]) for r in last)])
    return table(["layer", "neurons", "100 %", "50 %", "25 %"], lines)


def concepts(runs):
    lines, heads = [], []
    for folder, label in runs:
        by = {}
        for r in rows(folder, "concept-sizes"):
            by.setdefault(r["layers"], []).append(r)
        for layers, some in by.items():
            heads = [f"k = {r['k']}" for r in some]
            lines.append([f"{label}, {arrow(layers)}", *(number(r["same"], 2) for r in some)])
    return table(["layers", *heads], lines)


KINDS = {f.__name__: f for f in (fidelity, optimality, correlation, scores, choices, sums, weights, overlap, crops, concepts)}


def main(page, data):
    def fill(match):
        kind, *runs = match.group(1).split()
        named = [run.split("=", 1) for run in runs]
        found = [(data / folder, label.replace("_", " ")) for folder, label in named]
        return f"<!-- table {match.group(1)} -->\n{KINDS[kind](found)}\n<!-- end -->"

    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r"<!-- table (.*?) -->\n.*?<!-- end -->", fill, text, flags=re.S), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
