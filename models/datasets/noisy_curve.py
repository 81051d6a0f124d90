"""A curve with noise: what the data sets for learning values, and no classes, have in common."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset

NOISE = 0.1  # standard deviation of what is added to each value
Curve = Callable[[npt.NDArray[np.floating]], npt.NDArray[np.floating]]


def sample(curve: Curve, generator: np.random.Generator, points: int) -> Dataset:
    """Draw points uniformly from -1 to 1 with their values; all are of one class, since values are what is learned.

    ``curve`` takes x of shape (points, 1) and returns the values without noise, of the same shape.
    """
    x = generator.uniform(-1, 1, (points, 1))
    targets = curve(x) + NOISE * generator.standard_normal((points, 1))
    return Dataset(
        x=x.astype(np.float32),
        targets=targets.astype(np.float32),
        labels=np.zeros(points, np.intp),
        feature_names=("x",),
        class_names=("y",),
    )
