"""Read interval reports and call logs as they really are, and say what was inferred and mended.

What cannot be decided safely is refused with file, line, column and remedy; nothing is guessed in silence.
"""

from staffing.history.report import ALIASES, read
from staffing.history.sums import from_calls, resample

__all__ = ["ALIASES", "from_calls", "read", "resample"]
