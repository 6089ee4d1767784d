#!/bin/sh
# Compares reading a file with pandas and polars: run.sh FILE [RUNS]. Prints `operation,rows,cpu_seconds`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
file=$(realpath "$1")
runs=${2:-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pandas polars pyarrow
cd "$here/../.."
swift build -c release --product erpq-bench-read >&2
echo "operation,rows,cpu_seconds"
"$(swift build -c release --product erpq-bench-read --show-bin-path)/erpq-bench-read" "$file" "$runs"
"$folder/venv/bin/python" "$here/peers.py" "$file" "$runs"
