"""Plan against actual, and models against what really was: which of them to trust."""

from staffing.review.comparison import accuracy, compare
from staffing.review.presence import presence
from staffing.review.trusting import Trust, trust

__all__ = ["Trust", "accuracy", "compare", "presence", "trust"]
