#!/usr/bin/env python3
"""What a further question costs once the company is in memory: forty windows of days, each asked once, in one session of
erpq (from the lines, and the difference to a session with one of them) and with the documents' formulas in pandas, whose
lines were read, joined and added up by day before the clock starts. CPU milliseconds a question, the median of seven.

usage: windows.py ERPQ COMPANY_FILE FOLDER_OF_CSV
"""
import resource, statistics, subprocess, sys, tempfile, time
import bench_reference as reference

erpq, company, folder = sys.argv[1:4]
DAYS = range(90, 50, -1)


def session(question, days):
    command, _, stages = question.partition(" | ")
    stages = f"{stages} | limit 1" if stages else "limit 1"
    with tempfile.NamedTemporaryFile("w", suffix=".erpq") as script:
        script.write("".join(f"{command} days {n} | {stages}\n" for n in days))
        script.flush()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([erpq, "run", script.name, "--use", "erpconnect", "--today", "2025-07-01", "-w", company],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ours(question):
    one = statistics.median(session(question, DAYS[:1]) for _ in range(7))
    all_ = statistics.median(session(question, DAYS) for _ in range(7))
    return 1000 * (all_ - one) / (len(DAYS) - 1)


tables = reference.load_pandas(folder, [f for f in reference.FILES if f in ("products", "sale_orders", "sale_order_lines")])
start = time.process_time()
lines = reference.join_lines(tables)
daily = reference.daily_aggregate(lines)
prepared = 1000 * (time.process_time() - start)
kernels = {
    "segment": lambda n: reference.segmentation(tables, daily, n),
    "demand": lambda n: reference.demand(tables, lines, daily, n),
    "anomalies": lambda n: reference.anomalies(tables, daily, n),
    "replenish": lambda n: reference.replenishment(tables, daily, days=n),
    # The seven columns that the script has; without them it is thirty-six.
    "replenish | select product, on_hand, demand_rate, rop, order_qty, action, urgency":
        lambda n: reference.replenishment(tables, daily, days=n),
}


def theirs(kernel):
    kernel(DAYS[0])
    times = []
    for n in DAYS:
        start = time.process_time()
        kernel(n)
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)


print(f"pandas has joined and added up its lines before, in {prepared:.0f} ms\n")
print("| question | erpq, ms | pandas, ms | times |\n|---|---|---|---|")
for question, kernel in kernels.items():
    a, b = ours(question), theirs(kernel)
    print(f"| `{question.replace(' ', ' days … ', 1) if ' ' in question else question + ' days …'}` | {a:.1f} | {b:.1f} | {b / a:.1f} |", flush=True)
