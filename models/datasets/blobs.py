"""Four clouds of points in the plane, one class each: the multiclass lab of the course."""

from functools import cache

import numpy as np

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
