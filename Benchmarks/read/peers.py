"""What others need for the same file: `operation,rows,cpu_seconds`, the median of the runs after a warm-up.

usage: peers.py FILE [RUNS]
"""
import resource
import statistics
import sys

import pandas
import polars

path = sys.argv[1]
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(name, read):
    rows = len(read())
    times = []
    for _ in range(runs):
        start = cpu()
        read()
        times.append(cpu() - start)
    print(f"{name},{rows},{statistics.median(times):.3f}", flush=True)


if ".json" in path:
    measure("pandas.read_json", lambda: pandas.read_json(path, lines=".jsonl" in path))
    if ".jsonl" in path:
        measure("polars.read_ndjson", lambda: polars.read_ndjson(path))
else:
    # The default looks at the first 100 rows only and fails on later order numbers such as C489543.
    measure("polars.read_csv", lambda: polars.read_csv(path, infer_schema_length=10_000))
    measure(
        "polars.read_csv dates",
        lambda: polars.read_csv(path, infer_schema_length=10_000, try_parse_dates=True),
    )
    measure("pandas.read_csv", lambda: pandas.read_csv(path))
    measure("pandas.read_csv dates", lambda: pandas.read_csv(path, parse_dates=["date"]))
