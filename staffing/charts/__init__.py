"""Table in, Axes out.

Every function draws on the Axes it is given, or on a new sheet, and returns the Axes; none shows anything,
none touches pyplot or the reader's Matplotlib settings. `pages` makes the pictures of a planned week, `png`
the bytes to write, and `missing_scripts` says what to install where a name has no font.
"""

from __future__ import annotations

from staffing.charts.album import pages
from staffing.charts.designs import overlap, plan, ranking
from staffing.charts.fonts import missing_scripts
from staffing.charts.forecasts import backtest, effects, fan, residuals
from staffing.charts.queues import coverage, deferred, forecast, heatmap
from staffing.charts.sheet import png
from staffing.charts.teams import roster, shifts
from staffing.charts.whatif import rule_prices

__all__ = [
    "backtest", "coverage", "deferred", "effects", "fan", "forecast", "heatmap", "missing_scripts",
    "overlap", "pages", "plan", "png", "ranking", "residuals", "roster", "rule_prices", "shifts",
]  # fmt: skip
