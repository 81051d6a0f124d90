"""Points of a square whose two classes meet along a sine wave, without noise: what is right can be known everywhere."""

from functools import cache

import numpy as np

from models.datasets import Dataset

WORDS = "a square cut in two by a sine wave"
SIDE = 2.0  # the square goes from -SIDE to SIDE in both features


@cache
def load(points: int = 100) -> Dataset:
    """Return a sample that is always the same."""
    return sample(np.random.default_rng(7), points)


def sample(generator: np.random.Generator, points: int) -> Dataset:
    """Draw points evenly from the square; those above x₂ = sin(3 x₁) are one class."""
    x = generator.uniform(-SIDE, SIDE, (points, 2)).astype(np.float32)
    labels = (x[:, 1] > np.sin(3 * x[:, 0])).astype(np.intp)
    return Dataset(
        x=x,
        targets=labels[:, None].astype(np.float32),
        labels=labels,
        feature_names=("x₁", "x₂"),
        class_names=("below", "above"),
    )
