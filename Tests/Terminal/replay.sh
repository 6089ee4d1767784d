#!/bin/sh
# A recorded session gives the same anywhere: replay.sh ERPQ. Prints what fails; the last line is
# `N passed, N failed`.
set -u
erpq=$(realpath "$1")
. "$(cd "$(dirname "$0")" && pwd)/lib/checks"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export XDG_DATA_HOME="${ERPQ_TEST_DATA:-$work/data}" SWIFT_BACKTRACE=enable=no LC_ALL=C.UTF-8 TZ=UTC


printf 'order,qty,price\nA1,1,2.5\nA2,3,4\n' >orders.csv
mkdir lib
echo 'def dear(over = 100) { | where price > $over }' >lib/own.erpq
cat >weekly.erpq <<'SCRIPT'
# What a week looks like.
import "lib/own.erpq"
param window: duration = 30d
let desks = products category "Desks"
sales days $window category "Desks" | summarize revenue = sum(amount) by product | top 3 by revenue
$desks | dear over 400 | select product, name, price
read "orders.csv" | extend amount = qty * price | export csv "amounts.csv"
forecast product "Corner Desk" horizon 14 | plot
sales | select product, date, qty, amount
products | sample 3
replenish | limit 3
segment matrix
now
today
SCRIPT
"$erpq" run weekly.erpq --record weekly.erps --set window=60d >first 2>err
is "a run is recorded" $? 0
holds "where it went is told" err 'recorded weekly.erps; `erpq replay weekly.erps` runs it again'
for text in "erpq recording 1" "  60d" "> read \"orders.csv\"" "table of 3 rows"; do
  holds "a recording can be read: $text" weekly.erps "$text"
done

# --- nothing of what it was made from is needed: no company, no files, no home
mkdir elsewhere
for place in "UTC C.UTF-8" "Asia/Kathmandu tr_TR.UTF-8" "America/St_Johns de_DE.UTF-8" "Pacific/Apia ar_EG.UTF-8"; do
  zone=${place% *}
  (cd elsewhere && env -i PATH="$PATH" TZ="$zone" LC_ALL="${place#* }" SWIFT_BACKTRACE=enable=no \
    XDG_DATA_HOME=/nonexistent HOME=/nonexistent "$erpq" replay ../weekly.erps >../again 2>../err)
  is "it replays in $place" $? 0
  is "the same bytes in $place" "$(cksum <again)" "$(cksum <first)"
done
is "it writes no files" "$(ls elsewhere)" ""
(cd elsewhere && env -i PATH="$PATH" TZ=Asia/Tokyo LC_ALL=C SWIFT_BACKTRACE=enable=no "$erpq" replay ../weekly.erps \
  --verify >../out 2>../err)
is "it verifies where there is no Unicode" $? 0
is "what verifying says" "$(cat out)" "../weekly.erps: 1 run, all the same"

# --- what differs is shown
sed 's/^  value date .*/  value date 1999-01-01/' weekly.erps >changed.erps
"$erpq" replay changed.erps --verify >out 2>err
is "a difference is exit code 6" $? 6
is "nothing of it on standard output" "$(cat out)" ""
holds "what was" err "- value date 1999-01-01"
holds "what is" err "+ value date 2026-07-01"
holds "which statement" err "> today"
"$erpq" replay changed.erps --accept 2>err
is "what is can be accepted" $? 0
is "and is then as recorded" "$(cksum <changed.erps)" "$(cksum <weekly.erps)"
# The last digits of a number do not count, the twelfth does.
"$erpq" -e '0.1 + 0.2' --record sum.erps >/dev/null 2>&1
sed 's/value number 0.3$/value number 0.300000000001/' sum.erps >near.erps
"$erpq" replay sum.erps --verify >out 2>&1
is "0.1 + 0.2 is 0.3" $? 0
"$erpq" replay near.erps --verify >out 2>&1
is "0.300000000001 is not" $? 6

# --- a run that fails is recorded as well
printf 'sales days 7 | summarize n = count() | assert n < 0\n' >fails.erpq
"$erpq" run fails.erpq --record fails.erps >out 2>err
is "a failed run keeps its exit code" $? 1
"$erpq" replay fails.erps --verify >out 2>err
is "and replays" $? 0

# --- recordings that are none
head -c 4000 weekly.erps >cut.erps
"$erpq" replay cut.erps >out 2>err
is "a recording that is cut off" $? 4
holds "is told" err "cut.erps is no recording of erpq that can be read"
"$erpq" replay weekly.erpq >out 2>err
is "a script is no recording" $? 4
"$erpq" replay nothing.erps >out 2>err
is "there is no such file" $? 2
"$erpq" run weekly.erpq fails.erpq --record two.erps >out 2>err
is "two scripts cannot be one recording" $? 2
"$erpq" run weekly.erpq --record ../outside.erps >out 2>err
is "a recording is written below --files" $? 4

# --- the history of a prompt that is no terminal stays empty
echo 'products | limit 1' | XDG_DATA_HOME=$work/own "$erpq" >out 2>err
is "a piped session keeps no history" "$(ls "$work/own/erpq" 2>/dev/null | grep -c history)" 0

tally
[ "$failed" -eq 0 ]
