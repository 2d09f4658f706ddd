"""Working-time rules by country as starting values, each with article, version, source and day of reading.

Not legal advice: laws change, courts read them, and exceptions, collective agreements and small print are
left out. What could not be sourced is not here: Ethiopia's weekly rest (art. 69), for example. The United
States as a whole have no preset, since the Fair Labor Standards Act limits no hours of adults.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import pandas as pd

from staffing.model import Limit, Rules, Team

READ = "2026-11-23"
# Of the law and held against the agents' list and the teams' shifts: no keys of the plan.
HOURS, DAY = "hours of the contract", "hours of a day"
OVERTIME = "overtime_week"


@dataclasses.dataclass(frozen=True)
class Value:
    """One number of one law.

    Parameters
    ----------
    rule : str
        Key of the plan file, or `HOURS`, or `DAY`.
    value : float
        A least rest or number of days off; of all else the most.
    law : str
        Act and article, and what must be known to read the number.
    version : str
        Date or state of the wording that was read.
    source : str
        Page on which it was read, on `READ`.
    basis : ``"text"`` or ``"report"``
        Whether the page gives the wording of the law, or tells of it.
    """

    rule: str
    value: float
    law: str
    version: str
    source: str
    basis: Literal["text", "report"]


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a preset holds.

    Parameters
    ----------
    name, timezone, country : str
        For people; IANA name of a clock there; ISO code.
    region : str
        ISO code of the part of the country; empty for the whole of it.
    """

    name: str
    timezone: str
    country: str
    region: str = ""


PLACES: Mapping[str, Place] = {
    "ES": Place("Spain", "Europe/Madrid", "ES"),
    "ET": Place("Ethiopia", "Africa/Addis_Ababa", "ET"),
    "IN-DL": Place("Delhi, India", "Asia/Kolkata", "IN", "DL"),
    "IN-KA": Place("Karnataka, India", "Asia/Kolkata", "IN", "KA"),
    "IN-MH": Place("Maharashtra, India", "Asia/Kolkata", "IN", "MH"),
    "IN-TS": Place("Telangana, India", "Asia/Kolkata", "IN", "TS"),
    "IN-TN": Place("Tamil Nadu, India", "Asia/Kolkata", "IN", "TN"),
    "KE": Place("Kenya", "Africa/Nairobi", "KE"),
    "KR": Place("South Korea", "Asia/Seoul", "KR"),
    "US-CA": Place("California, United States", "America/Los_Angeles", "US", "CA"),
    "US-IL": Place("Illinois, United States", "America/Chicago", "US", "IL"),
    "US-NY": Place("New York, United States", "America/New_York", "US", "NY"),
    "US-OR": Place("Oregon, United States", "America/Los_Angeles", "US", "OR"),
}

