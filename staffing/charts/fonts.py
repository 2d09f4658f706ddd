"""Names in every script: which fonts draw them here, and what to install where none does.

Matplotlib draws a box and warns, hundreds of times, for each letter without a glyph; and its cached list of
fonts does not know those installed later. So the fonts are chosen by the letters that are really there.
"""

from __future__ import annotations

import contextlib
import functools
import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

BASE = "DejaVu Sans"  # inside Matplotlib's wheel: Latin, Greek, Cyrillic, Hebrew, Arabic
BOX = "□"

_CJK = ("Noto Sans CJK KR", "Noto Sans CJK SC", "Noto Sans CJK JP")
# Tried in this order; "Noto Sans <Script>" comes last for every script, named here or not.
FAMILIES = {
    "HANGUL": (*_CJK, "NanumGothic", "Malgun Gothic", "Apple SD Gothic Neo"),
    "CJK": (*_CJK, "Microsoft YaHei", "PingFang SC", "Malgun Gothic"),
    "HIRAGANA": (*_CJK, "Yu Gothic", "Hiragino Sans"),
    "KATAKANA": (*_CJK, "Yu Gothic", "Hiragino Sans"),
    "ETHIOPIC": ("Noto Sans Ethiopic", "Abyssinica SIL", "Nyala", "Ebrima", "Kefa"),
    "KANNADA": ("Noto Sans Kannada", "Lohit Kannada", "Nirmala UI", "Kannada Sangam MN"),
    "SYMBOLS": ("Noto Sans Symbols", "Noto Sans Symbols2", "Segoe UI Symbol", "Apple Symbols"),
}
LANGUAGES = {
    "ETHIOPIC": "Amharic",
    "HANGUL": "Korean",
    "CJK": "Chinese",
    "HIRAGANA": "Japanese",
    "SYMBOLS": "some symbols",
}
_FILES = dict.fromkeys(_CJK, "NotoSansCJK")  # the other families' files bear the family's name


def drawable(text: object) -> str:
    """A text as it can be drawn here: one line, no control signs, a box for each letter without a font.

    Parameters
    ----------
    text : object
        Anything; names come in every script and may be hostile.

    Returns
    -------
    str
        To be drawn with ``parse_math=False``, since a name may hold dollar signs.

    Examples
    --------
    >>> drawable("Neema\\tMwakyusa\\n")
    'Neema Mwakyusa'
    """
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in str(text))
    plain = unicodedata.normalize("NFC", plain)
    # Of the invisible format signs only the joiners shape letters; overrides of direction turn lines round.
    joined = "".join(s for s in plain if unicodedata.category(s) != "Cf" or s in "\u200c\u200d")
    missing = _missing(joined)
    return " ".join("".join(BOX if sign in missing else sign for sign in joined).split())


def families(texts: Iterable[str]) -> list[str]:
    """The fonts that texts need, in the order in which they are to be tried.

    Parameters
    ----------
    texts : iterable of str
        Everything that one picture will show.

    Returns
    -------
    list of str
        Family names that exist here; the font that Matplotlib brings is the first.

    Examples
    --------
    >>> families(["Neema Mwakyusa", "Zoë"])
    ['DejaVu Sans']
    """
    found = [BASE]
    for script, signs in sorted(_beyond_base("".join(texts)).items()):
        for name in _candidates(script):
            drawn = {sign for sign in signs if _draws(name, sign)}
            signs = signs - drawn
            if drawn and name not in found:
                found.append(name)
    return found


def missing_scripts(texts: Iterable[str]) -> list[str]:
    """What a planner must install so that every name can be read in the pictures.

    Parameters
    ----------
    texts : iterable of str
        Names of people, queues and teams.

    Returns
    -------
    list of str
        One sentence for each package of fonts; empty where nothing is missing.

    Examples
    --------
    >>> missing_scripts(["Neema Mwakyusa"])
    []
    """
    wanted: dict[str, set[str]] = {}
    for script in _by_script(_missing("".join(texts))):
        package = "fonts-noto-cjk" if FAMILIES.get(script, ())[:3] == _CJK else "fonts-noto-core"
        wanted.setdefault(package, set()).add(_language(script))
    return [
        f"no font on this machine draws {' and '.join(sorted(languages))}, so the pictures show {BOX}: "
        f"install {package} (Debian, Ubuntu) or another font that has it, and run again"
        for package, languages in sorted(wanted.items())
    ]


def _language(script: str) -> str:
    return LANGUAGES.get(script, script.title())


def _candidates(script: str) -> list[str]:
    return list(dict.fromkeys([*FAMILIES.get(script, ()), f"Noto Sans {script.title()}"]))


def _missing(text: str) -> set[str]:
    """Signs of a text that no font here can draw."""
    return {
        sign
        for script, signs in _beyond_base(text).items()
        for sign in signs
        if not any(_draws(name, sign) for name in _candidates(script))
    }


def _beyond_base(text: str) -> dict[str, set[str]]:
    """Signs that Matplotlib's own font does not hold, by script."""
    return _by_script(s for s in set(text) if not s.isspace() and not s.isascii() and not _draws(BASE, s))


def _by_script(signs: Iterable[str]) -> dict[str, set[str]]:
    """Signs by script, as the first word of their Unicode names; what is no letter is a symbol."""
    scripts: dict[str, set[str]] = {}
    for sign in signs:
        if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp"):
            continue
        letter = unicodedata.category(sign)[0] in "LM"
        script = unicodedata.name(sign, "SYMBOLS").split()[0] if letter else "SYMBOLS"
        scripts.setdefault(script, set()).add(sign)
    return scripts


@functools.cache
def _draws(family: str, sign: str) -> bool:
    face = _face(family)
    return face is not None and face.get_char_index(ord(sign)) != 0


@functools.cache
def _face(family: str) -> FT2Font | None:
    """The regular face of a family, also where it was installed after Matplotlib made its list of fonts."""
    entry = _listed(family)
    if entry is None:
        _add_from_system(family)
        entry = _listed(family)
    if entry is None:
        return None
    try:
        return FT2Font(entry.fname, face_index=entry.index)
    except (OSError, RuntimeError):  # listed, and broken
        return None


def _listed(family: str) -> font_manager.FontEntry | None:
    entries = [
        entry
        for entry in font_manager.fontManager.ttflist
        if entry.name == family and os.path.exists(entry.fname)
    ]
    return min(entries, key=lambda entry: (entry.style != "normal", entry.weight != 400), default=None)


def _add_from_system(family: str) -> None:
    """Tell Matplotlib of the family's regular files, and of no others: reading all fonts takes seconds."""
    wanted = _FILES.get(family, family).replace(" ", "").lower()
    for path in sorted(font_manager.findSystemFonts()):
        stem, _, style = Path(path).stem.rpartition("-")
        whole = Path(path).stem.replace("-", "").replace(" ", "").lower()
        if whole == wanted or (stem.replace("-", "").lower() == wanted and style.lower() == "regular"):
            with contextlib.suppress(OSError, RuntimeError):
                font_manager.fontManager.addfont(path)
