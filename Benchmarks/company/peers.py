#!/usr/bin/env python3
"""The questions of run.sh as scripts over the CSV files, written as someone who knows the library would: only the
columns and rows that are needed, one pass, no parsing of dates that nobody reads.

usage: peers.py LIBRARY QUESTION FOLDER [DATABASE]     (one question a process; the answer goes to standard output)
  LIBRARY   pandas polars duckdb
  QUESTION  segment replenish daily load; pandas also demand anomalies kpi
"""
import sys

library, question, folder = sys.argv[1:4]
AS_OF = "2025-06-30"
EPS = 1e-9


def pandas_():
    import numpy as np, pandas as pd
    if question == "kpi":
        # The documents' 26 figures over the company's files, as bench_reference.py computes them.
        import bench_reference as reference
        tables = reference.load_pandas(folder, [f for f in reference.FILES if f in ("products", "sale_orders", "sale_order_lines", "purchase_orders")])
        lines = reference.join_lines(tables)
        now, before = reference.kpis(tables, lines, reference.daily_aggregate(lines))
        return pd.Series(now).to_csv(sys.stdout)
    as_of = np.datetime64(AS_OF)
    days = {"daily": 365, "anomalies": 30}.get(question, 60)
    orders = pd.read_csv(f"{folder}/sale_orders.csv", usecols=["id", "state", "date_order", "currency_rate"])
    orders = orders[orders.state.isin(["sale", "done"])]
    day = pd.to_datetime(orders.date_order, format="%Y-%m-%d %H:%M:%S").to_numpy().astype("datetime64[D]")
    orders = orders.assign(age=(as_of - day).astype("int64"))[["id", "age", "currency_rate"]]
    orders = orders[(orders.age >= 0) & (orders.age < days)]
    lines = pd.read_csv(f"{folder}/sale_order_lines.csv", usecols=["order_id", "product_id", "product_uom_qty", "price_unit", "discount"])
    lines = lines.merge(orders, left_on="order_id", right_on="id")
    lines["amount"] = lines.product_uom_qty * lines.price_unit * (1 - lines.discount / 100) / lines.currency_rate
    if question == "daily":
        d = lines.groupby("age").agg(qty=("product_uom_qty", "sum"), amount=("amount", "sum"), orders=("order_id", "nunique"))
        d = d.reindex(range(days - 1, -1, -1), fill_value=0)
        d.insert(0, "date", as_of - d.index.to_numpy().astype("timedelta64[D]"))
        return d.to_csv(sys.stdout, index=False)
    p = pd.read_csv(f"{folder}/products.csv", usecols=["id", "name", "active", "type", "qty_available", "x_daily_demand"])
    p = p[p.active & ((p.type == "product") if question == "replenish" else True)].sort_values("id")
    daily = lines.groupby(["product_id", "age"]).product_uom_qty.sum().reset_index()
    at = pd.Index(p.id).get_indexer(daily.product_id)
    m = np.zeros((len(p), days))
    m[at[at >= 0], daily.age[at >= 0]] = daily.product_uom_qty[at >= 0]
    if question == "replenish":
        ads = np.maximum(0, m.sum(1) / days); stock = p.qty_available.to_numpy(); rop = ads * 7 + ads * 3
        cover = np.divide(stock, ads, out=np.full(len(p), np.inf), where=ads > 0)
        below = (ads > 0) & (stock < rop - EPS * np.maximum(1, rop))
        action = np.select([ads <= 0, below, (cover >= 7 - EPS) & (cover <= 14 + EPS)], ["OK", "ORDER NOW", "MONITOR"], "OK")
        r = pd.DataFrame(dict(product=p.id, name=p.name, action=action, on_hand=stock, rate=ads, cover=cover, rop=rop, qty=np.where(below, rop - stock, 0)))
        return r.sort_values(["action", "cover"]).to_csv(sys.stdout, index=False)
    m = m[:, ::-1]  # oldest day first
    if question == "demand":
        c = np.cumsum(m, 1); s = c.copy(); s[:, 7:] -= c[:, :-7]; s /= np.minimum(np.arange(days) + 1, 7)
        sale_days = (m > 0).sum(1); mu = m.mean(1); cv = np.divide(m.std(1), mu, out=np.full(len(mu), np.inf), where=mu > 0)
        n = lines[lines.product_uom_qty > 0].groupby("product_id").size().reindex(p.id, fill_value=0).to_numpy()
        slope = (s[:, -7:].mean(1) - s[:, :7].mean(1)) / days; fallback = sale_days < 7; stated = p.x_daily_demand.to_numpy()
        rate = np.maximum(0, np.where(fallback, np.where(np.isnan(stated), mu, stated), s[:, -1]))
        confidence = np.clip(.4 * sale_days / days + .3 * (1 - np.minimum(1, cv)) + .3 * np.minimum(1, n / 30), 0, 1)
        r = pd.DataFrame(dict(product=p.id, name=p.name, daily=rate, predicted=rate * 30, slope=np.where(fallback, np.nan, slope), confidence=np.where(fallback, .3, confidence),
                              trend=np.where(fallback, "STABLE", np.select([slope > .2 + EPS, slope < -.2 - EPS], ["UP", "DOWN"], "STABLE"))))
        return r.sort_values(["predicted", "product"], ascending=[False, True]).to_csv(sys.stdout, index=False)
    if question == "anomalies":
        sd = m.std(1, keepdims=True); mu = m.mean(1, keepdims=True)
        z = np.divide(m - mu, sd, out=np.zeros_like(m), where=sd > 0); i, j = np.nonzero(np.abs(z) >= 3 - EPS); v = z[i, j]
        r = pd.DataFrame(dict(date=as_of - (days - 1 - j).astype("timedelta64[D]"), product=p.id.to_numpy()[i], name=p.name.to_numpy()[i], type=np.where(v > 0, "SPIKE", "DROP"),
                              actual=m[i, j], expected=mu[i, 0], z=v, severity=np.select([np.abs(v) >= 4 - EPS, np.abs(v) >= 3 - EPS], ["HIGH", "MEDIUM"], "LOW")))
        return r.sort_values(["date", "product"]).to_csv(sys.stdout, index=False)
    p["amount"] = lines.groupby("product_id").amount.sum().reindex(p.id, fill_value=0.0).to_numpy()
    mu = m.mean(1)
    p["cv"] = np.divide(m.std(1), mu, out=np.full(len(p), np.inf), where=mu > 0)
    p = p.sort_values(["amount", "id"], ascending=[False, True])
    share = p.amount.clip(lower=0).cumsum() / p.amount.clip(lower=0).sum() * 100
    p["abc"] = np.where(p.amount <= 0, "C", np.select([share <= 20 + EPS, share <= 50 + EPS], ["A", "B"], "C"))
    p["xyz"] = np.select([p.cv < .3 - EPS, p.cv < .7 - EPS], ["X", "Y"], "Z")
    p[["id", "name", "abc", "xyz", "amount", "cv"]].to_csv(sys.stdout, index=False)


