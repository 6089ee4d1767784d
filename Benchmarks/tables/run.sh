#!/bin/sh
# Builds and runs the benchmark of the table operations, runs the peers on the same data, and prints our CPU time
# over theirs (below 1 is faster). Usage: run.sh [ROWS …]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here/../.."
scratch=${SCRATCH:-.build-bench}
swift build -c release --scratch-path "$scratch" --product erpq-bench >&2
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars duckdb numpy pyarrow >&2
"$scratch/release/erpq-bench" "$@" > "$work/ours.csv"
"$work/venv/bin/python" "$here/peers.py" "$@" > "$work/peers.csv"
"$work/venv/bin/python" - "$work/ours.csv" "$work/peers.csv" <<'PY'
import csv, sys
ours = {(r["operation"], r["rows"]): float(r["cpu_seconds"]) for r in csv.DictReader(open(sys.argv[1]))}
peers = {}
for r in csv.DictReader(open(sys.argv[2])):
    peers.setdefault((r["operation"], r["rows"]), {})[r["peer"]] = float(r["cpu_seconds"])
names = ["polars", "polars_cat", "duckdb"]
print("operation,rows,ours," + ",".join(f"{n},ratio_{n}" for n in names))
for key, t in ours.items():
    cells = []
    for n in names:
        p = peers.get(key, {}).get(n)
        cells.append(f"{p:.4f},{t / p:.2f}" if p else ",")
    print(f"{key[0]},{key[1]},{t:.4f}," + ",".join(cells))
PY