ESTATUTO = "consolidated text of Real Decreto Legislativo 2/2015; quoted as in force on 2026-02-05"
ARTICULO = "https://aprendered.es/estatuto-de-los-trabajadores-articulo-"
PROCLAMATION = "http://abrhamlaw.blogspot.com/2020/03/proclamation-no-1156-2019-labour_11.html"
KARNATAKA = (
    "notification E-LD 4 LET 2019 under the Karnataka Shops and Commercial Establishments Act 1961 s. 11, "
    "12: from 10 people on, open on all days"
)
KARNATAKA_2024, TAXGURU = (
    "27 September 2024, for three years",
    "https://taxguru.in/corporate-law/karnataka-24-7-operations-shops-conditions-apply.html",
)
TAMIL_NADU = (
    "notification II(2)/LWSD/441(a)/2025 under the Tamil Nadu Shops and Establishments Act 1947 s. 6: from "
    "10 people on, open on all days"
)
TAMIL_NADU_2025, MONDAQ = (
    "8 May 2025, for three years from 5 June 2025",
    "https://www.mondaq.com/india/employee-rights-labour-relations/1712708/tamil-nadu-government-new-"
    "notification-on-ensuring-employee-well-being-and-safety",
)
MAHARASHTRA = "Maharashtra Shops and Establishments Act 2017 s. 12, amended by an ordinance of 2025"
MAHARASHTRA_2025, ORDINANCE = (
    "1 October 2025; an ordinance lapses unless it becomes an act",
    "https://www.mondaq.com/india/employee-rights-labour-relations/1708272/amendments-in-the-maharashtra-"
    "shops-act",
)
TELANGANA = "order of 5 July 2025 under the Telangana Shops and Establishments Act 1988 s. 16: not for shops"
TELANGANA_2025 = (
    "https://www.indiatoday.in/india/telangana/story/telangana-allows-10-hour-workdays-in-commercial-units-"
    "with-48-hour-weekly-cap-2751402-2025-07-05"
)
UNDATED = "Act of 1954; the page bears no date"
DELHI_HOURS, DELHI_DAY = (
    "https://www.slci.in/delhi-working-hours/",
    "https://labour.delhi.gov.in/content/shops-and-establishments-inspectorate-1492004",
)
HRFLEEK = "https://hrfleek.com/minimum-conditions-of-employment-under-the-employment-laws-and-wages-orders/"
KENYA_ORDER = "Regulation of Wages (General) Order, Legal Notice 120 of 1982, s. 5(1)"
KOREA = "Labor Standards Act, last amended by Act 20520 of 22 October 2024"
KLABOR = "https://k-labor.co.kr/main/klabor_"
KOREA_HOURS = f"{KLABOR}01_view.html?pgubun=1&lang=en&find=&code1=3&chapter_idx=18"
EASYLAW = (
    "https://m.easylaw.go.kr/MOM/SubCsmOvRetrieve.laf?langCd=700101&csmSeq=1582&ccfNo=1&cciNo=1&cnpClsNo=1"
)
PRESETS: Mapping[str, tuple[Value, ...]] = {
    "ES": (
        Value("rest_hours", 12, "Estatuto de los Trabajadores art. 34.3", ESTATUTO, f"{ARTICULO}34/", "text"),
        Value(
            "days_off_together", 2,
            "Estatuto de los Trabajadores art. 37.1: a day and a half, here whole days", ESTATUTO,
            f"{ARTICULO}37", "text",
        ),
        Value(
            HOURS, 40, "Estatuto de los Trabajadores art. 34.1, the year's average", ESTATUTO,
            f"{ARTICULO}34/", "text",
        ),
        Value(
            DAY, 9, "Estatuto de los Trabajadores art. 34.3, unless a collective agreement says otherwise",
            ESTATUTO, f"{ARTICULO}34/", "text",
        ),
    ),
    "ET": (
        Value(HOURS, 48, "Labour Proclamation 1156/2019 art. 61(2)", "2019", PROCLAMATION, "text"),
        Value(
            DAY, 10, "Labour Proclamation 1156/2019 art. 61(2), 63: 8, up to 10 where other days are shorter",
            "2019", PROCLAMATION, "text",
        ),
    ),
    "IN-DL": (
        Value(
            "days_week", 6, "notification F.19(37)/CIS/2004/164, entry 249(iv): all shops open on seven days",
            "14 September 2004", DELHI_DAY, "text",
        ),
        Value(
            HOURS, 48, "Delhi Shops and Establishments Act 1954 s. 8", UNDATED, DELHI_HOURS, "report"
        ),
        Value(DAY, 9, "Delhi Shops and Establishments Act 1954 s. 8", UNDATED, DELHI_HOURS, "report"),
        Value(
            OVERTIME, 6, "Delhi Shops and Establishments Act 1954 s. 8: and 150 h a year", UNDATED,
            DELHI_HOURS, "report",
        ),
    ),
    "IN-KA": (
        Value("days_week", 6, KARNATAKA, KARNATAKA_2024, TAXGURU, "report"),
        Value(HOURS, 48, KARNATAKA, KARNATAKA_2024, TAXGURU, "report"),
        Value(DAY, 10, f"{KARNATAKA}; 8, with overtime 10", KARNATAKA_2024, TAXGURU, "report"),
    ),
    "IN-MH": (
        Value(
            "days_week", 6, "Maharashtra Shops and Establishments Act 2017", "20 December 2017",
            "https://www.ndtv.com/mumbai-news/shops-and-hotels-in-maharashtra-can-remain-open-24-7-1790280",
            "report",
        ),
        Value(HOURS, 48, MAHARASHTRA, MAHARASHTRA_2025, ORDINANCE, "report"),
        Value(DAY, 10, f"{MAHARASHTRA}, rest counted", MAHARASHTRA_2025, ORDINANCE, "report"),
    ),
    "IN-TS": (
        Value(
            "days_week", 6, "guidelines under the Telangana Shops and Establishments Act 1988 s. 7",
            "8 April 2023",
            "https://telanganatoday.com/telangana-shops-commercial-establishments-can-now-be-open-24-7",
            "report",
        ),
        Value(HOURS, 48, TELANGANA, "5 July 2025", TELANGANA_2025, "report"),
        Value(DAY, 10, TELANGANA, "5 July 2025", TELANGANA_2025, "report"),
    ),
    "IN-TN": (
        Value("days_week", 6, TAMIL_NADU, TAMIL_NADU_2025, MONDAQ, "text"),
        Value(HOURS, 48, TAMIL_NADU, TAMIL_NADU_2025, MONDAQ, "text"),
        Value(OVERTIME, 9, f"{TAMIL_NADU}; 57 h with overtime", TAMIL_NADU_2025, MONDAQ, "text"),
        Value(DAY, 10.5, f"{TAMIL_NADU}; 8, with overtime 10.5", TAMIL_NADU_2025, MONDAQ, "text"),
    ),
    "KE": (
        Value(
            "days_in_row", 6, "Employment Act 2007 s. 27(2)", "Act 11 of 2007",
            "https://standardmedia.co.ke/amp/commentary/article/2000004100/act-provides-for-one-rest-day-in-"
            "every-seven",
            "text",
        ),
        Value("days_week", 6, KENYA_ORDER, "as at 31 December 2022", HRFLEEK, "report"),
        Value(HOURS, 52, f"{KENYA_ORDER}; at night 60", "as at 31 December 2022", HRFLEEK, "report"),
    ),
    "KR": (
        Value(
            "days_week", 6, "Labor Standards Act art. 55(1), an average", KOREA,
            f"{KLABOR}02_view.html?pgubun=2&lang=en&find=&chapter_idx=261&items_idx=5791", "text",
        ),
        Value(HOURS, 40, "Labor Standards Act art. 50(1)", KOREA, KOREA_HOURS, "text"),
        Value(DAY, 8, "Labor Standards Act art. 50(2)", KOREA, KOREA_HOURS, "text"),
        Value(OVERTIME, 12, "Labor Standards Act art. 53(1), where both agree", KOREA, EASYLAW, "report"),
    ),
    "US-CA": (
        Value(
            "days_week", 6,
            "California Labor Code s. 551, 552: of each workweek (Mendoza v. Nordstrom, 2 Cal.5th 1074)",
            "enacted 1937, read by the court on 8 May 2017", "https://librs.net/lread_167352_p69", "text",
        ),
    ),
    "US-IL": (
        Value(
            "days_in_row", 6, "One Day Rest In Seven Act, 820 ILCS 140/2(a): above 20 h a week",
            "as amended by P.A. 102-828, from 1 January 2023",
            "http://ilga.gov/legislation/ilcs/fulltext.asp?DocName=082001400K2", "text",
        ),
    ),
    "US-NY": (
        Value(
            "days_week", 6,
            "New York Labor Law s. 161(1): factories, mercantile establishments, hotels, restaurants",
            "as printed by the State's Department of Labor, 2014",
            "https://www.yumpu.com/en/document/view/24854441/overview-of-new-york-states-labor-laws/17",
            "text",
        ),
    ),
    "US-OR": (
        Value(
            "rest_hours", 10,
            "Oregon Administrative Rules 839-026-0040 (ORS 653.442), unless the employee consents: large "
            "retail, hospitality and food services",
            "1 March 2024",
            "https://regulations.justia.com/states/oregon/chapter-839/division-26/section-839-026-0040/",
            "text",
        ),
    ),
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
        if value.rule in (HOURS, DAY, OVERTIME) or not _beyond(usual, value):
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


def notes(
    preset: str | None, rules: Mapping[str, Rules], agents: pd.DataFrame, teams: Iterable[Team] = ()
) -> list[str]:
    """What a preset holds, and where the plan goes beyond it.

    Parameters
    ----------
    preset : str or None
        A key of `PRESETS`.
    rules : dict
        Contract -> Rules.
    agents : pandas.DataFrame
        AGENTS.
    teams : iterable of Team
        Whose longest shifts are held against the hours of a day.

    Returns
    -------
    list of str
        Sentences for the notes of a plan.

    Examples
    --------
    >>> people = pd.DataFrame({"agent": ["007"], "contract": ["full"], "hours_week": [54.0]})
    >>> for line in notes("US-IL", {"full": Rules(days_in_row=Limit(max=7))}, people):
    ...     print(line)
    Preset US-IL (Illinois, United States), read on 2026-11-23, starting values and no legal advice: \
days_in_row 6 (One Day Rest In Seven Act, 820 ILCS 140/2(a): above 20 h a week).
    The rules of full go beyond preset US-IL: days_in_row 6 (One Day Rest In Seven Act, 820 ILCS 140/2(a): \
above 20 h a week).
    """
    if preset is None:
        return []
    values = PRESETS[preset]
    said = "; ".join(_told(value) for value in values)
    where = f"Preset {preset} ({PLACES[preset].name}), read on {READ}"
    lines = [f"{where}, starting values and no legal advice: {said}."]
    for contract, own in sorted(rules.items()):
        beyond = [_told(value) for value in values if value.rule not in (HOURS, DAY) and _beyond(own, value)]
        if beyond:
            lines.append(f"The rules of {contract} go beyond preset {preset}: {'; '.join(beyond)}.")
    for value in values:
        count = int((agents["hours_week"] > value.value).sum()) if value.rule == HOURS else 0
        if count:
            who = f"{count} agent{'s' if count > 1 else ''}"
            lines.append(
                f"The hours of {who} go beyond preset {preset}: {value.value:g} a week ({value.law})."
            )
        for team in teams if value.rule == DAY else ():
            paid = _longest(team)
            if paid > value.value:
                what = f"Shifts of team {team.name} may have {paid:g} paid hours, beyond preset {preset}"
                lines.append(f"{what}: {value.value:g} a day ({value.law}).")
    return lines


def _longest(team: Team) -> float:
    """Paid hours of the longest shift that a team's design may choose. [h]"""
    return team.hours[1] - sum(pause.minutes for pause in team.breaks if not pause.paid) / 60.0


def _told(value: Value) -> str:
    reported = "" if value.basis == "text" else ", as reported"
    return f"{value.rule} {value.value:g} ({value.law}{reported})"


def remarks(preset: str) -> list[str]:
    """A preset with its sources, as remarks of a plan file.

    Parameters
    ----------
    preset : str
        A key of `PRESETS`.

    Returns
    -------
    list of str
        Lines that begin with #.

    Examples
    --------
    >>> for line in remarks("US-CA")[:2]:
    ...     print(line)
    # Working-time law of California, United States: starting values, read on 2026-11-23. This is no legal
    # advice: laws change, and exceptions, collective agreements and small print are left out.
    """
    lines = [
        f"# Working-time law of {PLACES[preset].name}: starting values, read on {READ}. This is no legal",
        "# advice: laws change, and exceptions, collective agreements and small print are left out.",
    ]
    for value in PRESETS[preset]:
        read = "the wording" if value.basis == "text" else "as reported, not the wording itself"
        lines += [
            f"#   {value.rule} {value.value:g}: {value.law}",
            f"#     version: {value.version}; read: {read}, {value.source}",
        ]
    return lines
