#!/bin/sh
# The prompt as fingers meet it, under a terminal of its own, on a company of 10,000 products and a million sale lines:
# key to repaint, completion, start, Ctrl-C, and a replay against its run. Usage: run.sh [RUNS]
# ERPQ names the program, COMPANY a company file (made by Benchmarks/company/gen_data.py and imported if not given).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here/../.."
erpq=${ERPQ:-$PWD/.build-release/release/erpq}
if [ -z "${COMPANY:-}" ]; then
  python3 Benchmarks/company/gen_data.py L 1 "$work/L" >&2
  "$erpq" -w "$work/l.db" import csv "$work/L" >&2
  COMPANY=$work/l.db
fi
python3 "$here/measure.py" "$erpq" "$COMPANY" "${1:-200}"
