#!/bin/sh
# A company of 10,000 products and a million sale lines, from the shell, start of the process included: erpq over its
# company file against pandas, polars and DuckDB over the CSV files; the import against DuckDB's; the regression
# against scikit-learn's. Usage: run.sh [RUNS]
# ERPQ names the program, DATA a folder with the company (made by gen_data.py if it is not there), PYTHON an
# interpreter with pandas, polars, duckdb, scikit-learn and pyarrow (a venv is made in a temporary folder if not given).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
runs=${1:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here/../.."
scratch=${SCRATCH:-.build-release}
erpq=${ERPQ:-$PWD/.build-release/release/erpq}
swift build -c release --scratch-path "$scratch" --static-swift-stdlib --product erpq-bench-company >&2
if [ -z "${PYTHON:-}" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet numpy pandas polars duckdb scikit-learn pyarrow scipy >&2
  PYTHON=$work/venv/bin/python
fi
data=${DATA:-$work/L}
[ -e "$data/meta.json" ] || "$PYTHON" "$here/gen_data.py" L 1 "$data" >&2
m() { "$PYTHON" "$here/measure.py" "$@"; }
show() { printf '%-24s %-22s %8s %8s %8s %10s\n' "$@"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1fx", a / b }'; }

show question program cpu_s wall_s peak_MB "cpu_ratio"
ours=$(for i in 1 2 3; do rm -f "$work"/l.db*; m 1 "$erpq" -w "$work/l.db" import csv "$data"; done | sort | sed -n 2p)
theirs=$(for i in 1 2 3; do rm -f "$work"/d.db*; m 1 "$PYTHON" "$here/peers.py" duckdb load "$data" "$work/d.db"; done | sort | sed -n 2p)
set -- $ours; a=$1; show import erpq "$@" ""
set -- $theirs; show import duckdb "$@" "$(ratio "$a" "$1")"
printf 'size of the files (MB): csv %s, erpq %s, duckdb %s\n' \
  "$(du -smc "$data"/*.csv | tail -1 | cut -f1)" "$(du -sm "$work/l.db" | cut -f1)" "$(du -sm "$work/d.db" | cut -f1)"

ask() { # name, statement, libraries (all if left out)
  libraries=${3:-pandas polars duckdb}
  set -- "$1" $(m "$runs" "$erpq" --use erpconnect --today 2025-07-01 -w "$work/l.db" --format csv -e "$2")
  name=$1; a=$2
  show "$name" erpq "$2" "$3" "$4" ""
  for library in $libraries; do
    set -- $(m "$runs" "$PYTHON" "$here/peers.py" $library "$name" "$data")
    show "$name" $library "$@" "$(ratio "$1" "$a")"
  done
}
ask segment 'segment days 60'
ask replenish 'replenish'
ask daily 'sales daily days 365'
ask demand demand pandas
ask anomalies anomalies pandas
# The figures that the script computes, by their names; `kpi all` computes all that there are.
figures=$("$PYTHON" "$here/peers.py" pandas kpi "$data" | sed '1d;s/,.*//;s/.*/"&"/' | paste -sd, -)
ask kpi "kpi [$figures] days 30" pandas
for statement in 'kpi all days 30' 'stock status' 'top products 10 days 90' 'forecast horizon 90' 'forecast product 101 horizon 30' \
  'train model demand top 1000 by qty'; do
  set -- $(m "$runs" "$erpq" --use erpconnect --today 2025-07-01 -w "$work/l.db" --format csv -e "$statement")
  show "$statement" erpq "$@" ""
done

set -- $("$PYTHON" "$here/poly2.py" "$data" "$work/matrix")
each=$1; all=$2
ours=$("$scratch/release/erpq-bench-company" "$work/matrix" 1000 180)
show "poly2 1000 products" erpq $ours "" "" ""
show "poly2 1000 products" "sklearn per product" "$each" "" "" "$(ratio "$each" $ours)"
show "poly2 1000 products" "sklearn multi-target" "$all" "" "" "$(ratio "$all" $ours)"
