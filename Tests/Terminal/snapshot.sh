#!/bin/sh
# A named state of a company file is read as it was while the company goes on. Usage: snapshot.sh ERPQ
set -eu
erpq=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "snapshot: $*"; echo "0 passed, 1 failed"; exit 1; }
db=$work/company.db
here=$(cd "$(dirname "$0")" && pwd)
"$erpq" -w "$db" import csv "$here/../ErpqAnalyticsTests/Fixtures/S" >/dev/null 2>&1
"$erpq" -w "$db" snapshot whole >/dev/null 2>&1 || fail "it cannot be made"
mkdir "$work/small"
echo '{"company_currency": "EUR"}' >"$work/small/meta.json"
printf 'id,name,type,active\n1,Desk,product,true\n' >"$work/small/products.csv"
"$erpq" -w "$db" import csv "$work/small" >/dev/null 2>&1
count() { "$erpq" -w "$db" "$@" --format csv -e 'products | summarize n = count()' | tail -1; }
[ "$(count)" = 1 ] || fail "the company has $(count) products after the second import"
[ "$(count --as-of whole)" = 40 ] || fail "the snapshot has $(count --as-of whole) products"
"$erpq" -w "$db" snapshot --format csv | grep -q '^whole,' || fail "it is not listed"
status=0
"$erpq" -w "$db" snapshot whole >"$work/log" 2>&1 || status=$?
[ $status = 4 ] && grep -q 'never overwritten' "$work/log" || fail "it can be made twice ($status)"
status=0
"$erpq" -w "$db" --as-of whoel -e products >"$work/log" 2>&1 || status=$?
[ $status = 4 ] && grep -q 'Did you mean whole?' "$work/log" || fail "no near name is told ($status): $(cat "$work/log")"
case $(ls -l "$db.snapshots/whole.db") in -rw-------*) ;; *) fail "others may read it" ;; esac
echo "1 passed, 0 failed"