def polars_():
    import polars as pl
    from datetime import date, timedelta
    last = date.fromisoformat(AS_OF)
    days = 365 if question == "daily" else 60
    first = last - timedelta(days=days - 1)
    day = pl.col("date_order").str.slice(0, 10).str.to_date("%Y-%m-%d")
    orders = (pl.scan_csv(f"{folder}/sale_orders.csv").filter(pl.col("state").is_in(["sale", "done"]))
              .select("id", day.alias("day"), "currency_rate").filter(pl.col("day").is_between(first, last)))
    lines = (pl.scan_csv(f"{folder}/sale_order_lines.csv").select("order_id", "product_id", "product_uom_qty", "price_unit", "discount")
             .join(orders, left_on="order_id", right_on="id")
             .with_columns(amount=pl.col("product_uom_qty") * pl.col("price_unit") * (1 - pl.col("discount") / 100) / pl.col("currency_rate")))
    if question == "daily":
        d = lines.group_by("day").agg(qty=pl.col("product_uom_qty").sum(), amount=pl.col("amount").sum(), orders=pl.col("order_id").n_unique()).collect()
        all_days = pl.DataFrame({"day": pl.date_range(first, last, eager=True)})
        return all_days.join(d, on="day", how="left").fill_null(0).sort("day").write_csv(sys.stdout.buffer)
    p = pl.scan_csv(f"{folder}/products.csv").select("id", "name", "active", "type", "qty_available").filter("active")
    if question == "replenish":
        sold = lines.group_by("product_id").agg(sold=pl.col("product_uom_qty").sum())
        ads = pl.col("ads"); rop = ads * 7 + ads * 3; stock = pl.col("qty_available")
        below = (ads > 0) & (stock < rop - EPS * pl.max_horizontal(1, rop)); cover = stock / ads
        r = (p.filter(pl.col("type") == "product").join(sold, left_on="id", right_on="product_id", how="left")
             .with_columns(ads=(pl.col("sold").fill_null(0) / days).clip(lower_bound=0))
             .with_columns(rop=rop, cover=cover, qty=pl.when(below).then(rop - stock).otherwise(0.0),
                           action=pl.when(ads <= 0).then(pl.lit("OK")).when(below).then(pl.lit("ORDER NOW"))
                           .when((cover >= 7 - EPS) & (cover <= 14 + EPS)).then(pl.lit("MONITOR")).otherwise(pl.lit("OK"))))
        return r.sort("action", "cover").collect().write_csv(sys.stdout.buffer)
    per_day = lines.group_by("product_id", "day").agg(q=pl.col("product_uom_qty").sum(), amount=pl.col("amount").sum())
    s = per_day.group_by("product_id").agg(amount=pl.col("amount").sum(), mu=pl.col("q").sum() / days, sq=(pl.col("q") ** 2).sum() / days)
    r = (p.join(s, left_on="id", right_on="product_id", how="left").with_columns(pl.col("amount", "mu", "sq").fill_null(0.0))
         .with_columns(cv=pl.when(pl.col("mu") > 0).then((pl.col("sq") - pl.col("mu") ** 2).clip(lower_bound=0).sqrt() / pl.col("mu")))
         .sort(["amount", "id"], descending=[True, False])
         .with_columns(share=pl.col("amount").clip(lower_bound=0).cum_sum() / pl.col("amount").clip(lower_bound=0).sum() * 100)
         .with_columns(abc=pl.when(pl.col("amount") <= 0).then(pl.lit("C")).when(pl.col("share") <= 20 + EPS).then(pl.lit("A"))
                       .when(pl.col("share") <= 50 + EPS).then(pl.lit("B")).otherwise(pl.lit("C")),
                       xyz=pl.when(pl.col("cv") < .3 - EPS).then(pl.lit("X")).when(pl.col("cv") < .7 - EPS).then(pl.lit("Y")).otherwise(pl.lit("Z"))))
    r.select("id", "name", "abc", "xyz", "amount", "cv").collect().write_csv(sys.stdout.buffer)


