#!/usr/bin/env python3
"""Races `erpq forecast-file` against statsforecast's AutoETS and mlforecast with LightGBM on one CPU-second meter.
usage: race.py DATA_DIR ERPQ [SERIES]   (DATA_DIR holds data/ and score.py; SERIES of online_retail for the slow ones, 60)
Every contender gets the same file and one process; CPU seconds are user + system of it and its children, start-up and
reading included for erpq and left out for the others. Prints a table."""
import json, os, resource, subprocess, sys, tempfile, time
import numpy as np, pandas as pd
root, erpq = sys.argv[1], sys.argv[2]; few = int(sys.argv[3]) if len(sys.argv) > 3 else 60
sys.path.insert(0, root); import score
H = 28
train = pd.read_csv(f'{root}/data/online_retail.dev.train.csv.gz', dtype={'series': str}, parse_dates=['date'])
names = sorted(train.series.unique()); sample = names[:: max(1, len(names) // few)][:few]
tmp = tempfile.mkdtemp()
def cpu(who): r = resource.getrusage(who); return r.ru_utime + r.ru_stime
def report(name, seconds, n, pred, base):
    s = score.score(pred, 'online_retail', 'dev', set(n))
    per = seconds * 1000 / len(n)
    print(f"| {name} | {len(n)} | {s['rmsse']:.3f} | {s['wql']:.3f} | {s['cov95']:.3f} | {per:.2f} | {'' if not base else f'{per / base:,.0f}×'} |", flush=True)
    return per
def part(ids): return train[train.series.isin(ids)]
print('| method | series | RMSSE | wQL | 95 % holds | CPU s / 1,000 series | against erpq |\n|---|---|---|---|---|---|---|')
path = f'{tmp}/in.csv'; train.assign(date=train.date.dt.strftime('%Y-%m-%d')).to_csv(path, index=False)
def run():
    c = cpu(resource.RUSAGE_CHILDREN)
    subprocess.run([erpq, 'forecast-file', path, '--freq', 'D', '--horizon', str(H), '--out', f'{tmp}/out.csv'], check=True, stderr=subprocess.DEVNULL)
    return cpu(resource.RUSAGE_CHILDREN) - c
# A fifth of a second is at the mercy of the machine; the others take long enough to be measured once.
ours = sorted(run() for _ in range(5))[2]
pred = pd.read_csv(f'{tmp}/out.csv', dtype={'series': str, 'date': str})
base = report('erpq', ours, names, pred, None)
report('erpq, the sample only', ours * len(sample) / len(names), sample, pred, None)
def ets():
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS
    d = part(sample).rename(columns={'series': 'unique_id', 'date': 'ds', 'qty': 'y'})
    StatsForecast([AutoETS(7)], freq='D').forecast(df=d[d.unique_id == sample[0]], h=2)
    c = cpu(resource.RUSAGE_SELF)
    f = StatsForecast([AutoETS(7)], freq='D', n_jobs=1).forecast(df=d, h=H, level=[80, 95])
    used = cpu(resource.RUSAGE_SELF) - c
    f = f.rename(columns={'unique_id': 'series', 'ds': 'date', 'AutoETS': 'mean', 'AutoETS-lo-95': 'lo95', 'AutoETS-hi-95': 'hi95', 'AutoETS-lo-80': 'lo80', 'AutoETS-hi-80': 'hi80'})
    for k in ('mean', 'lo95', 'hi95', 'lo80', 'hi80'): f[k] = f[k].clip(lower=0)
    report('statsforecast AutoETS', used, sample, f.assign(date=f.date.astype(str).str[:10]), base)
def gbm():
    import lightgbm as lgb
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import RollingMean
    from mlforecast.utils import PredictionIntervals
    d = train.rename(columns={'series': 'unique_id', 'date': 'ds', 'qty': 'y'}); d['y'] = d.y.astype(float)
    c = cpu(resource.RUSAGE_SELF)
    m = MLForecast({'gbm': lgb.LGBMRegressor(n_estimators=200, verbosity=-1, n_jobs=1, random_state=1)}, freq='D', lags=[1, 7, 14, 28],
      lag_transforms={1: [RollingMean(7), RollingMean(28), RollingMean(91)]}, date_features=['dayofweek', 'month'])
    m.fit(d, static_features=[], prediction_intervals=PredictionIntervals(n_windows=2, h=H))
    f = m.predict(H, level=[80, 95]); used = cpu(resource.RUSAGE_SELF) - c
    f = f.rename(columns={'unique_id': 'series', 'ds': 'date', 'gbm': 'mean', 'gbm-lo-95': 'lo95', 'gbm-hi-95': 'hi95', 'gbm-lo-80': 'lo80', 'gbm-hi-80': 'hi80'})
    for k in ('mean', 'lo95', 'hi95', 'lo80', 'hi80'): f[k] = f[k].clip(lower=0)
    report('mlforecast + LightGBM', used, names, f.assign(date=f.date.astype(str).str[:10]), base)
for contender in (ets, gbm):
    try: contender()
    except ImportError as e: print(f'| {contender.__name__}: not installed ({e.name}) | | | | | | |')
