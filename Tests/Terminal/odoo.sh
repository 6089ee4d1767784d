#!/bin/sh
# A newcomer's way to a server, on a simulated one: demo-odoo, connect, sync, a forecast; a sync that is killed; two at
# once; and the questions of `connect` on a real terminal (tmux). Usage: odoo.sh ERPQ
set -u
erpq=$(realpath "$1")
. "$(cd "$(dirname "$0")" && pwd)/lib/checks"
work=$(mktemp -d)
server=erpq-odoo-$$
export SWIFT_BACKTRACE=enable=no LC_ALL=C.UTF-8 ERPQ_PAGER=off
unset ODOO_URL ODOO_DB ODOO_USERNAME ODOO_PASSWORD ODOO_API_KEY ERPQ_CONFIG NO_COLOR TMUX 2>/dev/null
key=d0e1d2e3d4e5d6e7d8e9d0e1d2e3d4e5d6e7d8e9
odoo=
trap '[ -n "$odoo" ] && kill "$odoo" 2>/dev/null; tmux -L "$server" kill-server 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
exits() { # title, found, expected, file
  if [ "$2" = "$3" ]; then ok; else bad "$1: exit $2, expected $3" "$(cat "$4")"; fi
}

XDG_DATA_HOME="${ERPQ_TEST_DATA:-$work/demo}" "$erpq" demo-odoo --port 0 --since 2026-01-01 >odoo.log 2>&1 &
odoo=$!
i=0
while ! grep -q 'API key' odoo.log && [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done
url=$(sed -n 's/^ *URL *//p' odoo.log)
[ -n "$url" ] || { bad "demo-odoo starts" "$(cat odoo.log)"; tally; exit 1; }

# --- as a newcomer would, without a terminal
export XDG_DATA_HOME="$work/data" XDG_CONFIG_HOME="$work/config"
ODOO_API_KEY=$key "$erpq" connect --url "$url" --database demo >out 2>&1
exits "connect" $? 0 out
holds "the server is shown" out 'Odoo 19.0'
holds "the next step is named" out 'next: erpq sync'
export ODOO_API_KEY=$key
"$erpq" sync >out 2>&1
exits "sync" $? 0 out
holds "lines are counted" out 'sale.order.line'
"$erpq" -e 'forecast product 101 horizon 30 | plot' >out 2>&1
exits "a forecast of what was read" $? 0 out
holds "and its picture" out 'Corner Desk'
"$erpq" health >out 2>&1
exits "health" $? 0 out
holds "health sees orders" out 'sees sale orders'
"$erpq" doctor >out 2>&1
holds "doctor" out 'DQ.NO_COST'
whole=$("$erpq" --format csv -e 'sales | summarize n = count(), qty = sum(qty), amount = round(sum(amount), 2)' 2>&1)

# --- killed while it reads, and gone on with
for wait in 0.2 0.5 0.9 1.4; do
  "$erpq" -w "$work/killed.db" sync --page-size 500 >out 2>&1 &
  pid=$!
  sleep "$wait"
  kill -9 "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
done
"$erpq" -w "$work/killed.db" sync --page-size 500 >out 2>&1
exits "a sync after four killed ones" $? 0 out
now=$("$erpq" -w "$work/killed.db" --format csv \
  -e 'sales | summarize n = count(), qty = sum(qty), amount = round(sum(amount), 2)' 2>&1)
if [ "$now" = "$whole" ]; then ok; else bad "nothing is lost or doubled" "$now" "$whole"; fi

# --- two at once
"$erpq" -w "$work/two.db" sync --page-size 200 >first 2>&1 &
pid=$!
i=0
while [ ! -e "$work/two.db-sync" ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i + 1)); done
"$erpq" -w "$work/two.db" sync >out 2>&1
exits "a second sync at once" $? 4 out
holds "who holds the file" out "Another sync of"
wait "$pid"
exits "the first one goes on" $? 0 first

# --- what is wrong is said
ODOO_API_KEY=ffffffffffffffffffffffffffffffffffffffff "$erpq" sync >out 2>&1
exits "a key that is refused" $? 5 out
holds "is told as such" out 'refuses the API key'
ODOO_API_KEY=$key "$erpq" connect --name x --url "$url" --database demmo >out 2>&1
exits "a database that is not there" $? 5 out
holds "and the one that is meant" out 'demmo'
"$erpq" connect --name x --url http://127.0.0.1:9 >out 2>&1
holds "nothing answers" out 'Nothing answers at http://127.0.0.1:9'
"$erpq" connect --name x --url http://no-such-host.invalid >out 2>&1
holds "no such host" out 'no-such-host.invalid'
if grep -rq "$key" config data; then bad "the key is in a file" "$(grep -rl "$key" config data)"; else ok; fi
unset ODOO_API_KEY

# --- the questions on a terminal
if command -v tmux >/dev/null 2>&1; then
  term() { tmux -L "$server" -f /dev/null "$@"; }
  screen() { term capture-pane -p -J -t w; }
  shows() { # title, text
    i=0
    while [ $i -lt 150 ]; do
      if screen | grep -qF -- "$2"; then ok; return; fi
      sleep 0.1
      i=$((i + 1))
    done
    bad "$1" "\"$2\" is not on the screen:" "$(screen | sed '/^$/d')"
  }
  answer() { term send-keys -t w -l -- "$1"; term send-keys -t w Enter; }
  turn=0
  connect() { # what is typed must not look like what is waited for
    turn=$((turn + 1))
    answer "clear; echo tu''rn$turn; '$erpq' connect --name wizard; echo le''ft \$?"
    shows "it begins" "turn$turn"
  }
  term new-session -d -s w -x 110 -y 40 "XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config sh"
  connect
  shows "the URL is asked for" 'URL of the server'
  answer "$url/web#action=1"
  shows "the database" 'Database'
  answer demo
  shows "the login" 'Login'
  answer admin
  shows "the secret" 'API key or password'
  answer wrong-password
  shows "what is wrong" 'knows no user "admin" with this password'
  shows "and it is asked again" 'Login [admin]'
  answer ''
  sleep 0.5
  if screen | grep -q 'wrong-password'; then bad "a password is on the screen"; else ok; fi
  answer "$key"
  shows "signed in" 'Mitchell Admin'
  shows "the end" 'left 0'
  if screen | grep -q "$key"; then bad "the key is on the screen"; else ok; fi
  [ "$(stat -c %a "$work/config/erpq/secrets/wizard" 2>/dev/null)" = 600 ] && ok || bad "the key's file is private"
  # Again: what is known is proposed.
  connect
  shows "the URL is proposed" "URL of the server [$url]"
  answer ''
  answer ''
  answer ''
  answer ''
  shows "and taken" 'left 0'
  # Ctrl-C leaves without a word too many.
  connect
  shows "asked again" 'URL of the server'
  term send-keys -t w C-c
  shows "Ctrl-C ends it" 'left 130'
fi
tally
