"""Answers as Odoo sends them, and Python's readers of them.

peers.py make FOLDER RECORDS     writes page.json and page.xml
peers.py json|xml FILE RUNS      seconds of processor time, the best of so many runs
"""
import random
import sys
import time
import xmlrpc.client


def make(folder, count):
    import json

    draw = random.Random(1)
    states = ["sale", "sale", "sale", "done", "draft", "cancel"]
    rows = [
        {
            "id": 1000 + i,
            "order_id": 500 + i // 5,
            "product_id": draw.randrange(1, 10_000),
            "product_uom_qty": float(draw.randrange(1, 40)),
            "qty_delivered": float(draw.randrange(0, 40)),
            "price_subtotal": round(draw.random() * 1000, 2),
            "state": draw.choice(states),
            "create_date": "2026-%02d-%02d %02d:%02d:%02d"
            % (draw.randrange(1, 13), draw.randrange(1, 29), draw.randrange(24), draw.randrange(60), draw.randrange(60)),
        }
        for i in range(count)
    ]
    with open(folder + "/page.json", "w") as file:
        json.dump({"jsonrpc": "2.0", "id": 1, "result": rows}, file)
    with open(folder + "/page.xml", "w") as file:
        file.write(xmlrpc.client.dumps((rows,), methodresponse=True))


def read(kind, data):
    if kind == "json":
        import orjson

        return orjson.loads(data)["result"]
    return xmlrpc.client.loads(data)[0][0]


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
else:
    kind, path, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    data = open(path, "rb").read()
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        rows = read(kind, data)
        best = min(best, time.process_time() - start)
    total = 0.0
    for row in rows:
        total += row["price_subtotal"]
    size = len(data) / 1e6
    print(f"{kind} {len(rows)} records, {size:.1f} MB: {best:.4f} s, {size / best:.0f} MB/s, sum {total}")
