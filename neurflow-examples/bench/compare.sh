#!/usr/bin/env bash
# Neurflow and the authors' way in PyTorch on the same activations, one block after the other, so that both meet the machine
# in the same state. Prints the lines of both; README.md explains them.
#
#   compare.sh MODEL.onnx LOWER:UPPER[,...] [more options of 'neurflow bench']
#
# PYTHON names the Python that has torch and onnx, THREADS how many threads PyTorch takes, TARGETS how many targets it times.
set -euo pipefail
if [ $# -lt 2 ]; then
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
model=$1
pairs=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
jar="$here/../target/neurflow.jar"
if [ ! -f "$jar" ]; then
    echo "compare.sh: there is no $jar; run 'mvn -q package -DskipTests' first" >&2
    exit 2
fi
dump=$(mktemp -d)
trap 'rm -rf "$dump"' EXIT
code=0
for pair in ${pairs//,/ }; do
    rm -rf "${dump:?}"/*
    java ${JAVA_OPTS:-} -jar "$jar" bench --model "$model" --pair "$pair" --dump "$dump" "$@"
    "${PYTHON:-python3}" "$here/authors_way.py" --model "$model" --dump "$dump" \
        --threads "${THREADS:-$(nproc)}" --targets "${TARGETS:-1}" || code=$?
done
exit "$code"
