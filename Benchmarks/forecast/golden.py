#!/usr/bin/env python3
"""Writes Tests/ErpqAnalyticsTests/Fixtures/statsforecast/golden.json: what statsforecast forecasts for 20 series.
usage: golden.py ONLINE_RETAIL.train.csv.gz PASTA.train.csv.gz OUT.json
Ten daily products of each set, their last 400 days; horizon 14; versions are written down with the values."""
import json, sys
import numpy as np, pandas as pd, statsforecast
from statsforecast.models import (ADIDA, IMAPA, TSB, AutoETS, CrostonClassic, CrostonOptimized, CrostonSBA, Holt,
  HoltWinters, Naive, SeasonalNaive, SimpleExponentialSmoothing, SimpleExponentialSmoothingOptimized, Theta,
  OptimizedTheta, DynamicTheta, DynamicOptimizedTheta, WindowAverage)
H, SEASON = 14, 7
def pick(path, seed):
    t = pd.read_csv(path, dtype={'series': str})
    names = sorted(t.series.unique()); g = dict(list(t.groupby('series').qty))
    names = [n for n in names if len(g[n]) >= 400 and (g[n].values[-400:] > 0).sum() > 12]
    chosen = names[:: len(names) // 10][:10]
    return {n: g[n].values[-400:].astype(float) for n in chosen}
series = {**pick(sys.argv[1], 1), **pick(sys.argv[2], 2)}
simple = {'naive': Naive(), 'seasonal_naive': SeasonalNaive(SEASON), 'ma28': WindowAverage(28),
  'ses02': SimpleExponentialSmoothing(0.2), 'ses': SimpleExponentialSmoothingOptimized(), 'croston': CrostonClassic(),
  'croston_optimized': CrostonOptimized(), 'sba': CrostonSBA(), 'tsb': TSB(0.1, 0.1), 'adida': ADIDA(), 'imapa': IMAPA(),
  'theta': Theta(SEASON), 'optimized_theta': OptimizedTheta(SEASON), 'dynamic_theta': DynamicOptimizedTheta(SEASON)}
ets = {'AAN': Holt(1), 'AAdN': AutoETS(1, model='AAN', damped=True), 'AAA': HoltWinters(SEASON), 'ANN': AutoETS(1, model='ANN'),
  'ANA': AutoETS(SEASON, model='ANA'), 'ZZZ': AutoETS(SEASON)}
from statsforecast.theta import auto_theta
from statsforecast.ets import ets_f
out = {'statsforecast': statsforecast.__version__, 'numpy': np.__version__, 'horizon': H, 'series': []}
for name, y in series.items():
    one = {'name': name, 'values': y.tolist(), 'mean': {}, 'ets': {}, 'theta': {}}
    for k, m in simple.items(): one['mean'][k] = [float(v) for v in m.forecast(y, H)['mean']]
    for k, m in ets.items():
        try: m.fit(y)
        except Exception: continue
        f = m.model_
        n = len(f['par']) - 4
        one['ets'][k] = {'components': f['components'], 'm': int(f['m']),
          'alpha': float(f['par'][0]), 'beta': float(np.nan_to_num(f['par'][1])), 'gamma': float(np.nan_to_num(f['par'][2])),
          'phi': float(np.nan_to_num(f['par'][3], nan=1.0)), 'start': [float(v) for v in f['par'][4:]],
          'likelihood': float(-2 * f['loglik']), 'aicc': float(f['aicc']), 'mean': [float(v) for v in m.predict(H)['mean']]}
    for k, t in {'theta': 'STM', 'optimized_theta': 'OTM', 'dynamic_theta': 'DOTM'}.items():
        f = auto_theta(y, SEASON, model=t)
        one['theta'][k] = {'start': float(f['par']['initial_smoothed']), 'alpha': float(f['par']['alpha']),
          'theta': float(f['par']['theta']), 'mse': float(f['mse']), 'decompose': bool(f.get('decompose', False))}
    out['series'].append(one)
json.dump(out, open(sys.argv[3], 'w'), separators=(',', ':'))
