#!/bin/sh
# The prompt on a real terminal (tmux): prompt.sh ERPQ. Prints what fails; the last line is `N passed, N failed`.
# Without tmux nothing is run.
set -u
erpq=$(realpath "$1")
. "$(cd "$(dirname "$0")" && pwd)/lib/checks"
command -v tmux >/dev/null 2>&1 || { echo "0 passed, 0 failed"; exit 0; }
work=$(mktemp -d)
server=erpq-test-$$
export SWIFT_BACKTRACE=enable=no LC_ALL=C.UTF-8
unset DISPLAY WAYLAND_DISPLAY BROWSER VISUAL EDITOR ERPQ_EDIT_MODE NO_COLOR TMUX 2>/dev/null
term() { tmux -L "$server" -f /dev/null "$@"; }
trap 'term kill-server 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
XDG_DATA_HOME="${ERPQ_TEST_DATA:-$work/data}" "$erpq" -e 'products | limit 1' >/dev/null 2>&1
mkdir -p "$work/home/erpq"
for file in "${ERPQ_TEST_DATA:-$work/data}"/erpq/*; do
  case $file in *history*) ;; *) ln -s "$file" "$work/home/erpq/" ;; esac
done
screen() { term capture-pane -p -t "$1"; }
start() { # name, columns, rows, words before erpq
  term new-session -d -s "$1" -x "$2" -y "$3" "XDG_DATA_HOME=$work/home ERPQ_PAGER=off ${4:-} '$erpq'; echo left \$?; cat"
  shows "$1" "the prompt is there at $2 columns" 'erpq>'
}
keys() { name=$1; shift; term send-keys -t "$name" "$@"; }
type() { term send-keys -t "$1" -l "$2"; }
rests() { # name: waits until the last line is an empty prompt
  i=0
  while [ $i -lt 150 ]; do
    [ "$(screen "$1" | sed '/^$/d' | tail -1)" = "erpq>" ] && return
    sleep 0.1
    i=$((i + 1))
  done
}
run() { # name, statement: types it and waits for its end
  rests "$1"
  type "$1" "$2"
  keys "$1" Enter
  sleep 0.2
  rests "$1"
}
shows() { # name, title, text: waits until the screen holds it
  i=0
  while [ $i -lt 150 ]; do
    if screen "$1" | grep -qF -- "$3"; then ok; return; fi
    sleep 0.1
    i=$((i + 1))
  done
  bad "$2" "\"$3\" is not on the screen:" "$(screen "$1" | sed '/^$/d')"
}
hides() { # name, title, text
  if screen "$1" | grep -qF -- "$3"; then bad "$2" "\"$3\" is on the screen"; else ok; fi
}

# --- a first visit
start a 80 24
shows a "someone new is welcomed" 'New here?'
shows a "a first statement is proposed" 'erpq> forecast product 101 | plot'
keys a Right Enter
shows a "and one key takes it" 'Forecast: Corner Desk'

# --- an error's fix is one key away
keys a C-l
rests a
type a 'forecst product 101 | limit 1'
keys a Enter
shows a "the error is told" 'did you mean `forecast`?'
shows a "its fix is proposed" 'erpq> forecast product 101 | limit 1'
keys a M-Enter
keys a Enter
shows a "Alt-Enter takes it" 'of 11 columns'

# --- completion
keys a C-l
type a 'forecast product "Corner De'
keys a Tab
shows a "names of the company" 'erpq> forecast product "Corner Desk'
keys a C-u
type a 'sales category "Chai'
keys a Tab
shows a "categories" 'erpq> sales category "Chairs"'
keys a C-u
type a 'sales | summarize revenue = sum(amount) by category | sort revenu'
keys a Tab
shows a "columns that a stage before made" '| sort revenue'
keys a C-u
type a 'sales | where customer'
keys a Tab
keys a Tab
shows a "types and docs in the menu" 'field'
keys a C-u
type a ':rec'
keys a Tab
shows a "words of the prompt" 'erpq> :record'
keys a C-u

# --- what worked becomes a script, and a recording
keys a C-l
for statement in 'forecast product 102 | limit 1' 'forecast product 103 | limit 1' 'sales | limit 3' '| select amount' \
  'login password "hush"' ':save mine.erpq last 4'; do
  run a "$statement"
done
shows a "it is saved" 'saved mine.erpq'
is "the script runs" "$("$erpq" run mine.erpq >out 2>err; echo $?)" 0
is "the script holds" "$(tail -n +3 mine.erpq)" '## Also tried: 102.
param product = 103

forecast product $product | limit 1
sales
  | limit 3
  | select amount'
grep -q hush mine.erpq && is "no secret in it" yes no
keys a C-l
run a ':record mine.erps'
shows a "it records" 'recording; `:stop` writes mine.erps'
for statement in 'let n = 3' 'sales days 7 | summarize revenue = sum(amount) by category | top 2 by revenue' \
  '| limit 1' ':stop'; do
  run a "$statement"
done
shows a "the recording is written" 'recorded 3 statements'
is "and replays elsewhere" "$(env -i PATH="$PATH" TZ=Asia/Tokyo LC_ALL=C "$erpq" replay mine.erps --verify)" \
  "mine.erps: 3 runs, all the same"

# --- programs beside it
keys a C-l
run a ':!echo one; exit 3'
shows a "a command of the shell" 'exit code 3'
run a 'sales days 7 | summarize n = count() by category | plot'
shows a "a plot" 'Services'
run a ':open'
shows a "where the plot is" 'no browser was found; the plot is '
run a ':time'
run a 'products | limit 2'
shows a "the time" '2 rows in '
run a ':copy md'
shows a "the clipboard" 'copied 2 rows as md'
run a ':wat'
shows a "a word that is none" 'there is no `:wat`'

# --- Ctrl-C
keys a C-l
type a 'sales'
keys a C-c
shows a "Ctrl-C drops the line" 'sales^C'

# --- history: every prompt sees all, this one's own comes first
start b 40 24 TERM=screen
run b '1 + 41'
shows b "another prompt" '42'
run a '2 * 50'
shows a "the first prompt" '100'
keys a C-r
type a '41'
shows a "the search finds what another prompt ran" '1 + 41'
keys a C-g
keys b Up
shows b "what this prompt ran comes first" 'erpq> 1 + 41'
keys b C-u
run b 'history | where statement contains "*" | select statement, outcome'
shows b "the history is a source" '2 * 50'
run b 'history | where statement matches "^login" | limit 3'
shows b "a secret is not in it" '0 rows'
is "the history is its owner's" "$(ls -l home/erpq/history.db | cut -c1-10)" "-rw-------"
grep -q 'password "hush' home/erpq/history.db && is "no secret in the file" yes no

# --- resize, wide characters, many rows
term resize-window -t b -x 30 -y 12
keys b C-l
type b '"日本語 and a long text that wraps over more than one row of the screen"'
shows b "wide characters wrap" 'erpq> "日本語'
term resize-window -t b -x 100 -y 20
keys b Left
shows b "a resize draws it again" 'erpq> "日本語 and a long text that wraps over more than one row of the screen"'
keys b Enter
shows b "and runs it" '日本語 and a long text'

# --- editing in another program
start e 80 24 "EDITOR='sed -i s/10/20/'"
run e 'products | limit 10 | summarize n = count()'
shows e "ten" '10'
rests e
type e ':edit'
keys e Enter
shows e "what the editor left" 'erpq> products | limit 20 | summarize n = count()'
keys e Enter
shows e "runs" '20'
rests e
keys e C-d
shows e "Ctrl-D leaves with 0" 'left 0'

# --- vi's keys, and terminals that cannot draw
start v 200 24 ERPQ_EDIT_MODE=vi
type v 'products | limit 9'
keys v Escape
type v 's3 | select name'
keys v Enter
shows v "vi's keys" '3 rows'
start d 80 24 TERM=dumb
run d '6 * 7'
shows d "a dumb terminal" '42'
hides d "without colour or proposals" 'New here'

# --- a list below the line, and a window that changes its size under it
start m 80 24
type m 'stock status | where '
keys m Tab
keys m Tab
shows m "a list of what fits" 'functions; type a letter'
term resize-window -t m -x 40 -y 12
keys m d
shows m "a letter in a smaller window" 'erpq> stock status | where d'
keys m Tab
keys m Tab
shows m "and its list" 'days_cover'
term resize-window -t m -x 100 -y 30
sleep 0.3
# What had scrolled out of the small window comes back above; below the prompt nothing may be left of the list.
is "the prompt comes last" "$(screen m | grep -v '^ *$' | tail -1)" 'erpq> stock status | where d'
keys m C-c

# --- a paste of several lines is one text, run by Enter and not before
rests m
printf 'sales days 7\n  | summarize n = count() by category\n  | where n > 0\n  | summarize all = count()\n' >lines
term load-buffer -b lines lines
term paste-buffer -p -b lines -t m
shows m "the paste stands there" '  | summarize all = count()'
hides m "and has not run" '1 row'
keys m Enter
shows m "Enter runs all of it" '1 row'
keys m Up
shows m "and it is recalled whole" '  | where n > 0'
keys m C-c

# --- names of files behind what writes them
mkdir -p reports
keys m C-l
rests m
type m ':save repo'
keys m Tab
shows m "a folder" ':save reports/'
keys m C-u
type m 'products | export csv "rep'
keys m Tab
shows m "and within a statement" 'export csv "reports/'
keys m C-u
type m 'products | plot to "rep'
keys m Tab
shows m "behind to" 'plot to "reports/'
keys m C-u

# --- slips of someone who comes from another shell
keys m C-l
run m '\dt'
shows m "what lists the tables elsewhere" 'help commands'
type m 'sales limit 3'
keys m Enter
shows m "a stage without its bar" 'erpq> sales | limit 3'
keys m Right
keys m Enter
shows m "is one key away" '10 of 20 columns, :last shows all'
run m ':rows'
shows m "each row as a block" 'amount_doc'
rests m
type m 'exit'
keys m Enter
shows m "exit leaves" 'left 0'

# --- a param without a value is asked for
printf '## How many rows.\nparam n: int\nparam which: text\nproducts | limit $n | select name | summarize n = count()\n$which\n' >ask.erpq
term new-session -d -s q -x 80 -y 24 "XDG_DATA_HOME=$work/home '$erpq' ask.erpq; echo left \$?; cat"
shows q "the question" 'n: How many rows. (a whole number, such as 101)'
type q 'many'
keys q Enter
shows q "an answer that cannot be read" 'a whole number is expected'
type q '7'
keys q Enter
shows q "the next one" 'which: a text'
type q 'Desks and Chairs'
keys q Enter
shows q "the script runs" 'left 0'
shows q "with the text" 'Desks and Chairs'
is "nobody is asked without a terminal" "$("$erpq" ask.erpq </dev/null 2>&1 | head -1)" \
  'error[E0410]: the parameter `n` has no value'
term new-session -d -s p -x 80 -y 24 "XDG_DATA_HOME=$work/home '$erpq' ask.erpq; echo left \$?; cat"
shows p "another run asks again" 'n: How many rows.'
keys p C-c
shows p "Ctrl-C ends it" 'left 130'

# --- killed, the terminal is as it was
term new-session -d -s k -x 80 -y 24 "stty -a >before; XDG_DATA_HOME=$work/home '$erpq'; stty -a >after; echo left; cat"
shows k "a prompt" 'erpq>'
type k 'sales | wh'
sleep 0.3
child=$(term list-panes -t k -F '#{pane_pid}')
kill -TERM "$(ps -o pid= --ppid "$child" | head -1)"
shows k "it is killed" 'left'
is "the terminal is as it was" "$(cat after)" "$(cat before)"

# --- keys that mean nothing leave a prompt that works, and a terminal as it was
term new-session -d -s r -x 60 -y 16 \
  "stty -a >before; XDG_DATA_HOME=$work/home ERPQ_PAGER=off '$erpq'; echo left \$?; stty -a >after; cat"
shows r "a prompt" 'erpq>'
awk 'BEGIN { srand(7); for (i = 0; i < 10000; i++) { k = int(rand() * 24)
  printf "%s", k == 0 ? "\t" : k == 1 ? "\033[A" : k == 2 ? "\033[D" : k == 3 ? "\x12" : k == 4 ? "\x07" : \
    k == 5 ? "\x15" : k == 6 ? "\033[B" : k == 7 ? "\177" : k == 8 ? "\x0b" : k == 9 ? "\033" : \
    k == 10 ? "\r" : k == 11 ? "\033[C" : k == 12 ? "日" : k == 13 ? "|" : \
    sprintf("%c", 33 + int(rand() * 93)) } }' | tr -d ':!\\.' >noise
# In pieces, so that most of them are drawn.
split -b 300 noise piece.
n=0
for piece in piece.*; do
  term load-buffer -b noise "$piece"
  term paste-buffer -r -b noise -t r
  n=$((n + 1))
  [ $((n % 8)) -eq 0 ] && term resize-window -t r -x $((30 + n % 5 * 20)) -y $((8 + n % 4 * 6))
  sleep 0.05
done
# All of them have been read once the screen stays as it is.
before=
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  sleep 1
  now=$(screen r)
  [ "$now" = "$before" ] && break
  before=$now
done
keys r C-g
keys r C-c
sleep 0.2
keys r C-l
rests r
run r '6 * 7'
shows r "after 10,000 keys without meaning" '42'
keys r C-u
keys r C-d
shows r "and it leaves" 'left 0'
sleep 0.3
is "with the terminal as it was" "$(cat after | sed 's/rows [0-9]*; columns [0-9]*;//')" \
  "$(cat before | sed 's/rows [0-9]*; columns [0-9]*;//')"

tally
[ "$failed" -eq 0 ]
