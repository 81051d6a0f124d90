"""Two half circles that reach into one another: no straight line parts them, and a bent one does nearly."""

from functools import cache

import numpy as np

from models.datasets import Dataset

NOISE = 0.2  # standard deviation of what moves each point off its line


@cache
def load(points: int = 200) -> Dataset:
    """Return a sample that is always the same."""
    return sample(np.random.default_rng(7), points)


def sample(generator: np.random.Generator, points: int) -> Dataset:
    """Draw points in random order, as many of one class as of the other or one more."""
    from sklearn.datasets import make_moons  # noqa: PLC0415 - it takes a second, and listing experiments needs none

    x, labels = make_moons(points, noise=NOISE, random_state=int(generator.integers(2**31)))
    return Dataset(
        x=x.astype(np.float32),
        targets=labels[:, None].astype(np.float32),
        labels=labels.astype(np.intp),
        feature_names=("x₁", "x₂"),
        class_names=("upper", "lower"),
    )
