#!/bin/sh
# Races the reading of Odoo's answers against Python's readers: run.sh ERPQ_BENCH_ODOO [RECORDS] [RUNS].
# Needs python3 with orjson. 85,000 records make 50 MB of XML.
set -eu
bench=$1
records=${2:-85000}
runs=${3:-3}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$here/peers.py" make "$work" "$records"
for kind in json xml; do
  echo "erpq   $("$bench" "$kind" "$work/page.$kind" "$runs")"
  echo "python $(python3 "$here/peers.py" "$kind" "$work/page.$kind" "$runs")"
done
