"""What if: why somebody works on a day, and what each rule costs, by planning again without it."""

from __future__ import annotations

from staffing.whatif.beside import cost_lines, service_lines
from staffing.whatif.reason import Why, why
from staffing.whatif.rules import rule_prices
from staffing.whatif.words import price_lines, why_lines

__all__ = ["Why", "cost_lines", "price_lines", "rule_prices", "service_lines", "why", "why_lines"]
