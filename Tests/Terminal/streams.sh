#!/bin/sh
# Streams, signals and large inputs over the real binary: streams.sh ERPQ. Prints what fails; the last line is
# `N passed, N failed`.
set -u
erpq=$(realpath "$1")
. "$(cd "$(dirname "$0")" && pwd)/lib/checks"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export XDG_DATA_HOME="${ERPQ_TEST_DATA:-$work/data}" SWIFT_BACKTRACE=enable=no LC_ALL=C.UTF-8


# The demo company is made once, so that no time below holds its making.
"$erpq" -e 'products | limit 1' >/dev/null 2>&1

# --- a reader that goes away
for format in table csv json jsonl md html; do
  { "$erpq" --format $format -e sales 2>err; echo $? >code; } | head -1 >/dev/null
  is "head ends the output: $format" "$(cat code)" 0
  is_empty "head ends the output quietly: $format" err
done

# --- an output that cannot be written
"$erpq" -e products >/dev/full 2>err
is "a full disk is exit 4" $? 4
holds "a full disk is told" err "No space left on device"
"$erpq" --help >/dev/full 2>err
is "help on a full disk" $? 4
"$erpq" -e products >&- 2>err
is "a closed standard output" $? 4
"$erpq" -e 'products | limit 1' 2>&- >out
is "a closed standard error" $? 0
"$erpq" -e '1 + 1' <&- >out 2>err
is "a closed standard input, and a statement" "$?$(cat out)" 02
"$erpq" <&- >out 2>err
is "a closed standard input, and a prompt" $? 0
for arguments in "" "run -" "check -" "fmt -"; do
  "$erpq" $arguments <. >out 2>err
  is "a folder as standard input: erpq $arguments" $? 2
  holds "a folder as standard input is told: erpq $arguments" err "standard input cannot be read"
done
"$erpq" run - <&- >out 2>err
is "a closed standard input, and a script" $? 0

# --- statements from a pipe
printf '1 + 1\n' | "$erpq" >out 2>err
is "a pipe holds a statement" "$?$(cat out)" 02
printf '1 + 1' | "$erpq" >out 2>err
is "a last line without an end" "$?$(cat out)" 02
printf '' | "$erpq" >out 2>err
is "an empty pipe" "$?$(cat out)" 0
printf '1\nnothing here\n3\n' | "$erpq" >out 2>err
is "a mistake in a pipe ends it with 3" "$?$(cat out)" 31
holds "the mistake is told at its line" err "stdin:2:1"
printf '1\nforecast product 999999\n3\n' | "$erpq" >out 2>err
is "a statement that fails in a pipe ends it with 4" "$?$(cat out)" 41
printf 'products\n\n# a comment\n| limit 1\n  | select product\n' | "$erpq" --format csv >out 2>err
is "lines that begin with | continue" "$(tr '\n' ' ' <out)" "product 101 "
{ printf '1\n'; sleep 0.3; printf '2\n'; } | "$erpq" >out 2>err
is "a slow pipe" "$(tr '\n' ' ' <out)" "1 2 "
printf '1 + \\\n' | "$erpq" >out 2>err
is "a broken last line" $? 3

# --- signals
interrupt() { # title, signal, statement, milliseconds at most
  "$erpq" -e "$3" >out 2>err &
  pid=$!
  sleep 0.5
  begun=$(milliseconds)
  if kill "-$2" $pid 2>/dev/null; then
    wait $pid
    code=$?
    took=$(($(milliseconds) - begun))
    is "$1: exit code" $code 130
    holds "$1: is told" err "interrupted"
    [ $took -le "$4" ] || is "$1: milliseconds" $took "at most $4"
  else
    wait $pid
    is "$1" "over before the signal" "running"
  fi
}
limit=${ERPQ_INTERRUPT_MS:-500}
interrupt "Ctrl-C during a forecast" INT 'forecast horizon 3650' "$limit"
interrupt "SIGTERM during a forecast" TERM 'forecast horizon 3650' "$limit"
interrupt "Ctrl-C during a join" INT 'sales | join sales on product = product | summarize n = count()' "$limit"
"$erpq" -e 'sales | join sales on product = product | export csv "big.csv"' >/dev/null 2>err &
pid=$!
sleep 0.5
kill -INT $pid 2>/dev/null
wait $pid
is "an interrupted export leaves nothing" "$(ls -A | grep -c 'big.csv\|tmp')" 0

# --- a load that is stopped
awk 'BEGIN { print "order,product,date,qty,price"; for (i = 1; i <= 300; i++) print i ",P" i % 7 ",2025-01-" sprintf("%02d", i % 28 + 1) ",2,1.50" }' >small.csv
awk 'BEGIN { print "order,product,date,qty,price"; for (i = 1; i <= 1500000; i++) print i ",P" i % 500 ",2025-03-" sprintf("%02d", i % 28 + 1) ",2,1.50" }' >large.csv
"$erpq" -w shop.db import csv small.csv --as sales >/dev/null 2>&1
for signal in INT KILL; do
  "$erpq" -w shop.db import csv large.csv --as sales >/dev/null 2>err &
  pid=$!
  sleep 0.3
  kill -$signal $pid 2>/dev/null
  wait $pid 2>/dev/null
  code=$?
  [ $signal = INT ] && is "a load that is interrupted" $code 130
  is "the company after SIG$signal during a load" "$("$erpq" -w shop.db --format csv -e 'sales | summarize n = count()' | tail -1)" 300
