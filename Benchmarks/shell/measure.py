"""The prompt as fingers meet it: the binary under a terminal of its own, times taken outside of it.

measure.py ERPQ COMPANY.db [RUNS] prints a line for each figure: what, the median and the 95th percentile of the runs
in milliseconds, and what it must stay below. Exit code 1 when a median misses its target.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

ERPQ, COMPANY = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
RUNS = int(sys.argv[3]) if len(sys.argv) > 3 else 200
# The editor shows the cursor again at the end of every drawing.
DRAWN = b"\x1b[?25h"


class Prompt:
    """A prompt on a terminal of so many columns."""

    def __init__(self, home, columns=200, rows=50):
        self.columns, self.rows = columns, rows
        environment = dict(
            os.environ, XDG_DATA_HOME=home, TERM="xterm-256color", LC_ALL="C.UTF-8", ERPQ_PAGER="off",
            EDITRC="/dev/null")
        for name in ("NO_COLOR", "ERPQ_EDIT_MODE", "COLUMNS", "LINES"):
            environment.pop(name, None)
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(home)
            os.execve(ERPQ, [ERPQ, "-w", COMPANY], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.text = b""

    def read(self, seconds):
        ready, _, _ = select.select([self.terminal], [], [], seconds)
        if not ready:
            return b""
        try:
            return os.read(self.terminal, 1 << 20)
        except OSError:
            return b""

    def until(self, mark, seconds=30):
        """Reads until a mark comes; the time at which it came."""
        seen = b""
        end = time.perf_counter() + seconds
        while mark not in seen:
            left = end - time.perf_counter()
            if left <= 0:
                raise SystemExit(f"no {mark!r} within {seconds} s, but {seen[-400:]!r}")
            seen += self.read(left)
        at = time.perf_counter()
        self.text = seen
        return at

    def quiet(self, seconds=0.05):
        """Drops what is still on its way."""
        while self.read(seconds):
            pass

    def key(self, keys):
        """Sends keys; the milliseconds until the screen shows them."""
        self.quiet(0.002)
        start = time.perf_counter()
        os.write(self.terminal, keys)
        return (self.until(DRAWN) - start) * 1000

    def type(self, text):
        """Puts a text in, as a paste."""
        os.write(self.terminal, b"\x1b[200~" + text.encode() + b"\x1b[201~")
        self.until(DRAWN)
        self.quiet()

    def clear(self):
        os.write(self.terminal, b"\x15")
        self.until(DRAWN)
        self.quiet(0.01)

    def run(self, statement):
        """Runs a statement; the milliseconds until the next prompt."""
        self.type(statement)
        start = time.perf_counter()
        os.write(self.terminal, b"\r")
        self.until(b"\x1b[?2004h")
        at = time.perf_counter()
        self.quiet()
        return (at - start) * 1000

    def leave(self):
        os.write(self.terminal, b"\x15\x04")
        while self.read(5):
            pass
        os.waitpid(self.child, 0)
        os.close(self.terminal)


def shown(name, times, target):
    """Prints a line; whether the median stays below the target."""
    times = sorted(times)
    median, late = times[len(times) // 2], times[min(len(times) - 1, len(times) * 95 // 100)]
    print(f"{name:<64} {median:9.2f} {late:9.2f} {target:>8}", flush=True)
    return median < float(target.split()[0])


def long_statement(length):
    """A statement of so many characters over several lines and names."""
    text = "sales days 365 where amount > 10EUR"
    n = 0
    while len(text) < length - 80:
        n += 1
        text += f" | extend v{n} = if amount > {n}EUR then round(qty * {n}.5, 2) else {n} # \"{n}\"\n"[:-8]
    return (text + " | where v1 > 2 and category = \"Desks\" | summarize total = sum(v1) by category")[:length]


def main():
    good = True
    print(f"{'milliseconds':<64} {'median':>9} {'95 %':>9} {'below':>8}")
    with tempfile.TemporaryDirectory() as home:
        # The first prompt of all makes its history.
        first = Prompt(home)
        first.until(DRAWN)
        first.leave()

        starts = []
        for _ in range(20):
            began = time.perf_counter()
            prompt = Prompt(home)
            starts.append((prompt.until(DRAWN) - began) * 1000)
            prompt.leave()
        good &= shown("prompt ready after start", starts, "50")

        prompt = Prompt(home)
        prompt.until(DRAWN)
        prompt.quiet()
        prompt.type("sales")
        good &= shown("key to repaint, short statement", [prompt.key(b"x") for _ in range(RUNS)][5:], "5")
        prompt.clear()
        statement = long_statement(2000)
        prompt.type(statement)
        times = []
        for i in range(RUNS):
            times.append(prompt.key(b"x" if i % 2 == 0 else b"\x7f"))
        good &= shown("key to repaint, 2,000 characters, at the end", times[5:], "5")
        os.write(prompt.terminal, b"\x1b[D" * 1000)
        prompt.quiet(0.3)
        times = []
        for i in range(RUNS):
            times.append(prompt.key(b"x" if i % 2 == 0 else b"\x7f"))
        good &= shown("key to repaint, 2,000 characters, in the middle", times[5:], "5")
        times = [prompt.key(b"\x1b[D" if i % 2 == 0 else b"\x1b[C") for i in range(RUNS)]
        good &= shown("cursor key, 2,000 characters", times[5:], "5")
        prompt.clear()
        for title, text in [
            ("Tab: columns behind a pipe", "sales days 30 | summarize revenue = sum(amount) by category | sort rev"),
            ("Tab: columns behind ten stages", "sales" + "".join(f" | extend v{i} = amount * {i}" for i in range(1, 10)) + " | where v"),
            ("Tab: parameters", "forecast product 101 h"),
            ("Tab: products by name", 'forecast product "De'),
            ("Tab: products, any", "forecast product "),
            ("Tab: customers by name", 'sales customer "Cu'),
            ("Tab: suppliers by name", 'sales supplier "Su'),
            ("Tab: functions and columns", "sales | where d"),
            ("Tab: in a statement of 2,000 characters", statement + " | where v"),
        ]:
            times = []
            for _ in range(max(10, RUNS // 10)):
                prompt.type(text)
                times.append(prompt.key(b"\t"))
                times.append(prompt.key(b"\t"))
                prompt.quiet(0.01)
                prompt.clear()
            good &= shown(title, times[2:], "50")
        os.write(prompt.terminal, b"\x12")
        prompt.until(DRAWN)
        good &= shown("Ctrl-R: key to repaint", [prompt.key(c) for c in [b"s", b"\x7f"] * (RUNS // 2)][5:], "5")
        os.write(prompt.terminal, b"\x07")
        prompt.quiet()
        prompt.clear()
        prompt.leave()

        # Ctrl-C, from the key to the prompt.
        prompt = Prompt(home)
        prompt.until(DRAWN)
        times = []
        for _ in range(10):
            prompt.type("replenish | whatif safety_days in 0..500 | summarize n = count()")
            os.write(prompt.terminal, b"\r")
            time.sleep(0.4)
            start = time.perf_counter()
            os.write(prompt.terminal, b"\x03")
            prompt.until(b"\x1b[?2004h")
            times.append((time.perf_counter() - start) * 1000)
            if b"interrupted" not in prompt.text:
                print("not interrupted:", re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", prompt.text)[-200:])
            prompt.quiet()
        prompt.leave()
        good &= shown("Ctrl-C to the next prompt", times, "100")

        # A recording against the run that it was made of, whole processes.
        script = os.path.join(home, "weekly.erpq")
        with open(script, "w") as file:
            file.write(SCRIPT)
        recording = os.path.join(home, "weekly.erps")
        environment = dict(os.environ, XDG_DATA_HOME=home)

        def seconds(*words):
            start = time.perf_counter()
            subprocess.run([ERPQ, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           cwd=home, env=environment)
            return time.perf_counter() - start

        seconds("-w", COMPANY, script, "--record", "weekly.erps")
        ratios, runs, replays = [], [], []
        for _ in range(9):
            runs.append(seconds("-w", COMPANY, script))
            replays.append(seconds("replay", recording, "--verify"))
        ratio = sorted(replays)[4] / sorted(runs)[4]
        print(f"{'the run':<64} {sorted(runs)[4] * 1000:9.2f}")
        print(f"{'its replay':<64} {sorted(replays)[4] * 1000:9.2f}")
        print(f"{'replay, times the run':<64} {ratio:9.2f} {'':9} {'1.2':>8}")
        print(f"the recording has {os.path.getsize(recording) / 1e6:.1f} MB")
        good &= ratio <= 1.2
    sys.exit(0 if good else 1)


SCRIPT = """\
sales days 365 | summarize revenue = sum(amount), units = sum(qty) by category | sort revenue desc
segment days 90 | where abc = "A" | limit 20
replenish | where action = "ORDER NOW" | top 20 by order_qty
stock status | where status = "low" | limit 20
forecast product 101 horizon 30
sales daily days 90 | plot
"""

main()
