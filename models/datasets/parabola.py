"""A parabola with noise: the simplest curve that no straight line follows."""

from functools import cache

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset, noisy_curve

WORDS = "a parabola on [-1, 1], noise 0.1"


@cache
def load(points: int = 60) -> Dataset:
    """Return a sample that is always the same."""
    return sample(np.random.default_rng(7), points)


def curve(x: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Return the values without noise, of the shape of ``x``."""
    return np.asarray(x**2)


def sample(generator: np.random.Generator, points: int) -> Dataset:
    """Draw points, as `noisy_curve.sample` says."""
    return noisy_curve.sample(curve, generator, points)