done
"$erpq" -w new.db import csv large.csv --as sales >/dev/null 2>err &
pid=$!
sleep 0.3
kill -INT $pid 2>/dev/null
wait $pid
is "an interrupted first load leaves no company" "$(ls | grep -c '^new.db')" 0

# --- large and deep inputs
awk 'BEGIN { printf "products where name = \""; for (i = 0; i < 1000000; i++) printf "a"; print "\" | summarize n = count()" }' >line.erpq
is "a line of a megabyte" "$("$erpq" --format csv line.erpq 2>&1 | tail -1)" 0
deep() { # title, what opens, what closes, how often
  awk -v a="$2" -v b="$3" -v n="$4" 'BEGIN { printf "products | select x = "; for (i = 0; i < n; i++) printf "%s", a; printf "1"; for (i = 0; i < n; i++) printf "%s", b; print " | limit 1" }' >deep.erpq
  "$erpq" deep.erpq >out 2>err
  is "$1: exit code" $? 3
  holds "$1: is told" err "E0109"
}
deep "10,000 brackets" "(" ")" 10000
deep "10,000 lists" "[" "]" 10000
deep "10,000 signs" "-" "" 10000
deep "10,000 negations" "not " "" 10000
deep "10,000 conditions" "if true then 1 else " "" 10000
deep "100,000 sums" "1 + " "" 100000
deep "100,000 sums and a bracket" "(1) * " "" 100000
deep "10,000 defaults" "1 ?? " "" 10000
awk 'BEGIN { printf "products"; for (i = 0; i < 5000; i++) printf " | limit 3"; print " | summarize n = count()" }' >stages.erpq
is "5,000 stages" "$("$erpq" --format csv stages.erpq 2>&1 | tail -1)" 3
awk 'BEGIN { printf "products"; for (i = 0; i < 5000; i++) printf " | union (products"; for (i = 0; i < 5000; i++) printf ")"; print "" }' >union.erpq
"$erpq" union.erpq >out 2>err
is "5,000 queries in one another" $? 3
awk 'BEGIN { printf "products where product in ["; for (i = 0; i < 50000; i++) printf "%d, ", i; print "1] | summarize n = count()" }' >list.erpq
is "a list of 50,000 ids" "$("$erpq" --format csv list.erpq 2>&1 | tail -1)" 302
"$erpq" fmt line.erpq >out 2>err
"$erpq" fmt --check line.erpq >out 2>err
is "a line of a megabyte is formatted" $? 0

# --- company files
"$erpq" -w shop.db -e 'sales | limit 1' >/dev/null 2>&1
cp shop.db cut.db
size=$(wc -c <cut.db)
dd if=shop.db of=cut.db bs=4096 count=$((size / 8192)) 2>/dev/null
"$erpq" -w cut.db -e products >out 2>err
is "a company file that is cut off" $? 4
holds "a company file that is cut off is told" err "is cut off"
cp shop.db newer.db
printf '\000\000\000\143' | dd of=newer.db bs=1 seek=60 conv=notrunc 2>/dev/null
"$erpq" -w newer.db -e products >out 2>err
is "a company file of a newer erpq" $? 4
holds "a company file of a newer erpq is told" err "newer"
cp shop.db bytes.db
"$erpq" --read-only -w bytes.db -e 'sales | summarize n = count()' >out 2>err
is "a company file read-only" $? 0
cmp -s shop.db bytes.db
is "a read-only run changes no byte" $? 0

# --- generated files
for shell in bash zsh fish; do
  "$erpq" --generate-completion-script $shell >completion.$shell 2>err
  is "completions for $shell" "$?$([ "$(wc -l <completion.$shell)" -gt 50 ] && echo many)" 0many
done
bash -n completion.bash 2>err
is "bash reads its completions" $? 0
"$erpq" man >erpq.1
if command -v groff >/dev/null 2>&1; then
  groff -Kutf8 -man -Tutf8 -ww erpq.1 >out 2>err
  is "groff reads the man page" "$?$(cat err)" 0
fi
printf '#!/usr/bin/env erpq\n1 + 1\n' >script
chmod +x script
ln -s "$erpq" erpq
is "a script is a program" "$(PATH=$work:$PATH ./script 2>&1)" 2

# --- how fast it starts
best=9999
for i in 1 2 3 4 5; do
  begun=$(milliseconds)
  "$erpq" --version >/dev/null
  "$erpq" --help >/dev/null
  took=$((($(milliseconds) - begun) / 2))
  [ $took -lt $best ] && best=$took
done
[ $best -le "${ERPQ_START_MS:-60}" ] && passed=$((passed + 1)) || is "milliseconds to start" $best "at most ${ERPQ_START_MS:-60}"

tally
[ $failed -eq 0 ]
