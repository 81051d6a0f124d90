"""Medians that survive networks that diverged."""

import numpy as np
import numpy.typing as npt


def median(values: npt.NDArray[np.floating] | npt.NDArray[np.integer]) -> float | None:
    """Return the median of the finite values, or None where there is none."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else None
