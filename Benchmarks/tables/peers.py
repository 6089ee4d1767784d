#!/usr/bin/env python3
"""Times polars and DuckDB on the data and the operations of Bench.swift; prints peer,operation,rows,cpu_seconds.

CPU time of the process (user and system, all threads), the best of three runs; default threads.
`polars` holds the sku as String, `polars_cat` as Categorical, which is how the tables hold every text.
DuckDB writes each result into a temporary table."""
import resource, sys
import numpy as np
import polars as pl
import duckdb


def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def best(f):
    times = []
    for _ in range(3):
        start = cpu()
        r = f()
        times.append(cpu() - start)
        del r
    return min(times)


def mix(rows, column):
    with np.errstate(over="ignore"):
        x = np.arange(rows, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x += np.uint64(column * 0xD1B54A32D192ED03 % 2**64)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def below(rows, column, n):
    return (mix(rows, column) % np.uint64(n)).astype(np.int64)


def make(rows):
    names = pl.Series([f"SKU_{i:05d}" for i in range(5000)])
    sales = pl.DataFrame({
        "product": below(rows, 1, 5000) + 100,
        "sku": names.gather(pl.Series(below(rows, 2, 5000)).cast(pl.UInt32)),
        "day": pl.Series((below(rows, 3, 730) + 19000).astype(np.int32)).cast(pl.Date),
        "order": below(rows, 4, max(1, rows // 4)) * 7 + 1,
        "qty": below(rows, 5, 20) + 1,
        "amount": (mix(rows, 6) >> np.uint64(11)).astype(np.float64) * 2.0**-53 * 1000,
    })
    n = rows // 10
    products = pl.DataFrame({"order": np.arange(n, dtype=np.int64) * 7 + 1, "weight": below(n, 7, 1000).astype(np.float64)})
    return sales, products


def polars_operations(sales, products):
    aggregates = [pl.col("amount").sum(), pl.col("qty").mean(), pl.len().alias("n")]
    return {
        "filter": lambda: sales.filter(pl.col("amount") > 500),
        "group_int": lambda: sales.group_by("product").agg(aggregates),
        "group_int_many": lambda: sales.group_by("order").agg(aggregates),
        "group_text": lambda: sales.group_by("sku").agg(aggregates),
        "group_two": lambda: sales.group_by("product", "day").agg(aggregates),
        "join_int": lambda: sales.join(products, on="order", how="inner"),
        "sort_int": lambda: sales.sort("order", maintain_order=True),
        "sort_number": lambda: sales.sort("amount", maintain_order=True),
        "sort_two": lambda: sales.sort("product", "day", maintain_order=True),
        "sort_text": lambda: sales.sort("sku", maintain_order=True),
        "moving_avg": lambda: sales.select(pl.col("amount").rolling_mean(7, min_samples=1).over("product")),
    }


DUCKDB = {
    "filter": "select * from sales where amount > 500",
    "group_int": 'select product, sum(amount), avg(qty), count(*) from sales group by product',
    "group_int_many": 'select "order", sum(amount), avg(qty), count(*) from sales group by "order"',
    "group_text": 'select sku, sum(amount), avg(qty), count(*) from sales group by sku',
    "group_two": 'select product, day, sum(amount), avg(qty), count(*) from sales group by product, day',
    "join_int": 'select * from sales join products using ("order")',
    "sort_int": 'select * from sales order by "order"',
    "sort_number": "select * from sales order by amount",
    "sort_two": "select * from sales order by product, day",
    "sort_text": "select * from sales order by sku",
    "moving_avg": "select avg(amount) over (partition by product order by rowid rows 6 preceding) from sales",
}


def main():
    print("peer,operation,rows,cpu_seconds")
    for rows in [int(a) for a in sys.argv[1:]] or [1_000_000, 10_000_000]:
        sales, products = make(rows)
        for name, f in polars_operations(sales, products).items():
            print(f"polars,{name},{rows},{best(f):.6f}", flush=True)
        categorical = sales.with_columns(pl.col("sku").cast(pl.Categorical))
        for name, f in polars_operations(categorical, products).items():
            if "text" in name:
                print(f"polars_cat,{name},{rows},{best(f):.6f}", flush=True)
        con = duckdb.connect()
        con.execute("create table sales as select * from sales")
        con.execute("create table products as select * from products")
        for name, query in DUCKDB.items():
            f = lambda: con.execute("create or replace temp table result as " + query)
            print(f"duckdb,{name},{rows},{best(f):.6f}", flush=True)
        con.close()


main()
