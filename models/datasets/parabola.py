"""A parabola with noise: the simplest curve that no straight line follows."""

from functools import cache

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset

WORDS = "a parabola on [-1, 1], noise 0.1"
NOISE = 0.1  # standard deviation of what is added to each value


@cache
def load(points: int = 60) -> Dataset:
    """Return a sample that is always the same."""
    return sample(np.random.default_rng(7), points)


def curve(x: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Return the values without noise, of the shape of ``x``."""
    return np.asarray(x**2)


def sample(generator: np.random.Generator, points: int) -> Dataset:
    """Draw points uniformly from -1 to 1 with their values; all are of one class, since values are what is learned."""
    x = generator.uniform(-1, 1, (points, 1))
    targets = curve(x) + NOISE * generator.standard_normal((points, 1))
    return Dataset(
        x=x.astype(np.float32),
        targets=targets.astype(np.float32),
        labels=np.zeros(points, np.intp),
        feature_names=("x",),
        class_names=("y",),
    )
