"""Working-time rules by country as starting values, each with its article, source and the day it was read.

Not legal advice: laws change, courts read them, and exceptions, collective agreements and small print are
left out. What could not be sourced is not here.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from staffing.model import Limit, Rules

READ = "2026-11-23"
# Weekly hours of a contract that the law allows before overtime: held against the agents' list, not a key.
HOURS = "hours of the contract"
OVERTIME = "overtime_week"


@dataclasses.dataclass(frozen=True)
class Value:
    """One number of one law.

    Parameters
    ----------
    rule : str
        Key of the plan file, or `HOURS`.
    value : float
        A least rest or number of days off; of all else the most.
    law, source : str
        Where it is said, and the page on which it was read.
    """

    rule: str
    value: float
    law: str
    source: str


ELDIARIO = (
    "https://madridinforma.eldiario.es/el-estatuto-de-los-trabajadores-prohibe-reducir-descansos-diarios-y-"
    "semanales-aunque-haya-distribucion-irregular"
)
ELESPANOL = (
    "https://www.elespanol.com/alicante/economia/20260205/estatuto-trabajadores-confirma-empresa-debe-darte-"
    "minimo-horas-descanso-jornadas-trt/1003744117931_0.html"
)
GREYTHR = (
    "https://greythr.com/blog/karnataka-shops-and-establishment-permitted-remain-open-24x7-days-three-years"
)
HRFLEEK = "https://hrfleek.com/minimum-conditions-of-employment-under-the-employment-laws-and-wages-orders/"
KLABOR = "https://k-labor.co.kr/main/klabor_"
EASYLAW = (
    "https://m.easylaw.go.kr/MOM/SubCsmOvRetrieve.laf?langCd=700101&csmSeq=1582&ccfNo=1&cciNo=1&cnpClsNo=1"
)
MENDOZA = (
    "https://laemploymentcounsel.com/ca-supreme-court-holds-employers-must-provide-non-exempt-employees-at-least-"
    "one-day-of-rest-each-workweek-and-clarifies-other-day-of-rest-rules"
)
PROCLAMATION = "http://abrhamlaw.blogspot.com/2020/03/proclamation-no-1156-2019-labour_11.html"
ILLINOIS = "https://instalawyer.io/laws/illinois-compiled-statutes/chapter-820-employment-820-ilcs-140-one"
KARNATAKA = (
    "notification of 11 October 2019 under the Karnataka Shops and Commercial Establishments Act 1961 s. 12"
)
PRESETS: Mapping[str, tuple[Value, ...]] = {
    "ES": (
        Value("rest_hours", 12, "Estatuto de los Trabajadores art. 34.3", ELDIARIO),
        Value(
            "days_off_together", 2,
            "Estatuto de los Trabajadores art. 37.1: a day and a half, here whole days", ELDIARIO,
        ),
        Value(HOURS, 40, "Estatuto de los Trabajadores art. 34.1, the year's average", ELESPANOL),
    ),
    "ET": (Value(HOURS, 48, "Labour Proclamation 1156/2019 art. 61(2)", PROCLAMATION),),
    "IN-KA": (Value("days_week", 6, KARNATAKA, GREYTHR), Value(HOURS, 48, KARNATAKA, GREYTHR)),
    "KE": (
        Value("days_in_row", 6, "Employment Act 2007 s. 27(2)", HRFLEEK),
        Value(HOURS, 52, "Regulation of Wages (General) Order s. 5(1)", HRFLEEK),
    ),
    "KR": (
        Value(
            "days_week", 6, "Labor Standards Act art. 55(1), an average",
            f"{KLABOR}02_view.html?pgubun=2&lang=en&find=&chapter_idx=261&items_idx=5791",
        ),
        Value(
            HOURS, 40, "Labor Standards Act art. 50(1)",
            f"{KLABOR}01_view.html?pgubun=1&lang=en&find=&code1=3&chapter_idx=18",
        ),
        Value(OVERTIME, 12, "Labor Standards Act art. 53(1)", EASYLAW),
    ),
    "US-CA": (Value("days_week", 6, "California Labor Code s. 552", MENDOZA),),
    "US-IL": (Value("days_in_row", 6, "One Day Rest In Seven Act, 820 ILCS 140/2(a)", ILLINOIS),),
}  # fmt: skip
# A least value: more is stricter. Of the others less is.
LEAST = ("rest_hours", "days_off_together")


def starting(preset: str | None) -> dict[str, Any]:
    """What a preset makes of rules that a plan does not give: the stricter of the law and the usual default.

    Parameters
    ----------
    preset : str or None
        A key of `PRESETS`.

    Returns
    -------
    dict
        Values of `Rules`, for those on which the law is stricter than the default.

    Examples
    --------
    >>> starting("ES")
    {'rest_hours': 12.0}
    >>> starting("KR"), starting(None)
    ({}, {})
    """
    usual, found = Rules(), {}
    for value in PRESETS[preset] if preset is not None else ():
        if value.rule in (HOURS, OVERTIME) or not _beyond(usual, value):
            continue
        is_limit = isinstance(getattr(usual, value.rule), Limit)
        bound = "min" if value.rule in LEAST else "max"
        found[value.rule] = Limit(**{bound: value.value}) if is_limit else float(value.value)
    return found


def _beyond(rules: Rules, value: Value) -> bool:
    """Whether rules allow more than a law does."""
    if value.rule == OVERTIME:
        return rules.overtime_week is not None and rules.overtime_week.max > value.value
    own = getattr(rules, value.rule)
    if not isinstance(own, Limit):
        return bool(own < value.value)
    if math.isfinite(own.price):
        return True
    if value.rule in LEAST:
        return (own.min or 0) < value.value
    return own.max is None or own.max > value.value


def notes(preset: str | None, rules: Mapping[str, Rules], agents: pd.DataFrame) -> list[str]:
    """What a preset holds, and where the plan goes beyond it.

    Parameters
    ----------
    preset : str or None
        A key of `PRESETS`.
    rules : dict
        Contract -> Rules.
    agents : pandas.DataFrame
        AGENTS.

    Returns
    -------
    list of str
        Sentences for the notes of a plan.

    Examples
    --------
    >>> people = pd.DataFrame({"agent": ["007"], "contract": ["full"], "hours_week": [54.0]})
    >>> for line in notes("KE", {"full": Rules(days_in_row=Limit(max=7))}, people):
    ...     print(line)
    Preset KE, read on 2026-11-23, starting values and no legal advice: days_in_row 6 (Employment Act 2007 \
s. 27(2)), hours of the contract 52 (Regulation of Wages (General) Order s. 5(1)).
    The rules of full go beyond preset KE: days_in_row 6 (Employment Act 2007 s. 27(2)).
    The hours of 1 agent go beyond preset KE: 52 a week (Regulation of Wages (General) Order s. 5(1)).
    """
    if preset is None:
        return []
    values = PRESETS[preset]
    said = ", ".join(_told(value) for value in values)
    lines = [f"Preset {preset}, read on {READ}, starting values and no legal advice: {said}."]
    for contract, own in sorted(rules.items()):
        beyond = [_told(value) for value in values if value.rule != HOURS and _beyond(own, value)]
        if beyond:
            lines.append(f"The rules of {contract} go beyond preset {preset}: {', '.join(beyond)}.")
    for value in values:
        count = int((agents["hours_week"] > value.value).sum()) if value.rule == HOURS else 0
        if count:
            who = f"{count} agent{'s' if count > 1 else ''}"
            law = f"{value.value:g} a week ({value.law})"
            lines.append(f"The hours of {who} go beyond preset {preset}: {law}.")
    return lines


def _told(value: Value) -> str:
    return f"{value.rule} {value.value:g} ({value.law})"
