#!/bin/sh
# An import that is killed (SIGKILL) while it writes leaves the company as it was. Usage: killed-import.sh ERPQ
set -eu
erpq=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "killed-import: $*"; echo "0 passed, 1 failed"; exit 1; }

company() { # folder, products, lines a product
  mkdir -p "$work/$1"
  echo '{"company_currency": "EUR", "company_tz": "UTC"}' >"$work/$1/meta.json"
  awk -v n="$2" -v m="$3" -v dir="$work/$1" 'BEGIN {
    p = dir "/products.csv"; o = dir "/sale_orders.csv"; l = dir "/sale_order_lines.csv"
    print "id,name,type,active,list_price,standard_price,qty_available,virtual_available" > p
    print "id,name,partner_id,state,date_order,currency,currency_rate" > o
    print "id,order_id,product_id,product_uom_qty,price_unit,discount" > l
    for (i = 1; i <= n; i++) print i ",P" i ",product,true,2,1,5,5" > p
    for (d = 1; d <= m; d++) printf "%d,S%d,1,sale,2025-%02d-%02d 12:00:00,EUR,1\n", d, d, 1 + int(d / 28) % 12, 1 + d % 28 > o
    for (i = 1; i <= n; i++) for (d = 1; d <= m; d++) print ++k "," d "," i ",1,2,0" > l
  }'
}

company small 10 20
company large 2000 300
db=$work/company.db
"$erpq" -w "$db" import csv "$work/small" >/dev/null 2>&1
ask() { "$erpq" -w "$db" --format csv -e 'sales | summarize n = count(), qty = sum(qty), last = max(date)'; }
before=$(ask)
[ "$(echo "$before" | tail -1 | cut -d, -f1)" = 200 ] || fail "the small company has: $before"

killed=0
for wait in 0.3 0.6 1 1.5 2; do
  "$erpq" -w "$db" import csv "$work/large" >/dev/null 2>&1 &
  pid=$!
  sleep "$wait"
  if kill -9 "$pid" 2>/dev/null; then
    killed=$((killed + 1))
    wait "$pid" 2>/dev/null || true
    now=$(ask)
    # A slow look may find the load already committed; then it must be there as a whole.
    case $(echo "$now" | tail -1 | cut -d, -f1) in
      200) [ "$now" = "$before" ] || fail "after the kill at $wait s: $now" ;;
      600000) break ;;
      *) fail "after the kill at $wait s there is half a load: $now" ;;
    esac
  else
    wait "$pid" || fail "the import failed by itself"
    break
  fi
done
[ "$killed" -gt 0 ] || fail "no import ran long enough to be killed"

# The next load is not in the way of what the killed ones left.
"$erpq" -w "$db" import csv "$work/large" >/dev/null 2>&1 || fail "a load after the kills fails"
[ "$(ask | tail -1 | cut -d, -f1)" = 600000 ] || fail "a load after the kills is not whole: $(ask)"
echo "1 passed, 0 failed"
