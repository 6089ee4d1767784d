#!/bin/sh
# `run --watch` runs again whenever a script changes: watch.sh ERPQ. Prints what fails; the last line is
# `N passed, N failed`.
set -u
erpq=$1
work=$(mktemp -d)
child=
trap '[ -n "$child" ] && kill -9 "$child" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
export XDG_DATA_HOME="${ERPQ_TEST_DATA:-$work/data}" SWIFT_BACKTRACE=enable=no LC_ALL=C.UTF-8
passed=0
failed=0
holds() { # title, file, text: waits until the file holds it
  i=0
  while [ $i -lt 150 ]; do
    if grep -qF -- "$3" "$2" 2>/dev/null; then passed=$((passed + 1)); return; fi
    sleep 0.1
    i=$((i + 1))
  done
  failed=$((failed + 1))
  printf 'FAILED %s\n  "%s" is not in %s:\n' "$1" "$3" "$2"
  tail -8 "$2" | sed 's/^/    /'
}
is() { # title, found, expected
  if [ "$2" = "$3" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    printf 'FAILED %s\n  found    %s\n  expected %s\n' "$1" "$2" "$3"
  fi
}

echo '40 + 2' >a.erpq
"$erpq" run --watch a.erpq >out 2>err &
child=$!
holds "it runs" out 42
holds "and tells that it waits" err 'ok; watching a.erpq, Ctrl-C ends'
echo '40 + 3' >a.erpq
holds "a change runs it again" out 43
echo '40 + ' >a.erpq
holds "a mistake is told" err 'error[E0108]'
holds "with its exit code, and it goes on" err 'exit code 3; watching a.erpq'
rm a.erpq
holds "a script that is gone is told" err 'the script a.erpq does not exist'
# As editors write: another file takes its place.
echo '40 + 4' >new && mv new a.erpq
holds "and is run when it is there again" out 44
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

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
