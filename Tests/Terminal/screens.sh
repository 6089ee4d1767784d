#!/bin/sh
# What the terminal shows, over the real binary, at widths of 40, 80 and 200 columns, with and without colours and
# UTF-8: screens.sh ERPQ [--update]. Each screen is a file of screens/; the last line is `N passed, N failed`.
set -u
erpq=$(realpath "$1")
. "$(cd "$(dirname "$0")" && pwd)/lib/checks"
update=${2:-}
here=$(cd "$(dirname "$0")" && pwd)/screens
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export XDG_DATA_HOME="${ERPQ_TEST_DATA:-$work/data}" SWIFT_BACKTRACE=enable=no LINES=24

cat >page.erpq <<'END'
erpq 1

# verdicts, bars and totals
stock status
  | where status != "adequate"
  | limit 5
  | select name, status, on_hand, days_cover, stock_value
  | bars stock_value
  | totals

# a forecast of one, and of several
forecast product 101 horizon 21 | plot mark 12 height 8

forecast product [101, 385] horizon 21 | plot height 6

# panels, a heatmap, bars with a mark
sales monthly days 365 by category
  | where category in ["Chairs", "Garden", "Kitchen"]
  | plot amount by category panels height 5

sales monthly days 150 by category
  | where category in ["Chairs", "Garden"]
  | plot heatmap amount vs month by category

stock status
  | where category = "Desks"
  | limit 4
  | plot bar on_hand vs name mark reserved
END

for width in 40 80 200; do
  for look in colour plain; do
    for letters in utf8 ascii; do
      name=$width-$look-$letters
      if [ $look = colour ]; then colours="CLICOLOR_FORCE=1 TERM=xterm-256color"; else colours="NO_COLOR=1"; fi
      if [ $letters = utf8 ]; then locale=C.UTF-8; else locale=C; fi
      # shellcheck disable=SC2086 # two settings
      env -u COLORTERM -u NO_COLOR COLUMNS=$width LC_ALL=$locale $colours "$erpq" page.erpq 2>&1 |
        sed "s/$(printf '\033')/␛/g" >"$name.txt"
      if [ "$update" = --update ]; then
        cp "$name.txt" "$here/$name.txt"
      elif cmp -s "$name.txt" "$here/$name.txt"; then
        passed=$((passed + 1))
      else
        failed=$((failed + 1))
        echo "FAILED screens/$name.txt"
        diff "$here/$name.txt" "$name.txt" | head -20
      fi
      if [ $look = plain ] && [ $letters = ascii ]; then
        widest=$(awk '{ if (length($0) > n) n = length($0) } END { print n + 0 }' "$name.txt")
        if [ "$widest" -le $width ] && ! LC_ALL=C grep -q '[^ -~]' "$name.txt"; then passed=$((passed + 1)); else
          failed=$((failed + 1))
          echo "FAILED screens/$name.txt: lines of $widest columns, or letters beyond ASCII"
          LC_ALL=C grep -n '[^ -~]' "$name.txt" | head -3
        fi
      fi
    done
  done
done
tally
[ $failed -eq 0 ]
