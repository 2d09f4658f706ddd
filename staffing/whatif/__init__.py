"""What if: why somebody works on a day, and what each rule costs, by planning again without it."""

from __future__ import annotations

from staffing.whatif.reason import Why, why
from staffing.whatif.rules import rule_prices
from staffing.whatif.words import price_lines, service_lines, why_lines

__all__ = ["Why", "price_lines", "rule_prices", "service_lines", "why", "why_lines"]
