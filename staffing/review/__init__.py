"""Plan against actual: what was forecast, needed and staffed, beside what really came."""

from staffing.review.comparison import accuracy, compare

__all__ = ["accuracy", "compare"]
