"""Four clouds of points in the plane, one class each: the multiclass lab of the course."""

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset

CENTERS = ((-5.0, 2.0), (-2.0, -2.0), (1.0, 2.0), (5.0, -2.0))


@cache
def load() -> Dataset:
    """Return the lab's 100 points, in the four classes 0 to 3."""
    from sklearn.datasets import make_blobs  # noqa: PLC0415 - it takes a second, and listing experiments needs none

    x, labels = make_blobs(n_samples=100, centers=CENTERS, cluster_std=1.0, random_state=30)
    return Dataset(
        x=x.astype(np.float32),
        targets=np.eye(len(CENTERS), dtype=np.float32)[labels],
        labels=labels.astype(np.intp),
        feature_names=("x₁", "x₂"),
        class_names=tuple(f"blob {number}" for number in range(len(CENTERS))),
    )


@cache
def without(blob: int) -> Dataset:
    """Return the 75 points of the three other blobs, in the classes 0 to 2."""
    every = load()
    kept = every.labels != blob
    labels = every.labels[kept] - (every.labels[kept] > blob)
    names = tuple(name for number, name in enumerate(every.class_names) if number != blob)
    targets = np.eye(len(names), dtype=np.float32)[labels]
    return replace(every, x=every.x[kept], targets=targets, labels=labels, class_names=names)


def of(blob: int) -> npt.NDArray[np.float32]:
    """Return the points (points, features) of one blob."""
    every = load()
    return np.asarray(every.x[every.labels == blob])