def duckdb_():
    import duckdb
    if question == "load":
        con = duckdb.connect(sys.argv[4])
        for f in ["currency_rates", "partners", "products", "sale_orders", "sale_order_lines", "purchase_orders", "purchase_order_lines", "stock_moves"]:
            con.execute(f"create table {f} as select * from read_csv('{folder}/{f}.csv')")
        return con.close()
    con = duckdb.connect()
    days = 365 if question == "daily" else 60
    lines = f"""with orders as (select id, cast(date_order as date) d, currency_rate from read_csv('{folder}/sale_orders.csv')
        where state in ('sale', 'done') and cast(date_order as date) between date '{AS_OF}' - {days - 1} and date '{AS_OF}'),
      lines as (select order_id, product_id, d, product_uom_qty q, product_uom_qty * price_unit * (1 - discount / 100) / currency_rate amount
        from read_csv('{folder}/sale_order_lines.csv') join orders on order_id = orders.id) """
    if question == "daily":
        sql = lines + f"""select days.d date, coalesce(sum(q), 0) qty, coalesce(sum(amount), 0) amount, count(distinct order_id) orders
          from (select cast(unnest(generate_series(date '{AS_OF}' - {days - 1}, date '{AS_OF}', interval 1 day)) as date) d) days
          left join lines on lines.d = days.d group by 1 order by 1"""
    elif question == "replenish":
        sql = lines + f""", p as (select id, name, qty_available stock, greatest(0, coalesce(sold, 0) / {days}) ads
          from read_csv('{folder}/products.csv') left join (select product_id, sum(q) sold from lines group by 1) on product_id = id
          where active and type = 'product'), r as (select *, ads * 7 + ads * 3 rop, case when ads > 0 then stock / ads end cover from p),
          b as (select *, ads > 0 and stock < rop - {EPS} * greatest(1, rop) below from r)
          select id, name, case when ads <= 0 then 'OK' when below then 'ORDER NOW' when cover between 7 - {EPS} and 14 + {EPS} then 'MONITOR'
          else 'OK' end action, stock, ads, cover, rop, case when below then rop - stock else 0 end qty from b order by action, cover"""
    else:
        sql = lines + f""", per_day as (select product_id, d, sum(q) q, sum(amount) amount from lines group by 1, 2),
          s as (select product_id, sum(amount) amount, sum(q) / {days} mu, sum(q * q) / {days} sq from per_day group by 1),
          p as (select id, name, coalesce(amount, 0) amount, case when mu > 0 then sqrt(greatest(0, sq - mu * mu)) / mu end cv
            from read_csv('{folder}/products.csv') left join s on product_id = id where active),
          c as (select *, sum(greatest(0, amount)) over (order by amount desc, id) / sum(greatest(0, amount)) over () * 100 share from p)
          select id, name, case when amount <= 0 then 'C' when share <= 20 + {EPS} then 'A' when share <= 50 + {EPS} then 'B' else 'C' end abc,
          case when cv < .3 - {EPS} then 'X' when cv < .7 - {EPS} then 'Y' else 'Z' end xyz, amount, cv from c order by amount desc, id"""
    con.execute(f"copy ({sql}) to '/dev/stdout' (header, delimiter ',')")


{"pandas": pandas_, "polars": polars_, "duckdb": duckdb_}[library]()
