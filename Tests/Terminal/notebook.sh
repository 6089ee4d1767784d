#!/bin/sh
# A watched notebook is made again when it is saved; the language server answers over real pipes. Usage: notebook.sh ERPQ
set -eu
erpq=$(realpath "$1")
work=$(mktemp -d)
pid=
trap '[ -n "$pid" ] && kill -9 $pid 2>/dev/null; rm -rf "$work"' EXIT
passed=0
fail() { echo "notebook: $*"; echo "$passed passed, 1 failed"; exit 1; }
await() { # WHAT, command…: within twenty seconds
  what=$1
  shift
  for _ in $(seq 200); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  fail "$what"
}

printf '# Sums\n\n```erpq\nlet a = 20\n```\n\n```erpq\n$a + 1\n```\n\n```erpq\n"still"\n```\n' >"$work/n.erpq.md"
cd "$work"
"$erpq" notebook run n.erpq.md --out n.html --watch >log 2>&1 &
pid=$!
await "no page is written" grep -q '>21<' n.html
sed 's/= 20/= 40/' n.erpq.md >new && mv new n.erpq.md
await "the page is not made again" grep -q '>41<' n.html
await "it does not say what was stale" grep -q '2 of 3 cells stale' log
printf '```erpq\n1 +\n' >n.erpq.md
await "a mistake is not told" grep -q 'exit code 3' log
kill -INT $pid
status=0
wait $pid || status=$?
pid=
[ $status = 130 ] || fail "Ctrl-C ends it with $status"
passed=1

message() { printf 'Content-Length: %d\r\n\r\n%s' "$(printf %s "$1" | wc -c)" "$1"; }
{
  message '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
  message '{"jsonrpc":"2.0","method":"initialized","params":{}}'
  message '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.erpq","languageId":"erpq","version":1,"text":"read \"/dev/stdin\" | limt 3"}}}'
  message '{"jsonrpc":"2.0","id":2,"method":"textDocument/completion","params":{"textDocument":{"uri":"file:///a.erpq"},"position":{"line":0,"character":20}}}'
  # What is wrong is told when nothing else waits.
  sleep 2
  message '{"jsonrpc":"2.0","id":3,"method":"shutdown","params":null}'
  message '{"jsonrpc":"2.0","method":"exit","params":null}'
} | "$erpq" lsp >answers 2>errors || fail "the server ends with $?"
grep -q '"utf-16"' answers || fail "no capabilities"
grep -q 'E0202' answers || fail "no problems: $(cat answers)"
grep -q '"id":3' answers || fail "a script that reads standard input took the messages"
[ -s errors ] && fail "it writes to standard error: $(cat errors)"
passed=2
echo "2 passed, 0 failed"
