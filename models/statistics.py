"""Shares with their intervals, and medians that survive networks that diverged."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

CONFIDENCE = 0.95


@lru_cache(4096)  # SciPy takes a millisecond, a run asks for dozens, and of 64 networks there are only 65 counts
def wilson(count: int, of: int) -> tuple[float, float]:
    """Return the Wilson interval (95 %) of the share ``count`` of ``of``, as SciPy computes it.

    Raises:
        ValueError: ``of`` is 0, or ``count`` is not from 0 to ``of``.
    """
    if of < 1:
        raise ValueError("a share of nothing has no interval")
    from scipy.stats import binomtest  # noqa: PLC0415 - takes more than a second, and only runs ask for intervals

    interval = binomtest(count, of).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def median(values: npt.NDArray[np.floating] | npt.NDArray[np.integer]) -> float | None:
    """Return the median of the finite values, or None where there is none."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else None
