#!/usr/bin/env python3
"""The documents' regression for 1,000 products with scikit-learn, a pipeline a product and all at once.
usage: poly2.py FOLDER MATRIX     writes the daily matrix (raw doubles) to MATRIX; prints CPU seconds of both forms"""
import os, statistics, sys, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ["ERPQ_DATA"] = sys.argv[1]
import bench_reference as b
import pandas as pd

tables = b.load_pandas(sys.argv[1], ["products", "sale_orders", "sale_order_lines"])
daily = b.daily_aggregate(b.join_lines(tables))
m = b.matrix(daily, pd.Index(b.ids_of(tables).id.iloc[:1000]), 180)
m.astype("<f8").tofile(sys.argv[2])


def cpu(f, runs):
    f()
    times = []
    for _ in range(runs):
        start = time.process_time(); f(); times.append(time.process_time() - start)
    return statistics.median(times)


print(f"{cpu(lambda: b.ml_sklearn(m), 3):.6f} {cpu(lambda: b.ml_vector(m), 7):.6f}")
