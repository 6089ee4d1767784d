#!/bin/bash
# Forecasts every demand set by `erpq forecast-file` and scores it: the table of docs/forecasting.md.
#   FORECASTING_DATA=DIR Benchmarks/forecast/run.sh [dev|holdout]
# DIR holds data/ and score.py. ERPQ names the binary (a release build by default), PYTHON a Python with pandas,
# SETS the sets, OUT a folder to keep the forecasts in.
set -euo pipefail
: "${FORECASTING_DATA:?name the folder that holds data/ and score.py}"
here=$(cd "$(dirname "$0")" && pwd)
split=${1:-dev}
erpq=${ERPQ:-$here/../../.build-release/release/erpq}
python=${PYTHON:-python3}
sets=${SETS:-online_retail pasta pasta_gift nn5 carparts m4_weekly}
keep=${OUT:-}
out=${OUT:-$(mktemp -d)}
mkdir -p "$out"
[ -n "$keep" ] || trap 'rm -r "$out"' EXIT
data=$FORECASTING_DATA/data
printf '| set | series | RMSSE | wQL | 95 %% holds | 80 %% holds | bias | MASE | CPU s / 1,000 series, file to file |\n'
printf '|---|---|---|---|---|---|---|---|---|\n'
for set in $sets; do
  case $set in
    online_retail) options="--freq D --horizon 28" ;;
    pasta) options="--freq D --horizon 28 --promotions $data/pasta.promotions.csv.gz" ;;
    pasta_gift) options="--freq D --horizon 30 --promotions $data/pasta.promotions.csv.gz" ;;
    nn5) options="--freq D --horizon 56" ;;
    carparts | raf) options="--freq M --horizon 12" ;;
    m4_weekly | walmart_weekly) options="--freq W --horizon 13" ;;
    *) echo "there is no set $set" >&2; exit 2 ;;
  esac
  TIMEFORMAT='%U %S'
  cpu=$({ time "$erpq" forecast-file "$data/$set.$split.train.csv.gz" $options --out "$out/$set.csv" \
    2> "$out/$set.log"; } 2>&1) || { cat "$out/$set.log" >&2; exit 1; }
  "$python" "$FORECASTING_DATA/score.py" "$set" "$split" "$out/$set.csv" --json |
    "$python" -c '
import json, sys
r, name, cpu = json.load(sys.stdin), sys.argv[1], sum(map(float, sys.argv[2].split()))
if r["missing"]: sys.exit("%s: %d rows are missing" % (name, r["missing"]))
print("| %s | %d | %.3f | %.3f | %.3f | %.3f | %+.3f | %.3f | %.2f |" % (name, r["series"], r["rmsse"], r["wql"],
  r["cov95"], r["cov80"], r["bias"], r["mase"], cpu * 1000 / r["series"]))' "$set" "$cpu"
done
