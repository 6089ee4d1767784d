#!/bin/sh
# `run --watch` runs again whenever a script changes: watch.sh ERPQ. Prints what fails; the last line is
# `N passed, N failed`.
set -u
erpq=$(realpath "$1")
. "$(cd "$(dirname "$0")" && pwd)/lib/checks"
work=$(mktemp -d)
child=
trap '[ -n "$child" ] && kill -9 "$child" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
export XDG_DATA_HOME="${ERPQ_TEST_DATA:-$work/data}" SWIFT_BACKTRACE=enable=no LC_ALL=C.UTF-8
comes() { # title, file, text: waits until the file holds it
  i=0
  while [ $i -lt 150 ]; do
    if grep -qF -- "$3" "$2" 2>/dev/null; then ok; return; fi
    sleep 0.1
    i=$((i + 1))
  done
  bad "$1" "\"$3\" is not in $2:" "$(tail -8 "$2")"
}

echo '40 + 2' >a.erpq
"$erpq" run --watch a.erpq >out 2>err &
child=$!
comes "it runs" out 42
comes "and tells that it waits" err 'ok; watching a.erpq, Ctrl-C ends'
echo '40 + 3' >a.erpq
comes "a change runs it again" out 43
echo '40 + ' >a.erpq
comes "a mistake is told" err 'error[E0108]'
comes "with its exit code, and it goes on" err 'exit code 3; watching a.erpq'
rm a.erpq
comes "a script that is gone is told" err 'the script a.erpq does not exist'
# As editors write: another file takes its place.
echo '40 + 4' >new && mv new a.erpq
comes "and is run when it is there again" out 44
sleep 0.3
kill -INT "$child"
wait "$child"
is "Ctrl-C ends it" $? 130
child=
is "a run a change" "$(grep -c . out)" 3

"$erpq" run --watch - >out 2>err </dev/null
is "standard input cannot be watched" $? 2
"$erpq" run --watch -e 1 >out 2>err </dev/null
is "a statement cannot be watched" $? 2

tally
[ "$failed" -eq 0 ]
