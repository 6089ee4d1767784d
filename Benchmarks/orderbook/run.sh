#!/usr/bin/env bash
# One question over a real order book, from the shell, process start and reading included:
# lines and revenue by product, the largest first. CPU seconds of erpq, polars, DuckDB and pandas in one run.
#   run.sh FILE.csv[.gz] [RUNS]      FILE has the columns order,product,date,qty,price,customer
set -euo pipefail
file=$(readlink -f "${1:?an order book is needed: run.sh FILE.csv.gz [RUNS]}")
runs=${2:-5}
cd "$(dirname "$0")/../.."
root=$PWD
[ -x .build-release/release/erpq ] || scripts/build
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install polars duckdb pandas pyarrow numpy
cat >"$work/ask_polars.py" <<'PY'
import sys, polars as pl
t = pl.read_csv(sys.argv[1], infer_schema_length=10_000)
print(t.group_by("product").agg(pl.len().alias("n"), (pl.col("qty") * pl.col("price")).sum().alias("revenue")).sort("revenue", descending=True).head(5))
PY
cat >"$work/ask_duckdb.py" <<'PY'
import sys, duckdb
print(duckdb.sql(f"select product, count(*) n, sum(qty * price) revenue from read_csv('{sys.argv[1]}') group by 1 order by 3 desc limit 5"))
PY
cat >"$work/ask_pandas.py" <<'PY'
import sys, pandas as pd
t = pd.read_csv(sys.argv[1], low_memory=False)
t["revenue"] = t.qty * t.price
print(t.groupby("product").agg(n=("revenue", "size"), revenue=("revenue", "sum")).sort_values("revenue", ascending=False).head(5))
PY
python3 - "$runs" "$file" "$work" "$root/.build-release/release/erpq" <<'PY'
import os, resource, subprocess, sys
runs, file, work, erpq = int(sys.argv[1]), *sys.argv[2:]
py = f"{work}/venv/bin/python"
statement = f'read "{file}" | summarize n = count(), revenue = sum(qty * price) by product | sort revenue desc | limit 5'
commands = {"erpq": [erpq, "-e", statement]} | {n: [py, f"{work}/ask_{n}.py", file] for n in ("polars", "duckdb", "pandas")}
def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "XDG_DATA_HOME": work})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
best = {n: min(cpu(c) for _ in range(runs + 1)) for n, c in commands.items()}
print("tool,cpu_seconds,ratio_to_erpq")
for n, s in best.items(): print(f"{n},{s:.3f},{s / best['erpq']:.2f}")
PY
