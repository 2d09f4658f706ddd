r"""The shape of a day: which share of its contacts comes when, and how far a day strays from that.

Shares by weekday are pooled towards the shape of all days by empirical Bayes; what is left is a random field
on the square-root scale, where counts have an even variance,

.. math:: E_{t,s} = \sqrt{Y_{t,s} + 1/4} - \sqrt{T_t\,p_{w(t),s} + 1/4} .

Arrays in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

_HALF_LIFE = 56.0  # days, of a day's weight in the shape
_LEVERAGE = 0.6
_CLIP = 4.0
_SETTLED = 30  # whole days from which past days themselves are drawn


@dataclass(frozen=True)
class Shape:
    """Shares of the day's contacts by weekday.

    Parameters
    ----------
    share : numpy.ndarray
        (7, slots): each weekday's row adds up to one over its open slots, zero elsewhere. [0-1]
    leverage : numpy.ndarray
        How much each day's own counts weigh in its own shape. [0-1]
    """

    share: Array
    leverage: Array


@dataclass(frozen=True)
class Field:
    """How days stray from their shape.

    Parameters
    ----------
    days : numpy.ndarray
        (days, slots): residuals of past days on the square-root scale; zero where nothing was seen.
    seen : numpy.ndarray of bool
        Where they were seen.
    weight : numpy.ndarray
        Of each day.
    root : numpy.ndarray
        (slots, slots): times its transpose it is the covariance, blended with one of neighbours in time.
    """

    days: Array
    seen: Array
    weight: Array
    root: Array


def complete(counts: Array, weekday: Array, is_open: Array) -> tuple[Array, Array, Array]:
    """Totals of days of which some slots are missing.

    Parameters
    ----------
    counts : numpy.ndarray
        (days, slots), NaN where missing.
    weekday : numpy.ndarray
        0-6 of each day.
    is_open : numpy.ndarray of bool
        (7, slots): open slots by weekday.

    Returns
    -------
    filled : numpy.ndarray
        Counts with the missing open slots at their usual share, zero where closed.
    total : numpy.ndarray
        Of each day.
    known : numpy.ndarray
        Share of the day's usual contacts that was seen. [0-1]
    """
    mask = is_open[weekday]
    seen = mask & np.isfinite(counts)
    plain = np.where(seen, counts, 0.0)
    if seen.sum() == mask.sum():
        total = plain.sum(axis=1)
        return plain, total, np.ones(len(counts))
    usual = np.maximum(plain.sum(axis=0), 1e-9) / np.maximum(seen.sum(axis=0), 1)
    share = np.where(mask, usual, 0.0)
    share /= share.sum(axis=1, keepdims=True)
    known = np.where(seen, share, 0.0).sum(axis=1)
    total = plain.sum(axis=1) / np.maximum(known, 1e-9)
    return np.where(seen, plain, total[:, None] * share), total, known


def shape(counts: Array, weekday: Array, is_open: Array, weight: Array) -> Shape:
    """Weekday shares, pooled by empirical Bayes.

    Parameters
    ----------
    counts : numpy.ndarray
        (days, slots), whole: see `complete`.
    weekday : numpy.ndarray
        0-6 of each day.
    is_open : numpy.ndarray of bool
        (7, slots).
    weight : numpy.ndarray
        Of each day.

    Returns
    -------
    Shape
        A weekday never seen gets the shape of all days over its own open slots.

    Examples
    --------
    >>> week = shape(np.array([[1.0, 3.0]]), np.array([0]), np.ones((7, 2), dtype=bool), np.ones(1))
    >>> week.share[6].tolist()
    [0.25, 0.75]
    """
    total = counts.sum(axis=1)
    member = (np.arange(7)[:, None] == weekday) * weight
    heaped = member @ counts
    mass = heaped.sum(axis=1)
    slots = counts.shape[1]
    # Each slot's share is judged on the weekdays open in it.
    whole = np.maximum(heaped.sum(axis=0), 0.0) / np.maximum((mass[:, None] * is_open).sum(axis=0), 1e-300)
    if whole.sum() <= 0:
        whole = np.ones(slots)
    pooled = np.where(is_open, whole, 0.0)
    heights = pooled.sum(axis=1, keepdims=True)
    pooled = np.divide(
        pooled, heights, out=is_open / np.maximum(is_open.sum(axis=1, keepdims=True), 1), where=heights > 0
    )
    usual = float((weight @ total) / max(float(weight.sum()), 1e-300))
    prior = _pseudo_days(counts, total, weekday, weight, member, pooled) * usual
    bottom = mass + prior
    share = np.divide(heaped + prior * pooled, bottom[:, None], out=pooled.copy(), where=bottom[:, None] > 0)
    share = np.where(is_open, share, 0.0)
    leverage = np.divide(weight * total, bottom[weekday], out=np.zeros(len(total)), where=bottom[weekday] > 0)
    return Shape(share, np.minimum(leverage, _LEVERAGE))


def _pseudo_days(
    counts: Array, total: Array, weekday: Array, weight: Array, member: Array, pooled: Array
) -> float:
    """How many days of its own a weekday needs to outweigh the shape of all days."""
    live = total > 0
    sums = member.sum(axis=1)
    sizes = np.bincount(weekday[live], minlength=7)
    if live.sum() < 3 or (sizes > 0).sum() < 2 or sizes.max() < 2:
        return 1.0
    away = np.where(live[:, None], counts / np.where(live, total, 1.0)[:, None], 0.0) - pooled[weekday]
    away[~live] = 0.0
    mean = np.divide(member @ away, sums[:, None], out=np.zeros_like(pooled), where=sums[:, None] > 0)
    left = away - mean[weekday]
    repeated = live & (sizes[weekday] > 1)
    grow = np.where(repeated, sizes[weekday] / np.maximum(sizes[weekday] - 1, 1), 0.0)
    within = float((weight * grow) @ (left**2).sum(axis=1) / max(float(weight[repeated].sum()), 1e-300))
    known = sizes > 0
    spread = float((mean[known] ** 2).sum() / max(int(known.sum()) - 1, 1))
    heads = (member[known] ** 2).sum(axis=1) / np.maximum(sums[known], 1e-300) ** 2
    between = spread - within * float(heads.mean())
    between = max(between, within / 60.0)
    return within / between if between > 0 else 1.0


def restlessness(counts: Array) -> float:
    """How far intervals stray from their share of the day beyond the chance of counts, as a fraction.

    Parameters
    ----------
    counts : numpy.ndarray
        (days, slots), NaN where missing or closed.

    Returns
    -------
    float
        Standard deviation over mean, from the Pearson residuals of each day about the shape of all; zero
        where a single day or slot cannot tell.

    Examples
    --------
    >>> restlessness(np.full((5, 20), 100.0))
    0.0
    """
    seen = np.isfinite(counts)
    plain = np.where(seen, counts, 0.0)
    usual = plain.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    expected = np.where(seen, usual, 0.0)
    heights = expected.sum(axis=1, keepdims=True)
    expected *= np.divide(
        plain.sum(axis=1, keepdims=True), heights, out=np.zeros_like(heights), where=heights > 0
    )
    free = int(seen.sum()) - int(seen.any(axis=1).sum()) - int(seen.any(axis=0).sum()) + 1
    used = expected > 0
    if free < 1 or not used.any():
        return 0.0
    pearson = float(((plain - expected)[used] ** 2 / expected[used]).sum()) / free
    return float(np.sqrt(max(pearson - 1.0, 0.0) / expected[used].mean()))


def recency(age: Array) -> Array:
    """Weight of a day in the shape by its age. [d]"""
    return 2.0 ** (-age / _HALF_LIFE)


def residuals(counts: Array, total: Array, weekday: Array, share: Array) -> Array:
    """How each day strays from its shape, given its total, on the square-root scale."""
    return np.sqrt(counts + 0.25) - np.sqrt(total[:, None] * share[weekday] + 0.25)


def field(counts: Array, seen: Array, weekday: Array, own: Shape, weight: Array) -> Field:
    """The random field of a day around its shape.

    Parameters
    ----------
    counts : numpy.ndarray
        (days, slots), whole.
    seen : numpy.ndarray of bool
        Where they were seen and the queue was open.
    weekday, weight : numpy.ndarray
        Of each day.
    own : Shape
        Fitted on the same days.

    Returns
    -------
    Field
        Residuals without the pull of a day on its own shape, clipped at four robust sds.
    """
    left = residuals(counts, counts.sum(axis=1), weekday, own.share) / (1.0 - own.leverage)[:, None]
    left = np.where(seen, left, 0.0)
    robust = 1.4826 * float(np.median(np.abs(left[seen]))) if seen.any() else 0.0
    limit = _CLIP * max(robust, 0.25)
    left = np.clip(left, -limit, limit)
    heavy = seen * np.sqrt(weight)[:, None]
    pairs = heavy.T @ heavy
    rough = (left * np.sqrt(weight)[:, None]).T @ (left * np.sqrt(weight)[:, None]) / np.maximum(pairs, 1e-9)
    rough[np.diag_indices_from(rough)] = np.maximum(np.diag(rough), 0.05)
    days, slots = left.shape
    scale = np.sqrt(np.diag(rough))
    beside = float(np.mean(np.diag(rough, 1) / (scale[1:] * scale[:-1]))) if slots > 1 else 0.0
    lag = np.abs(np.arange(slots)[:, None] - np.arange(slots))
    smooth = np.clip(beside, 0.0, 0.95) ** lag * np.outer(scale, scale)
    sampled = 0.9 * rough + 0.1 * np.diag(np.diag(rough))
    part = days / (days + 20.0)
    values, vectors = np.linalg.eigh(part * sampled + (1.0 - part) * smooth)
    return Field(left, seen, weight, vectors * np.sqrt(np.maximum(values, 0.0)))


def draw(own: Field, open_slots: Array, count: int, rng: np.random.Generator) -> Array:
    """Possible strayings of one day.

    Parameters
    ----------
    own : Field
        As fitted.
    open_slots : numpy.ndarray of bool
        (slots,): where the day is open.
    count : int
        How many.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    numpy.ndarray
        (count, slots); zero where closed. From thirty like days on these are mostly whole past days, with
        a random sign, so that bursts stay bursts.
    """
    # In pieces: a product large enough for the BLAS to start threads takes ten times as long.
    pieces = np.array_split(
        rng.standard_normal((count, len(own.root))), 1 + count * len(own.root) ** 2 // 200_000
    )
    smooth = np.concatenate([piece @ own.root.T for piece in pieces])
    like = own.seen[:, open_slots].all(axis=1)
    if like.sum() < _SETTLED:
        return smooth * open_slots
    chance = own.weight * like
    picked = rng.choice(len(chance), size=count, p=chance / chance.sum())
    sign = rng.choice((-1.0, 1.0), size=count)
    return (np.sqrt(0.9) * sign[:, None] * own.days[picked] + np.sqrt(0.1) * smooth) * open_slots
