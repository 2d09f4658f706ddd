"""The two shifts of each team, costed by what the roster is measured by, and the deadlines placed in them."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from staffing import shifts
from staffing.designing.service import Over
from staffing.model import Shift
from staffing.site import Site


class Asked(NamedTuple):
    """What the shifts are to cover.

    Parameters
    ----------
    site : Site
        With teams and queues.
    requirement : pandas.DataFrame
        REQUIREMENT of each line; of teams in ``workload`` without the people for its deadlines.
    workload : pandas.DataFrame
        WORKLOAD that quiet moments do not hold.
    curve : pandas.DataFrame or None
        CURVE of the lines that are measured by it.
    """

    site: Site
    requirement: pd.DataFrame
    workload: pd.DataFrame
    curve: pd.DataFrame | None

    def over(self, team: str) -> Over:
        """Over what a team's target holds: a day or week where all of its lines have a curve and agree.

        Otherwise what the requirement spreads over the intervals is needed in each.
        """
        if self.curve is None:
            return "interval"
        lines = set(self.requirement.loc[self.requirement["team"] == team, "queue"])
        spans = {queue.target.over for queue in self.site.queues if queue.name in lines}
        known = lines <= set(self.curve["queue"])
        return next((span for span in ("day", "week") if known and spans == {span}), "interval")

    def parts(self) -> list[dict[str, Any]]:
        """Teams whose targets hold over the same time, as the functions of `staffing.shifts` take them."""
        here = [team for team in self.site.teams.values() if team.name in set(self.requirement["team"])]
        found = []
        for span in ("interval", "day", "week"):
            teams = [team for team in here if self.over(team.name) == span]
            names = {team.name for team in teams}
            own = {queue.name for queue in self.site.queues if queue.team in names}
            work = self.workload[self.workload["queue"].isin(own)]
            if teams:
                found.append(
                    {
                        "requirement": self.requirement[self.requirement["team"].isin(names)],
                        "teams": teams,
                        "target": span,
                        "curve": self.curve,
                        "queues": self.site.queues,
                        "workload": work if len(work) else None,
                    }
                )
        return found

    def designs(self, windows: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
        """SHIFTS of every team, in the order of the site, and over what its target holds in them."""
        tables = [
            shifts.two_shift(**part, windows=windows, contracts=contracts).assign(target=part["target"])
            for part in self.parts()
        ]
        return self._in_order(tables)

    def levers(self, designs: pd.DataFrame, windows: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
        """What else could be changed, as `staffing.shifts.levers` gives it."""
        tables = [
            shifts.levers(**part, designs=designs, windows=windows, contracts=contracts)
            for part in self.parts()
        ]
        return self._in_order(tables)

    def staffed(self, templates: tuple[Shift, ...]) -> pd.DataFrame:
        """Whom the shifts put on the queue or on deferred work: team, interval, staffed."""
        tables = []
        for part in self.parts():
            names = {team.name for team in part["teams"]}
            part["shifts"] = [shift for shift in templates if shift.team in names]
            there = shifts.presence(shifts.plan(**part), **part)
            there["staffed"] = there["on_queue"] + there["deferrable"]
            tables.append(there[["team", "interval", "staffed"]])
        return pd.concat(tables, ignore_index=True)

    def _in_order(self, tables: list[pd.DataFrame]) -> pd.DataFrame:
        whole = pd.concat(tables, ignore_index=True)
        rank = {name: number for number, name in enumerate(self.site.teams)}
        return whole.sort_values("team", key=lambda team: team.map(rank), kind="stable", ignore_index=True)
